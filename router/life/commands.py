"""What an action of a technician or an operator may do, and the words in which it is refused."""

import msgspec

from router.customer import contact_cards
from router.known import Facts
from router.life.allowed import HAPPENINGS, against
from router.policy import Policy
from router.sameness import splitting
from store.codec import decode_inbound
from store.records import Action, Decision, DeliveryReport, Inbound, Membership, Reason
from store.rows import ParkedItem

_LONGEST_WHY = 500  # Characters.
CONTACT = "contact"  # The kind of an action that says who a customer is.
REFUSED = "refused"  # The part of a reason whose result is what the caller is told.


class Acted(msgspec.Struct, frozen=True, kw_only=True):
    """What an action comes to."""

    decision: Decision
    released: Inbound | None = None  # The parked record that is let through by it.


def decider(action: Action) -> str:
    """Who decided about a kept item, and why if that was said, on one line."""
    why = " ".join(action.text.split())[:_LONGEST_WHY]
    return f"{action.actor}: {why}" if why else action.actor


def act(action: Action, facts: Facts, policy: Policy) -> Acted:
    """What this action does; where it does nothing, a reason says why."""
    if not action.actor:
        return _refused("no actor", "an action without an actor was sent, and somebody must answer for it")
    if action.kind in HAPPENINGS:
        return _work(action, facts, policy)
    if action.kind in ("accept", "refuse"):
        return _judge(action, facts)
    if action.kind == "split":
        return _done(action, splitting.refusal(action, facts), action.item)
    if action.kind == CONTACT:
        return _done(action, contact_cards.refusal(action, policy), "")
    known = action.kind in ("replay", "drop")  # The letters themselves say whether they can be.
    no = "" if known else f'there is no action called "{action.kind}": this version may be too old for it'
    return _done(action, no, action.item)


def refusal(decision: Decision) -> str:
    """What the caller is told; empty where the action was done."""
    return next((reason.result for reason in decision.because if reason.part == REFUSED), "")


def refused(decision: Decision, rule: str, words: str, told: str = "") -> Decision:
    """The decision as it is when something else refuses what was decided; `told` is what a mail about it names."""
    reason = Reason(part=REFUSED, result=words, rule=rule, evidence=told)
    return msgspec.structs.replace(decision, because=(*decision.because, reason))


def _work(action: Action, facts: Facts, policy: Policy) -> Acted:
    """On a ticket: what the ticket's state allows, and what the action itself says."""
    ticket = facts.tickets.get(action.ticket) if action.ticket is not None else None
    if ticket is None:
        return _refused("no-ticket", f"there is no ticket {action.ticket}: see `deskwire ticket list`")
    if no := against(action, ticket, facts, policy):
        return _refused(no.code, no.words, no.told)
    decision = Decision(
        outcome="acted",
        ticket=ticket.number,
        category=ticket.category,
        priority=ticket.priority,
        team=ticket.team,
        because=(_reason(action.kind, _said(action)),),
    )
    return Acted(decision=decision)


def _done(action: Action, no: str, evidence: str) -> Acted:
    """An action that is done unless something speaks against it."""
    if no:
        return _refused(action.kind, no)
    decision = Decision(outcome="acted", ticket=action.ticket, because=(_reason(action.kind, evidence),))
    return Acted(decision=decision)


def _said(action: Action) -> str:
    """What somebody said of what they did, which their words to the customer are not."""
    until = f"until {action.until:%Y-%m-%d %H:%M} UTC" if action.until is not None else ""
    words = "" if action.kind in ("answer", "note", "wait", "solve") else " ".join(action.text.split())
    said = " · ".join(filter(None, (action.value, action.why, until, words)))
    return said[:_LONGEST_WHY] or str(action.ticket)


def _judge(action: Action, facts: Facts) -> Acted:
    item = facts.parked.get(action.item)
    if item is None:
        return _refused("unknown item", f'nothing is parked under "{action.item}": see `deskwire parked list`')
    if item.state != "waiting":
        return _refused("decided", f"{item.id} was {item.state} already, by {item.decided_by}")
    decision = Decision(outcome="acted", because=(_reason(action.kind, item.reason),))
    if action.kind == "refuse":
        return Acted(decision=decision)
    released = released_record(item)
    if isinstance(released, DeliveryReport | Membership):
        return _refused("no message", f"{item.id} is a report, of which no ticket can be made: refuse it instead")
    return Acted(decision=decision, released=released)


def released_record(item: ParkedItem) -> Inbound:
    """The record that waits."""
    return decode_inbound(item.value)


def _reason(result: str, evidence: str) -> Reason:
    return Reason(part="action", result=result, rule="built in", evidence=evidence)


def _refused(rule: str, words: str, told: str = "") -> Acted:
    return Acted(decision=refused(Decision(outcome="acted"), rule, words, told))

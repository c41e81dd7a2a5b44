"""What an action of a technician or an operator may do, and the words in which it is refused."""

from collections.abc import Mapping

import msgspec

from router import lifecycle
from router.known import Facts
from router.lifecycle import Happening
from router.policy import Policy
from store.codec import decode_inbound
from store.records import MAX_TEXT, Action, Decision, DeliveryReport, Inbound, Membership, Reason
from store.rows import ParkedItem

# What may be done to a ticket, by the action's kind.
HAPPENINGS: Mapping[str, Happening] = {
    "answer": "answer",
    "note": "note",
    "claim": "claim",
    "wait": "wait",
    "solve": "solve",
    "change": "change",
}

_LONGEST_WHY = 500  # Characters.
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
    if action.kind in ("replay", "drop"):  # The letters themselves say whether they can be.
        return Acted(decision=Decision(outcome="acted", because=(_reason(action.kind, action.item),)))
    return _refused("unknown kind", f'there is no action called "{action.kind}": this version may be too old for it')


def refusal(decision: Decision) -> str:
    """What the caller is told; empty where the action was done."""
    return next((reason.result for reason in decision.because if reason.part == REFUSED), "")


def refused(decision: Decision, rule: str, words: str) -> Decision:
    """The decision as it is when something else refuses what was decided."""
    reason = Reason(part=REFUSED, result=words, rule=rule)
    return msgspec.structs.replace(decision, because=(*decision.because, reason))


def _work(action: Action, facts: Facts, policy: Policy) -> Acted:
    """On a ticket: what the ticket's state allows, and what the action itself says."""
    ticket = facts.tickets.get(action.ticket) if action.ticket is not None else None
    if ticket is None:
        return _refused("unknown ticket", f"there is no ticket {action.ticket}: see `deskwire ticket list`")
    if refused := _unfit(action, policy):
        return refused
    if no := lifecycle.refusal(ticket.number, ticket.state, HAPPENINGS[action.kind]):
        return _refused(no.code, no.words)
    if action.kind == "answer" and ticket.reply_path is None:
        return _refused("no way back", f"the customer of ticket {ticket.number} left no address to answer to")
    decision = Decision(
        outcome="acted",
        ticket=ticket.number,
        category=ticket.category,
        priority=ticket.priority,
        team=ticket.team,
        because=(_reason(action.kind, action.value or str(ticket.number)),),
    )
    return Acted(decision=decision)


def _unfit(action: Action, policy: Policy) -> Acted | None:
    """Why an action cannot be done to any ticket; None where it can."""
    if action.kind in ("answer", "note") and not action.text.strip():
        return _refused("empty text", f"the {action.kind} to ticket {action.ticket} has no text: write what to say")
    if len(action.text) > MAX_TEXT:
        return _refused("too long", f"the text has {len(action.text)} characters, and {MAX_TEXT} is the most: cut it")
    if action.kind != "change":
        return None
    what, _, value = action.value.partition(" ")
    choices = policy.choices.get(what, ())
    if value in choices:
        return None
    there = f"there are: {', '.join(choices)}" if choices else f"what can be changed: {', '.join(policy.choices)}"
    return _refused("unknown value", f'no {what} "{value}" is in the settings; {there}')


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


def _refused(rule: str, words: str) -> Acted:
    return Acted(decision=refused(Decision(outcome="acted"), rule, words))

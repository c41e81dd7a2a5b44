"""What a decision changes: the rows and events that follow from it."""

from collections.abc import Mapping

import msgspec

from router import arrivals, reports
from router.arrivals import CUSTOMER, DESKWIRE
from router.customer import contact_cards
from router.decide import PARKED, as_message
from router.draft import Draft, grown_by
from router.known import Changes, Facts, ticket_of
from router.life import actions
from router.life.allowed import HAPPENINGS
from router.life.commands import CONTACT, REFUSED, decider
from router.policy import Policy
from router.sameness import split
from router.technicians import staff_changes, staff_forward, staff_mail
from store.codec import encode
from store.errors import Permanent
from store.outgoing import Purpose
from store.records import Action, Decision, DeliveryReport, Edit, Inbound, Membership, Message, ReplyPath
from store.rows import ParkedItem, Settled, Ticket

_OF_MEMBERSHIP: Mapping[str, str] = {
    "blocked": "unreachable",
    "left": "unreachable",
    "unblocked": "reachable",
    "migrated": "moved",
}


def of_record(record: Inbound, decision: Decision, facts: Facts, policy: Policy, *, key: str) -> Changes:
    """What follows from the decision about a record; one that opens a ticket names its number."""
    plain = _plain(record, decision, facts)
    if decision.outcome == "parked":
        plain = msgspec.structs.replace(plain, parked=_parked(record, decision, facts, key))
    verdict = staff_mail.again(record, decision, facts, policy) if isinstance(record, Message) else None
    if verdict is not None and isinstance(record, Message):
        return staff_changes.of_mail(plain, record, verdict, decision, facts, policy=policy)
    if decision.outcome == "parked":
        return plain
    if decision.outcome == "greeted" and isinstance(record, Message):
        return msgspec.structs.replace(plain, greeting=record)
    if decision.outcome == "opened" and isinstance(record, Message | Edit):
        message = as_message(record, facts) if isinstance(record, Edit) else record
        return _opened(plain, message, decision, facts, policy)
    if decision.ticket is None or decision.outcome == "duplicate":
        return plain
    return _added(plain, record, decision, facts, policy)


def _opened(plain: Changes, message: Message, decision: Decision, facts: Facts, policy: Policy) -> Changes:
    """Of a technician's forward, a ticket of the customer whose mail it passes on."""
    theirs = staff_forward.as_customers(message, policy)
    opened = arrivals.opened(plain, theirs, decision, facts, policy)
    if theirs is message:
        return opened
    note = staff_forward.note_of(message, policy, decision.ticket or 0)
    return msgspec.structs.replace(opened, actions=note, messages=staff_forward.known_by(opened.messages, message))


def of_action(action: Action, decision: Decision, facts: Facts, policy: Policy) -> Changes:
    """What follows from the decision about an action."""
    plain = _plain(action, decision, facts)
    if plain.settled.detail:
        return plain
    if action.kind == "split":
        return split.split(plain, action, decision, facts, policy)
    ticket = facts.tickets.get(decision.ticket) if decision.ticket is not None else None
    if ticket is not None and action.kind in HAPPENINGS:
        done = grown_by(plain, actions.grown(Draft(ticket=ticket), action, decision, facts, policy))
        return actions.spread(done, ticket, (action,), facts)
    if action.kind == CONTACT:
        return msgspec.structs.replace(plain, card=contact_cards.kept(action, facts))
    item = facts.parked.get(action.item)
    if item is not None and action.kind in ("accept", "refuse"):
        state = "accepted" if action.kind == "accept" else "refused"
        decided = msgspec.structs.replace(item, state=state, decided_by=decider(action))
        return msgspec.structs.replace(plain, parked=decided)
    return plain


def _plain(record: Inbound | Action, decision: Decision, facts: Facts) -> Changes:
    """No more than the record's outcome."""
    earlier = facts.outcomes.get(record.id)
    return Changes(
        settled=_settled(record, decision, earlier),
        again=earlier is not None,
        letter=facts.replayed.get(record.id, ""),
    )


def _settled(record: Inbound | Action, decision: Decision, earlier: Settled | None) -> Settled:
    told = next((reason.result for reason in decision.because if reason.part in (PARKED, REFUSED)), "")
    if earlier is not None:
        return msgspec.structs.replace(earlier, outcome=decision.outcome, ticket=decision.ticket, detail=told)
    return Settled(
        id=record.id,
        raw="" if isinstance(record, Action) else record.raw,
        outcome=decision.outcome,
        ticket=decision.ticket,
        fingerprint="" if isinstance(record, Action) or decision.outcome == "duplicate" else record.fingerprint,
        detail=told,
    )


def _added(plain: Changes, record: Inbound, decision: Decision, facts: Facts, policy: Policy) -> Changes:
    ticket = ticket_of(decision, facts)
    match record:
        case Message():
            return arrivals.continued(plain, record, decision, facts, policy)
        case Edit():
            return grown_by(plain, _edited(Draft(ticket=ticket), record, decision, facts))
        case DeliveryReport():
            return _reported(plain, record, decision, facts, ticket)
        case Membership():
            return grown_by(plain, _moved(Draft(ticket=ticket), record, decision, facts))


def _edited(draft: Draft, edit: Edit, decision: Decision, facts: Facts) -> Draft:
    """The first words stay as they are in their message; the event has the new ones."""
    return draft.with_event("edited", cause=edit.id, actor=CUSTOMER, at=facts.now, decision=decision, text=edit.text)


def _reported(plain: Changes, report: DeliveryReport, decision: Decision, facts: Facts, ticket: Ticket) -> Changes:
    sent = reports.matched(report, facts)
    if sent is None:
        raise Permanent(f"report {report.id} was decided on and matches nothing: a defect, report it")
    told = reports.following(report, sent, facts)
    if not told.kind:
        return plain
    draft = Draft(ticket=ticket).with_event(
        told.kind, cause=report.id, actor=DESKWIRE, at=facts.now, decision=decision, text=told.text
    )
    bounced_answer = told.bounced and sent.purpose == Purpose.ANSWER
    return msgspec.structs.replace(
        grown_by(plain, draft),
        endpoint=told.endpoint,
        bounced=told.bounced,
        told=reports.ANSWER_BOUNCED if bounced_answer else "",
    )


def _moved(draft: Draft, membership: Membership, decision: Decision, facts: Facts) -> Draft:
    kind = _OF_MEMBERSHIP.get(membership.change)
    if kind is None:
        return draft
    if membership.change == "migrated" and membership.moved_to:
        path = ReplyPath(channel=membership.channel, address=membership.moved_to)
        draft = Draft(ticket=msgspec.structs.replace(draft.ticket, reply_path=path))
    return draft.with_event(kind, cause=membership.id, actor=CUSTOMER, at=facts.now, decision=decision)


def _parked(record: Inbound, decision: Decision, facts: Facts, key: str) -> ParkedItem:
    return ParkedItem(
        id=record.id,
        value=encode(record),
        key=key,
        reason=next(reason.result for reason in decision.because if reason.part == PARKED),
        because=decision.because,
        parked_at=facts.now,
    )

"""What a decision changes: the rows and events that follow from it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec

from router import actions, conversation, identity, lifecycle
from router.commands import HAPPENINGS, REFUSED, decider
from router.conversation import ABOUT_OURS, OTHER_PATH, REPLAYED
from router.decide import PARKED, as_message
from router.draft import Draft
from router.known import Changes, Facts, chat_of
from store.codec import encode
from store.errors import Permanent
from store.records import Action, Decision, DeliveryReport, Edit, Inbound, Membership, Message, ReplyPath
from store.rows import Awaited, Contact, ParkedItem, Settled, Ticket, indexed

AWAIT_FOR = timedelta(hours=1)  # Ours: what comes later is no longer taken for a late parent.
AWAIT_MOST = 10  # References of one message that are awaited: the nearest, which come last (RFC 5322, 3.6.4).
SUBJECT = 100  # Characters of a text that stand in for a subject.

CUSTOMER, DESKWIRE = "customer", "deskwire"  # Actors of events.

_OF_REPORT: Mapping[str, str] = {
    "sent": "delivered",
    "failed": "delivery-failed",
    "bounced": "delivery-failed",
    "in-doubt": "delivery-in-doubt",
    "alert-failed": "alert-failed",  # Of the team's own chat or mailbox: it says nothing about the customer.
    "alert-in-doubt": "alert-in-doubt",  # "delayed" makes no event: the peer is still trying (RFC 3464, 2.3.3).
}
_OF_MEMBERSHIP: Mapping[str, str] = {
    "blocked": "unreachable",
    "left": "unreachable",
    "unblocked": "reachable",
    "migrated": "moved",
}


def of_record(record: Inbound, decision: Decision, facts: Facts, *, key: str, config_version: str) -> Changes:
    """What follows from the decision about a record; one that opens a ticket names its number."""
    plain = _plain(record, decision, facts)
    if decision.outcome == "parked":
        return msgspec.structs.replace(plain, parked=_parked(record, decision, facts, key))
    if decision.outcome == "greeted" and isinstance(record, Message):
        return msgspec.structs.replace(plain, greeting=record)
    if decision.outcome == "opened" and isinstance(record, Message | Edit):
        message = as_message(record, facts) if isinstance(record, Edit) else record
        return _opened(plain, message, decision, facts, config_version)
    if decision.ticket is None or decision.outcome == "duplicate":
        return plain
    ticket = facts.tickets.get(decision.ticket)
    if ticket is None:
        raise Permanent(f"ticket {decision.ticket} was decided on and is not among the facts: a defect, report it")
    return _added(plain, record, decision, facts, ticket)


def of_action(action: Action, decision: Decision, facts: Facts) -> Changes:
    """What follows from the decision about an action."""
    plain = _plain(action, decision, facts)
    if plain.settled.detail:
        return plain
    ticket = facts.tickets.get(decision.ticket) if decision.ticket is not None else None
    if ticket is not None and action.kind in HAPPENINGS:
        return grown_by(plain, actions.grown(Draft(ticket=ticket), action, decision, facts.now))
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


def _added(plain: Changes, record: Inbound, decision: Decision, facts: Facts, ticket: Ticket) -> Changes:
    match record:
        case Message():
            return _continued(plain, record, decision, facts, ticket)
        case Edit():
            return grown_by(plain, _edited(Draft(ticket=ticket), record, decision, facts))
        case DeliveryReport():
            return grown_by(plain, _reported(Draft(ticket=ticket), record, decision, facts))
        case Membership():
            return grown_by(plain, _moved(Draft(ticket=ticket), record, decision, facts))


def _opened(plain: Changes, message: Message, decision: Decision, facts: Facts, config_version: str) -> Changes:
    known = facts.contact(message.sender)
    contact = identity.contact_of(message, known, message.proof)
    chat = chat_of(message.reply_path)
    greeted = facts.greetings.get(chat) or () if chat else ()
    draft = Draft(ticket=_new_ticket(message, decision, facts, contact, config_version))
    for greeting in greeted:
        draft = draft.with_message(greeting, "in")
    draft = draft.with_message(message, "in").with_event(
        lifecycle.FIRST.event, cause=message.id, actor=CUSTOMER, at=facts.now, decision=decision, message=message
    )
    return msgspec.structs.replace(
        grown_by(plain, draft),
        contact=contact if contact != known else None,
        is_new_contact=known is None,
        is_new_ticket=True,
        because=decision.because,
        awaits=_awaits(message, facts, draft.ticket.number),
        greeted=greeted,
    )


def _new_ticket(message: Message, decision: Decision, facts: Facts, contact: Contact, config_version: str) -> Ticket:
    return Ticket(
        number=decision.ticket or 0,
        contact=contact.id,
        subject=_subject(message),
        state=lifecycle.FIRST.state,
        category=decision.category,
        priority=decision.priority,
        team=decision.team,
        language=message.language,
        channel=message.channel,
        customer=message.sender,
        proof=message.proof,
        reply_path=message.reply_path,
        conversation=(),
        messages=0,
        version=0,
        config_version=config_version,
        opened_at=message.received_at,
        changed_at=facts.now,
    )


def _continued(plain: Changes, message: Message, decision: Decision, facts: Facts, ticket: Ticket) -> Changes:
    """A machine's message and a copy by another path become notes: they wake nobody, and reopen nothing."""
    is_copy = any(reason.rule == OTHER_PATH for reason in decision.because)
    is_note = is_copy or message.automated in ABOUT_OURS
    step = lifecycle.step(ticket.state, "machine" if is_note else "message") or lifecycle.FIRST
    draft = Draft(ticket=msgspec.structs.replace(ticket, state=step.state))
    has_stand_in = any(reason.rule == REPLAYED for reason in decision.because)
    draft = draft.with_original(message) if has_stand_in else draft.with_message(message, "note" if is_note else "in")
    draft = draft.with_event(
        step.event, cause=message.id, actor=CUSTOMER, at=facts.now, decision=decision, message=message
    )
    grown = grown_by(plain, draft)
    if is_note:
        return grown
    known = facts.contact(message.sender)
    has_token = conversation.has_own_token(message, facts)
    contact = identity.contact_of(message, known, identity.proven(message.proof, has_token=has_token))
    return msgspec.structs.replace(
        grown,
        contact=contact if contact != known else None,
        is_new_contact=known is None,
        awaits=_awaits(message, facts, ticket.number),
        met=indexed(message.external_id) if decision.outcome == "joined" else "",
    )


def _edited(draft: Draft, edit: Edit, decision: Decision, facts: Facts) -> Draft:
    """The first words stay as they are in their message; the event has the new ones."""
    return draft.with_event("edited", cause=edit.id, actor=CUSTOMER, at=facts.now, decision=decision, text=edit.text)


def _reported(draft: Draft, report: DeliveryReport, decision: Decision, facts: Facts) -> Draft:
    kind = _OF_REPORT.get(report.outcome)
    if kind is None:
        return draft
    return draft.with_event(kind, cause=report.id, actor=DESKWIRE, at=facts.now, decision=decision, text=report.detail)


def _moved(draft: Draft, membership: Membership, decision: Decision, facts: Facts) -> Draft:
    kind = _OF_MEMBERSHIP.get(membership.change)
    if kind is None:
        return draft
    if membership.change == "migrated" and membership.moved_to:
        path = ReplyPath(channel=membership.channel, address=membership.moved_to)
        draft = Draft(ticket=msgspec.structs.replace(draft.ticket, reply_path=path))
    return draft.with_event(kind, cause=membership.id, actor=CUSTOMER, at=facts.now, decision=decision)


def grown_by(plain: Changes, draft: Draft) -> Changes:
    """With what a draft added; a draft without an event changed nothing."""
    if not draft.events:
        return plain
    return msgspec.structs.replace(
        plain, ticket=draft.ticket, messages=draft.messages, replaced=draft.replaced, events=draft.events
    )


def _awaits(message: Message, facts: Facts, ticket: int) -> tuple[Awaited, ...]:
    if not message.sender.value:
        return ()
    until = message.received_at + AWAIT_FOR
    sender = msgspec.structs.replace(message.sender, name="")
    return tuple(
        Awaited(external_id=external_id, ticket=ticket, sender=sender, until=until)
        for external_id in _nearest(conversation.unresolved(message, facts))
    )


def _nearest(external_ids: Sequence[str]) -> Sequence[str]:
    return external_ids[-AWAIT_MOST:]


def _parked(record: Inbound, decision: Decision, facts: Facts, key: str) -> ParkedItem:
    return ParkedItem(
        id=record.id,
        value=encode(record),
        key=key,
        reason=next(reason.result for reason in decision.because if reason.part == PARKED),
        because=decision.because,
        parked_at=facts.now,
    )


def _subject(message: Message) -> str:
    """What the ticket is called: in chats, which have no subjects, its first words."""
    return message.subject.strip() or message.text.strip().partition("\n")[0][:SUBJECT].strip()

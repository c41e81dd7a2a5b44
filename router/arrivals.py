"""What a message changes that opens a ticket or goes to one: people, words, events, and what is awaited next."""

from collections.abc import Collection, Sequence
from datetime import timedelta

import msgspec

from router import conversation, evidence, floods, hints, reports
from router.conversation import REPLAYED, SAME_ALERT
from router.customer import identity, participants
from router.customer.customers import language_of
from router.draft import Draft, grown_by
from router.known import Changes, Facts, chat_of, ticket_of
from router.life import following, lifecycle, pairs
from router.life.lifecycle import Happening
from router.policy import Policy
from router.promises import clocks
from router.sameness import duplicates
from store.events import FOLLOWS
from store.records import Decision, Message, Proof
from store.rows import Awaited, Contact, Endpoint, Joined, Link, Ticket, indexed

AWAIT_FOR = timedelta(hours=1)  # Ours: what comes later is no longer taken for a late parent.
AWAIT_MOST = 10  # References of one message that are awaited: the nearest, which come last (RFC 5322, 3.6.4).
SUBJECT = 100  # Characters of a text that stand in for a subject.

CUSTOMER, DESKWIRE = "customer", "deskwire"  # Actors of events.


def opened(plain: Changes, message: Message, decision: Decision, facts: Facts, policy: Policy) -> Changes:
    """What follows where a message opens a ticket."""
    known = facts.contact(message.sender)
    contact = identity.contact_of(message, known, message.proof)
    chat = chat_of(message.reply_path)
    greeted = facts.greetings.get(chat) or () if chat else ()
    followed = following.followed(decision, facts)
    pointed = [hint for hint in hints.hints(message, facts) if followed is None or hint.ticket != followed.number]
    ticket = _new_ticket(message, decision, facts, contact, policy)
    joined = participants.at_opening(message, policy).joined
    ticket = msgspec.structs.replace(
        ticket,
        participants=joined,
        related=tuple(sorted([*(hint.ticket for hint in pointed), *([followed.number] if followed else [])])),
    )
    draft = Draft(ticket=ticket)
    for greeting in greeted:
        draft = draft.with_message(greeting, "in")
    draft = draft.with_message(message, "in").with_event(
        lifecycle.FIRST.event, cause=message.id, actor=CUSTOMER, at=facts.now, decision=decision, message=message
    )
    opening = msgspec.structs.replace(
        grown_by(plain, draft),
        contact=contact if contact != known else None,
        is_new_contact=known is None,
        is_new_ticket=True,
        because=decision.because,
        joined=_joined(ticket, 0, message),
        links=tuple(Link(ticket=ticket.number, other=hint.ticket, because=hint.rule) for hint in pointed),
        endpoint=_lifted(message, facts),
        awaits=_awaits(message, facts, draft.ticket.number),
        greeted=greeted,
        said=duplicates.said(message, ticket.number, contact, _proof(message, facts)),
    )
    if followed is None:
        return opening
    return pairs.tied(opening, followed, why=FOLLOWS, actor=CUSTOMER, at=facts.now)


def continued(plain: Changes, message: Message, decision: Decision, facts: Facts, policy: Policy) -> Changes:
    """What follows where a message goes to a ticket that stands."""
    ticket = ticket_of(decision, facts)
    rules = {reason.rule for reason in decision.because}
    if floods.FLOOD in rules:
        return _flooded(plain, message, decision, facts, ticket)
    is_note = any(conversation.is_note(message, rule) for rule in rules)
    happening = _happening(rules, is_note=is_note)
    step = lifecycle.step(ticket.state, happening) or lifecycle.FIRST
    before = len(ticket.participants)
    newcomers = () if is_note else participants.later(message, ticket, facts, policy).joined
    grown_ticket = msgspec.structs.replace(ticket, state=step.state, participants=(*ticket.participants, *newcomers))
    asks = happening in ("message", "replayed") and not message.automated
    ticket = clocks.moved(ticket, grown_ticket, "customer" if asks else "", message.received_at, policy)
    draft = Draft(ticket=ticket)
    draft = draft.with_original(message) if REPLAYED in rules else draft.with_message(message, _direction(is_note))
    draft = draft.with_event(
        step.event, cause=message.id, actor=CUSTOMER, at=facts.now, decision=decision, message=message
    )
    grown = grown_by(plain, draft)
    if SAME_ALERT in rules and (row := duplicates.alert_before(message, facts, policy)):
        return msgspec.structs.replace(grown, said=(duplicates.seen_again(row, message),))
    if is_note:
        return grown
    known = facts.contact(message.sender)
    contact = identity.contact_of(message, known, _proof(message, facts))
    return msgspec.structs.replace(
        grown,
        contact=contact if contact != known else None,
        is_new_contact=known is None,
        joined=_joined(ticket, before, message),
        endpoint=_lifted(message, facts),
        awaits=_awaits(message, facts, ticket.number),
        met=indexed(message.external_id) if decision.outcome == "joined" else "",
        said=duplicates.said(message, ticket.number, contact, _proof(message, facts)),
    )


def _flooded(plain: Changes, message: Message, decision: Decision, facts: Facts, ticket: Ticket) -> Changes:
    """A note that wakes nobody; the first of them says that somebody floods the desk."""
    is_told = facts.has_told(ticket.number, floods.SUSPECTED)
    draft = Draft(ticket=ticket).with_message(message, _direction(is_note=True))
    draft = draft.with_event(
        "noted" if is_told else floods.SUSPECTED,
        cause=message.id,
        actor=CUSTOMER if is_told else DESKWIRE,
        at=facts.now,
        decision=decision,
        message=message,
    )
    return msgspec.structs.replace(grown_by(plain, draft), told="" if is_told else floods.SUSPECTED)


def _new_ticket(message: Message, decision: Decision, facts: Facts, contact: Contact, policy: Policy) -> Ticket:
    team = policy.teams.get(decision.team)
    return Ticket(
        number=decision.ticket or 0,
        contact=contact.id,
        subject=_subject(message),
        state=lifecycle.FIRST.state,
        category=decision.category,
        priority=decision.priority,
        team=decision.team,
        language=language_of(message, facts, policy),
        channel=message.channel,
        customer=message.sender,
        proof=message.proof,
        reply_path=message.reply_path,
        conversation=(),
        messages=0,
        version=0,
        config_version=policy.config_version,
        person=decision.person,
        level=team.level if team else 1,
        copies=decision.copies,
        answer_by=decision.answer_by,
        resolve_by=decision.resolve_by,
        asked_at=message.received_at,
        opened_at=message.received_at,
        changed_at=facts.now,
    )


def _happening(rules: Collection[str], *, is_note: bool) -> Happening:
    if is_note:
        return "machine"
    if following.THANKED.rule in rules:
        return "thanks"
    return "replayed" if REPLAYED in rules else "message"


def _direction(is_note: bool) -> str:
    return "note" if is_note else "in"


def _proof(message: Message, facts: Facts) -> Proof:
    return identity.proven(message.proof, has_token=evidence.has_own_token(message, facts))


def _lifted(message: Message, facts: Facts) -> Endpoint | None:
    return reports.lifted(message.sender, facts) if _proof(message, facts) in identity.PROVEN else None


def _joined(ticket: Ticket, before: int, message: Message) -> tuple[Joined, ...]:
    return tuple(
        Joined(ticket=ticket.number, seq=seq, address=address, cause=message.id)
        for seq, address in enumerate(ticket.participants[before:], start=before + 1)
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


def _subject(message: Message) -> str:
    """What the ticket is called: in chats, which have no subjects, its first words."""
    return message.subject.strip() or message.text.strip().partition("\n")[0][:SUBJECT].strip()

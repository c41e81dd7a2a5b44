"""What is sent twice: the same words by another channel, a form clicked twice, an alert that repeats. Pure.

A stranger gets nothing by it. Whoever is not proven must have sent letter for letter the same by the same channel
within minutes, with the same address to answer to; what they sent becomes a note, and nothing goes out because of it.
All of it stays a message of its own, which `deskwire ticket split` takes out again.
"""

from collections.abc import Iterator
from datetime import timedelta

import msgspec

from router.conversation import JOINED_CHAT, OTHER_CHANNEL, SAME_ALERT, SENT_TWICE, Found
from router.customer.identity import PROVEN, is_claimed
from router.known import Facts
from router.policy import Policy
from router.sameness.likeness import ALIKE, Sketch, likeness, shared, sketch_from, sketch_of
from router.sameness.monitoring import is_alert, template_of
from store.records import Address, Message, Proof
from store.rows import Contact, Said, Ticket

_OPEN = frozenset({"new", "open", "waiting"})  # States of tickets that take in what is sent twice.
_SHOWN = 5  # Words that a reason shows.


def find(message: Message, facts: Facts, policy: Policy) -> Found | None:
    """The ticket that has the same already; None where there is none. It is asked after all other evidence."""
    if not message.sender.value or message.unreadable:
        return None
    if is_alert(message):
        row = alert_before(message, facts, policy)
        ticket = facts.tickets.get(row.ticket) if row else None
        told = f"seen {row.seen + 1} times, first as {row.message}" if row else ""
        return Found(ticket, SAME_ALERT, told) if ticket else None
    contact = facts.contact(message.sender)
    rows = facts.said.get(contact.id) or () if contact else ()
    lately = [
        (row, ticket)
        for row in reversed(rows)
        if (ticket := _ticket_of(row, message, facts)) and _within(row, message, policy.duplicates.window)
    ]
    return next(_all(message, lately, policy), None) if lately else None


def alert_before(message: Message, facts: Facts, policy: Policy) -> Said | None:
    """The row of the same alert whose ticket is open; None where this is the first one.

    Only what is proven exactly as far counts, as with floods: who forges a machine's address gets no alert of its own
    put away, nor hides one of the machine's in a ticket of theirs.
    """
    for row in reversed(facts.said.get(template_of(message)) or ()):
        ticket = facts.tickets.get(row.ticket)
        if ticket is None or ticket.state not in _OPEN or ticket.apart:
            continue
        if row.proof is message.proof is ticket.proof and _within(row, message, policy.duplicates.alerts):
            return row
    return None


def said(message: Message, ticket: int, contact: Contact, proof: Proof) -> tuple[Said, ...]:
    """What is kept of a message so that the next one can be compared with it; empty where it says nothing."""
    sketch = sketch_of(message.subject, message.text)
    template = template_of(message) if is_alert(message) else ""
    if not message.sender.value or message.unreadable or not (template or sketch.words):
        return ()
    row = Said(
        message=message.id,
        ticket=ticket,
        contact=contact.id,
        channel=message.channel,
        sender=_plain(message.sender),
        proof=proof,
        digest=message.digest,
        template=template,
        sketch=sketch.encoded(),
        at=message.received_at,
    )
    return (row,)


def seen_again(row: Said, message: Message) -> Said:
    """The row of an alert that came once more: the window goes on from the later one."""
    return msgspec.structs.replace(row, seen=row.seen + 1, at=max(row.at, message.received_at))


def _all(message: Message, lately: list[tuple[Said, Ticket]], policy: Policy) -> Iterator[Found]:
    """The strongest evidence first; of equally strong, the newest message."""
    for row, ticket in lately:
        if _is_chat_of(row, message) and ticket.reply_path != message.reply_path:
            yield Found(ticket, JOINED_CHAT, f"{row.message} of {message.channel}")
    sketch = sketch_of(message.subject, message.text)
    if not sketch.words:
        return
    encoded = sketch.encoded()
    for row, ticket in lately:
        if _is_twice(row, message, encoded, ticket) and _within(row, message, policy.duplicates.twice):
            yield Found(ticket, SENT_TWICE, f"{row.message}, {message.received_at - row.at} later")
    yield from _alike(message, sketch, lately)


def _alike(message: Message, sketch: Sketch, lately: list[tuple[Said, Ticket]]) -> Iterator[Found]:
    """The same person by another channel; whoever only claims to be them is not, nor is a ticket that claims it."""
    if message.proof not in PROVEN:
        return
    found: list[tuple[float, Said, Ticket, Sketch]] = []
    for row, ticket in lately:
        if row.channel == message.channel or ticket.apart or row.proof not in PROVEN or ticket.proof not in PROVEN:
            continue
        other = sketch_from(row.sketch)
        found.append((likeness(sketch, other), row, ticket, other))
    if not found:
        return
    best, row, ticket, other = max(found, key=lambda one: one[0])
    if best >= ALIKE:
        words = ", ".join(shared(message.subject, message.text, other)[:_SHOWN])
        yield Found(ticket, OTHER_CHANNEL, f"{best:.2f} like {row.message} of {row.channel}: {words}")


def _is_chat_of(row: Said, message: Message) -> bool:
    return message.proof is Proof.SESSION and (row.channel, row.sender) == (message.channel, _plain(message.sender))


def _is_twice(row: Said, message: Message, sketch: bytes, ticket: Ticket) -> bool:
    """The same words and files of the same writer by the same channel, and what is answered goes the same way."""
    same = (row.channel, row.sender, row.digest) == (message.channel, _plain(message.sender), message.digest)
    if not same or not message.digest or row.sketch != sketch or ticket.apart:
        return False
    if row.proof is not message.proof or ticket.proof is not message.proof or not is_claimed(message.proof):
        return False
    return ticket.reply_path == message.reply_path


def _ticket_of(row: Said, message: Message, facts: Facts) -> Ticket | None:
    """Theirs, while it is open."""
    ticket = facts.tickets.get(row.ticket)
    return ticket if ticket and ticket.state in _OPEN and facts.is_customer(message.sender, ticket) else None


def _within(row: Said, message: Message, window: timedelta) -> bool:
    return abs(message.received_at - row.at) < window


def _plain(address: Address) -> Address:
    return Address(kind=address.kind, value=address.value)

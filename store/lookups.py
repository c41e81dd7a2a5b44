"""Tickets and their messages, as they are looked up; each question is answered for many keys at once, by an index."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, RowMapping, func, select

from store import links, participants
from store.codec import decode, decode_kept
from store.errors import Permanent
from store.events import TicketEvent
from store.records import Address, Message, Proof, Reason, ReplyPath
from store.rows import Chat, Copy, KeptMessage, Opened, Ticket
from store.schema import deliveries, events, messages, tickets

_TICKET = [column for column in tickets.c if column.name != "because"]  # What `Ticket` holds.


class Sending(NamedTuple):
    """What became of something that went out, or was to."""

    purpose: str  # `outgoing.Purpose`.
    channel: str
    address: str
    state: str
    reason: str  # Why it is suppressed, failed or in doubt; or what the peer said.
    attempts: int
    created_at: datetime


class Story(NamedTuple):
    """Everything about one ticket, oldest first."""

    ticket: Ticket
    because: tuple[Reason, ...]  # Why it was opened as it was.
    messages: list[KeptMessage]
    events: list[TicketEvent]  # Without their messages, which stand above.
    sendings: list[Sending]


def by_number(connection: Connection, numbers: Collection[int]) -> dict[int, Ticket]:
    """The tickets with these numbers."""
    rows = connection.execute(select(*_TICKET).where(tickets.c.number.in_(numbers)))
    return {ticket.number: ticket for ticket in _whole(connection, rows.mappings().all())}


def messages_by_id(connection: Connection, ids: Collection[str]) -> dict[str, KeptMessage]:
    """The messages of tickets with these ids."""
    rows = connection.execute(select(messages).where(messages.c.id.in_(ids))).mappings()
    return {row["id"]: KeptMessage(**row) for row in rows}


def of_chats(connection: Connection, chats: Collection[Chat]) -> dict[Chat, tuple[int, ...]]:
    """The numbers of the tickets of these chats that are not closed, smallest first."""
    found: dict[Chat, tuple[int, ...]] = {}
    rows = connection.execute(
        select(tickets.c.reply_channel, tickets.c.reply_address, tickets.c.number)
        .where(tickets.c.reply_address.in_({address for _, address in chats}), tickets.c.state != "closed")
        .order_by(tickets.c.number)
    )
    for channel, address, number in rows:
        if (chat := Chat(channel, address)) in chats:
            found[chat] = (*found.get(chat, ()), number)
    return found


def copies(connection: Connection, external_ids: Collection[str]) -> dict[str, tuple[Copy, ...]]:
    """What went in or out under these external ids (as `rows.indexed` gives them), ours among it."""
    found: defaultdict[str, list[Copy]] = defaultdict(list)
    came = select(messages.c.external_id, messages.c.ticket, messages.c.sender_value, messages.c.digest)
    for external_id, ticket, sender, digest in connection.execute(
        came.where(messages.c.external_id.in_(external_ids)).order_by(messages.c.ticket, messages.c.seq)
    ):
        found[external_id].append(Copy(ticket=ticket, sender_value=sender, digest=digest))
    went = select(deliveries.c.external_id, deliveries.c.ticket)
    for external_id, ticket in connection.execute(
        went.where(deliveries.c.external_id.in_(external_ids)).order_by(deliveries.c.ticket, deliveries.c.id)
    ):
        found[external_id].append(Copy(ticket=ticket))
    return {external_id: tuple(several) for external_id, several in found.items()}


def last_words(connection: Connection, numbers: Collection[int]) -> dict[int, Message]:
    """The last message of each of these tickets that somebody outside wrote; one that cannot be read is missing."""
    later = messages.alias()
    last = (
        select(func.max(later.c.seq))
        .where(later.c.ticket == messages.c.ticket, later.c.direction == "in")
        .scalar_subquery()
    )
    rows = connection.execute(
        select(messages.c.ticket, messages.c.record).where(messages.c.ticket.in_(numbers), messages.c.seq == last)
    )
    found = {}
    for ticket, value in rows:
        try:
            record = decode_kept(value)
        except Permanent:  # A newer release wrote it.
            continue
        if isinstance(record, Message):
            found[ticket] = record
    return found


def opened_lately(
    connection: Connection, senders: Collection[tuple[str, str]], since: datetime, until: datetime
) -> dict[tuple[str, str], tuple[Opened, ...]]:
    """The tickets that these (kind, value) opened between two moments, smallest number first."""
    found: dict[tuple[str, str], tuple[Opened, ...]] = {}
    asked = (tickets.c[name] for name in ("sender_kind", "sender_value", "number", "opened_at", "proof"))
    rows = connection.execute(
        select(*asked)
        .where(tickets.c.sender_value.in_({value for _, value in senders}), tickets.c.opened_at.between(since, until))
        .order_by(tickets.c.number)
    )
    for kind, value, number, opened_at, proof in rows:
        if (kind, value) in senders:
            found[kind, value] = (*found.get((kind, value), ()), Opened(number, opened_at, Proof(proof)))
    return found


def list_tickets(connection: Connection, state: str = "", limit: int = 50) -> list[Ticket]:
    """The newest tickets in this state, or in any where it is empty; newest first, at most `limit`."""
    query = select(*_TICKET).order_by(tickets.c.number.desc()).limit(limit)
    rows = connection.execute(query.where(tickets.c.state == state) if state else query)
    return _whole(connection, rows.mappings().all())


def show(connection: Connection, number: int) -> Story | None:
    """All about one ticket; None where there is none with this number."""
    row = connection.execute(select(tickets).where(tickets.c.number == number)).mappings().one_or_none()
    if row is None:
        return None
    kept = connection.execute(select(messages).where(messages.c.ticket == number).order_by(messages.c.seq))
    happened = connection.execute(select(events.c.record).where(events.c.ticket == number).order_by(events.c.seq))
    sent = select(*(deliveries.c[name] for name in Sending._fields)).where(deliveries.c.ticket == number)
    return Story(
        _whole(connection, [row])[0],
        msgspec.json.decode(row["because"], type=tuple[Reason, ...]),
        [KeptMessage(**message) for message in kept.mappings()],
        [decode(record, TicketEvent) for record in happened.scalars()],
        [Sending(**row) for row in connection.execute(sent.order_by(deliveries.c.created_at)).mappings()],
    )


def _whole(connection: Connection, rows: Sequence[RowMapping]) -> list[Ticket]:
    """Tickets in the order of their rows, with those who take part and what they may belong to."""
    numbers = [row["number"] for row in rows]
    people = participants.of_tickets(connection, numbers) if rows else {}
    related = links.of_tickets(connection, numbers) if rows else {}
    return [_ticket(row, people.get(row["number"], ()), related.get(row["number"], ())) for row in rows]


def _ticket(row: RowMapping, people: tuple[Address, ...], related: tuple[int, ...]) -> Ticket:
    return Ticket(
        number=row["number"],
        contact=row["contact"],
        subject=row["subject"],
        state=row["state"],
        category=row["category"],
        priority=row["priority"],
        team=row["team"],
        language=row["language"],
        channel=row["channel"],
        customer=Address(kind=row["sender_kind"], value=row["sender_value"], name=row["sender_name"]),
        proof=Proof(row["proof"]),
        reply_path=_path(row["reply_channel"], row["reply_address"]),
        conversation=msgspec.json.decode(row["conversation"], type=tuple[str, ...]),
        messages=row["messages"],
        version=row["version"],
        config_version=row["config_version"],
        participants=people,
        related=related,
        assignee=row["assignee"] or "",
        person=row["person"] or "",
        copies=msgspec.json.decode(row["copies"], type=tuple[str, ...]) if row["copies"] else (),
        level=row["level"] or 1,
        answer_by=row["answer_by"],
        update_by=row["update_by"],
        resolve_by=row["resolve_by"],
        answered_at=row["answered_at"],
        asked_at=row["asked_at"],
        waiting_since=row["waiting_since"],
        waiting_left=row["waiting_left"],
        waited=row["waited"] or 0,
        solved_at=row["solved_at"],
        claimed_at=row["claimed_at"],
        wakes_at=row["wakes_at"],
        apart=bool(row["apart"]),
        ladder_at=row["ladder_at"],
        opened_at=row["opened_at"],
        changed_at=row["changed_at"],
    )


def _path(channel: str, address: str) -> ReplyPath | None:
    return ReplyPath(channel=channel, address=address) if channel else None

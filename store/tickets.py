"""Tickets with their messages and events, as they are written: one small function for each statement."""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from store.codec import encode
from store.records import Reason
from store.rows import KeptEvent, KeptMessage, Ticket
from store.schema import counters, events, messages, texts, tickets

_SERIAL = "ticket"  # The counter of ticket numbers.


def last_serial(connection: Connection) -> int:
    """The serial of the newest ticket that there ever was; 0 before the first. The caller holds the desk's lock."""
    return connection.scalar(select(counters.c.value).where(counters.c.name == _SERIAL)) or 0


def use_serial(connection: Connection, serial: int) -> None:
    """Give out this serial and none up to it again, whatever becomes of its ticket."""
    if connection.execute(_COUNT, {"counter": _SERIAL, "serial": serial}).rowcount == 0:
        connection.execute(insert(counters), [{"name": _SERIAL, "value": serial}])


_COUNT = update(counters).where(counters.c.name == bindparam("counter")).values(value=bindparam("serial"))


def open_tickets(connection: Connection, opened: Sequence[tuple[Ticket, Sequence[Reason]]]) -> None:
    """Write new tickets, each with the reasons for what was decided about it."""
    if opened:
        connection.execute(_OPEN, [_row(ticket, because) for ticket, because in opened])


def _row(ticket: Ticket, because: Sequence[Reason]) -> Mapping[str, object]:
    customer, path = ticket.customer, ticket.reply_path
    return {
        "number": ticket.number,
        "contact": ticket.contact,
        "subject": ticket.subject,
        "channel": ticket.channel,
        "sender_kind": customer.kind,
        "sender_value": customer.value,
        "sender_name": customer.name,
        "proof": ticket.proof.value,
        "because": msgspec.json.encode(because),
        "config_version": ticket.config_version,
        "opened_at": ticket.opened_at,
        "reply_channel": path.channel if path else "",
        "reply_address": path.address if path else "",
        **_changing(ticket),
    }


_OPEN = insert(tickets)


def change_tickets(connection: Connection, changed: Sequence[Ticket]) -> None:
    """Write what may change about tickets after they were opened; of one ticket the last state holds."""
    rows = [
        {
            "which": ticket.number,
            "new_channel": ticket.reply_path.channel if ticket.reply_path else "",
            "new_address": ticket.reply_path.address if ticket.reply_path else "",
            **_changing(ticket),
        }
        for ticket in changed
    ]
    if rows:
        connection.execute(_CHANGE, rows)


# Columns that are called as the fields of a `Ticket` and hold them as they are.
_PLAIN = (
    "level",
    "answer_by",
    "update_by",
    "resolve_by",
    "answered_at",
    "asked_at",
    "waiting_since",
    "waiting_left",
    "waited",
    "solved_at",
    "claimed_at",
    "wakes_at",
    "ladder_at",
    "apart",
)

_CHANGE = (
    update(tickets)
    .where(tickets.c.number == bindparam("which"))
    .values(
        state=bindparam("state"),
        category=bindparam("category"),
        priority=bindparam("priority"),
        team=bindparam("team"),
        **{name: bindparam(name) for name in ("assignee", "person", "copies", "due_by", *_PLAIN)},
        language=bindparam("language"),
        conversation=bindparam("conversation"),
        messages=bindparam("messages"),
        version=bindparam("version"),
        changed_at=bindparam("changed_at"),
        reply_channel=bindparam("new_channel"),
        reply_address=bindparam("new_address"),
    )
)


def _changing(ticket: Ticket) -> Mapping[str, object]:
    return {
        "state": ticket.state,
        "category": ticket.category,
        "priority": ticket.priority,
        "team": ticket.team,
        "assignee": ticket.assignee or None,
        "person": ticket.person or None,
        "copies": msgspec.json.encode(ticket.copies) if ticket.copies else None,
        "due_by": ticket.due_by,
        **{name: getattr(ticket, name) for name in _PLAIN},
        "language": ticket.language,
        "conversation": msgspec.json.encode(ticket.conversation),
        "messages": ticket.messages,
        "version": ticket.version,
        "changed_at": ticket.changed_at,
    }


def add_messages(connection: Connection, kept: Sequence[KeptMessage]) -> None:
    """Write messages of tickets that stand already."""
    if kept:
        connection.execute(_ADD_MESSAGES, [_message(message) for message in kept])


def _message(kept: KeptMessage) -> Mapping[str, object]:
    return {name: value for name, value in msgspec.structs.asdict(kept).items() if name != "words"}


_ADD_MESSAGES = insert(messages)


def move_message(connection: Connection, kept: KeptMessage) -> None:
    """Put a message where it stands in another ticket, which is there already."""
    connection.execute(
        update(messages)
        .where(messages.c.id == kept.id)
        .values(ticket=kept.ticket, seq=kept.seq, direction=kept.direction)
    )
    connection.execute(update(texts).where(texts.c.message == kept.id).values(ticket=kept.ticket))


def replace_message(connection: Connection, kept: KeptMessage) -> None:
    """Put the message itself where its stand-in was: it was dead, and went through when it was replayed."""
    connection.execute(
        update(messages)
        .where(messages.c.id == kept.id)
        .values(external_id=kept.external_id, digest=kept.digest, sender_value=kept.sender_value, record=kept.record)
    )


def add_events(connection: Connection, happened: Sequence[KeptEvent]) -> None:
    """Write events of tickets that stand already; without their messages, which have rows of their own."""
    rows = [
        {
            "id": event.id,
            "ticket": event.ticket.number,
            "seq": seq,
            "kind": event.kind,
            "actor": event.actor,
            "cause": event.cause,
            "at": event.at,
            "record": encode(msgspec.structs.replace(event, message=None)),
        }
        for seq, event in happened
    ]
    if rows:
        connection.execute(_ADD_EVENTS, rows)


_ADD_EVENTS = insert(events)

"""All that is kept of a message's way, found by whatever somebody knows of it; read only, and never without end."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, or_, select

from store.deadletters import Letter
from store.originals import Original
from store.parked import by_id as parked_by_id
from store.records import DeadLetter, Reason
from store.rows import ParkedItem, Timer, indexed
from store.schema import (
    dead_letters,
    deliveries,
    events,
    held,
    inbox,
    messages,
    originals,
    tickets,
    timers,
)

MOST = 500  # Rows of each kind that are read of one ticket: more than any had, and few enough for a screen's program.
SHORTEST = 6  # Characters of an id that are enough to look for it.
_BEHIND_HEX = "g"  # Follows every digit of our ids, in every order of letters.


class Outcome(NamedTuple):
    """What became of a record."""

    id: str
    raw: str
    outcome: str
    ticket: int | None
    detail: str
    because: tuple[Reason, ...]  # Empty where an event or a parked item has them.
    at: datetime


class Sent(NamedTuple):
    """A delivery with its state."""

    id: str
    purpose: str
    channel: str
    address: str
    state: str
    reason: str
    attempts: int
    external_id: str
    created_at: datetime
    settled_at: datetime | None


class Trail(NamedTuple):
    """What is kept beside a ticket's own story, or of records that have no ticket."""

    originals: Sequence[Original]
    outcomes: Sequence[Outcome]
    parked: Sequence[ParkedItem]
    letters: Sequence[Letter]
    sent: Sequence[Sent]
    timers: Sequence[Timer]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known."""
        return not any(self)


def tickets_named(connection: Connection, text: str, most: int) -> list[int]:
    """The newest tickets that this number, address, chat or external id leads to, at most so many."""
    found: set[int] = set()
    if text.isascii() and text.isdigit() and len(text) < 19:  # noqa: PLR2004 (digits of the largest number of a column)
        found.update(connection.scalars(select(tickets.c.number).where(tickets.c.number == int(text))))
        if found:
            return list(found)
    value = text.rpartition(":")[2].lower() if "@" not in text else text.lower()
    newest = select(tickets.c.number).order_by(tickets.c.number.desc()).limit(most)
    found.update(connection.scalars(newest.where(tickets.c.sender_value == value)))
    found.update(connection.scalars(newest.where(tickets.c.reply_address == value, tickets.c.state != "closed")))
    ids = [indexed(one) for one in dict.fromkeys((text, f"<{text.strip('<>')}>"))]
    for table in (messages, deliveries):
        named = select(table.c.ticket).where(table.c.external_id.in_(ids)).distinct().limit(most)
        found.update(connection.scalars(named))
    return sorted(found, reverse=True)[:most]


def records_named(connection: Connection, text: str, most: int) -> tuple[set[str], set[int]]:
    """The raws and tickets that the beginning of an id leads to: of a payload, record, event, delivery or letter."""
    raws: set[str] = set()
    numbers: set[int] = set()
    if len(text) < SHORTEST or not text.isascii():
        return raws, numbers
    raws.update(connection.scalars(select(originals.c.raw).where(_begins(originals.c.raw, text)).limit(most)))
    which = or_(_begins(inbox.c.id, text), inbox.c.raw.in_(raws))
    for row in connection.execute(select(inbox.c.raw, inbox.c.ticket).where(which).limit(most)):
        raws.update(filter(None, [row.raw]))
        numbers.update(filter(None, [row.ticket]))
    for table in (events, deliveries, timers, dead_letters):
        numbers.update(
            number
            for number in connection.scalars(select(table.c.ticket).where(_begins(table.c.id, text)).limit(most))
            if number
        )
    return raws, numbers


def of_ticket(connection: Connection, number: int) -> Trail:
    """What is kept of one ticket's records."""
    return _trail(connection, inbox.c.ticket == number, ticket=number)


def of_raws(connection: Connection, raws: Collection[str]) -> Trail:
    """What is kept of these payloads, whether they led to a ticket or not."""
    return _trail(connection, inbox.c.raw.in_(raws), raws=raws)


def of_ids(connection: Connection, text: str) -> Trail:
    """What is kept of the dead letters and parked items whose id begins so, or whose record's does."""
    which = or_(_begins(dead_letters.c.id, text), _begins(dead_letters.c.record, text))
    letters = _letters(connection, which) if len(text) >= SHORTEST else []
    return Trail((), (), (), letters, (), ())


def still_waiting(connection: Connection, stage: str = "") -> int:
    """How many records failed and are tried again, or stand behind such a one; of one stage, if it is named."""
    query = select(held.c.offset).limit(MOST)
    return len(connection.scalars(query.where(held.c.group == stage) if stage else query).all())


def _trail(
    connection: Connection, which: ColumnElement[bool], *, ticket: int | None = None, raws: Collection[str] = ()
) -> Trail:
    outcomes = _outcomes(connection, which)
    known = {*raws, *(one.raw for one in outcomes if one.raw)}
    ids = [one.id for one in outcomes]
    of_letters = dead_letters.c.record.in_([*ids, *known])
    return Trail(
        originals=_originals(connection, known),
        outcomes=outcomes,
        parked=list(parked_by_id(connection, ids).values()),
        letters=_letters(connection, or_(of_letters, dead_letters.c.ticket == ticket) if ticket else of_letters),
        sent=_sent(connection, ticket) if ticket else (),
        timers=_timers(connection, ticket) if ticket else (),
    )


def _outcomes(connection: Connection, which: ColumnElement[bool]) -> list[Outcome]:
    columns = (inbox.c[name] for name in Outcome._fields)
    rows = connection.execute(select(*columns).where(which).order_by(inbox.c.at, inbox.c.id).limit(MOST)).mappings()
    return [Outcome(**{**row, "because": _reasons(row["because"])}) for row in rows]


def _reasons(text: str | None) -> tuple[Reason, ...]:
    return msgspec.json.decode(text, type=tuple[Reason, ...]) if text else ()


def _originals(connection: Connection, raws: Collection[str]) -> list[Original]:
    rows = connection.execute(select(originals).where(originals.c.raw.in_(raws)).limit(MOST)).mappings()
    return [Original(**row) for row in rows]


def _letters(connection: Connection, which: ColumnElement[bool]) -> list[Letter]:
    rows = connection.execute(select(dead_letters).where(which).order_by(dead_letters.c.first_at).limit(MOST))
    return [
        Letter(
            DeadLetter(**{field: row[field] for field in DeadLetter.__struct_fields__}),
            row["record"],
            row["state"],
            row["decided_by"],
            row["replays"],
            row["ticket"],
        )
        for row in rows.mappings()
    ]


def _sent(connection: Connection, ticket: int) -> list[Sent]:
    columns = (deliveries.c[name] for name in Sent._fields)
    query = select(*columns).where(deliveries.c.ticket == ticket).order_by(deliveries.c.created_at).limit(MOST)
    return [Sent(**row) for row in connection.execute(query).mappings()]


def _timers(connection: Connection, ticket: int) -> list[Timer]:
    query = select(timers.c.id, timers.c.ticket, timers.c.name, timers.c.due_at).where(timers.c.ticket == ticket)
    return [Timer(*row) for row in connection.execute(query.order_by(timers.c.due_at).limit(MOST))]


def _begins(column: Column[str], text: str) -> ColumnElement[bool]:
    """Whether an id begins so, by its index: our ids are hexadecimal."""
    return (column >= text) & (column < text + _BEHIND_HEX)

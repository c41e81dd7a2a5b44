"""What opened tickets and where they went, for who decides about the past anew; read in pages, newest first."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from store.codec import decode
from store.events import TicketEvent
from store.schema import events, messages, tickets

# Kinds of events by which a ticket comes to a team; what they are of stands in their view of the ticket.
_PLACES = ("opened", "moved", "changed", "escalated")


class Past(NamedTuple):
    """A ticket and the message that opened it."""

    number: int
    state: str
    opened_at: datetime
    record: bytes  # The whole Message, as normalize gave it.


def opened_before(connection: Connection, number: int | None, limit: int) -> Sequence[Past]:
    """The newest tickets with smaller numbers (any, where it is None), largest first; without those of no message."""
    query = (
        select(tickets.c.number, tickets.c.state, tickets.c.opened_at, messages.c.record)
        .join(events, (events.c.ticket == tickets.c.number) & (events.c.kind == "opened"))
        .join(messages, messages.c.id == events.c.cause)
        .order_by(tickets.c.number.desc())
        .limit(limit)
    )
    rows = connection.execute(query.where(tickets.c.number < number) if number is not None else query)
    return [Past(*row) for row in rows]


def teams_of(connection: Connection, numbers: Collection[int]) -> Mapping[int, Sequence[TicketEvent]]:
    """The events that may have brought these tickets to a team, oldest first."""
    found: defaultdict[int, list[TicketEvent]] = defaultdict(list)
    query = select(events.c.ticket, events.c.record).where(events.c.ticket.in_(numbers), events.c.kind.in_(_PLACES))
    for number, record in connection.execute(query.order_by(events.c.ticket, events.c.seq)):
        found[number].append(decode(record, TicketEvent))
    return found

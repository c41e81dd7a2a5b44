"""Tickets as they are looked through for what comes due: a person's at the start of their shift, and all at work."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, or_, select

from store.lookups import by_number
from store.rows import Ticket
from store.schema import tickets

MOST = 500  # Tickets of each kind.

_AT_WORK = ("new", "open")


class AtWork(NamedTuple):
    """Whose digest it is, and who else is there.

    Beside their own tickets, those in the queues of their teams are their business, and those that were routed to
    somebody who has left without claiming them.
    """

    actor: str
    teams: Collection[str]
    present: Collection[str]  # The actors who are on shift in these teams.


def waiting(connection: Connection, actor: str) -> list[Ticket]:
    """Those of a person that wait, the oldest first."""
    query = select(tickets.c.number).where(tickets.c.person == actor, tickets.c.state == "waiting")
    return _read(connection, list(connection.scalars(query.order_by(tickets.c.number).limit(MOST))))


def due(connection: Connection, at_work: AtWork, until: datetime) -> list[Ticket]:
    """Those that are a person's business and due by a moment; soonest first."""
    query = select(tickets.c.number).where(tickets.c.due_by <= until, tickets.c.state.in_(_AT_WORK), _theirs(at_work))
    return _read(connection, list(connection.scalars(query.order_by(tickets.c.due_by).limit(MOST))))


def opened(connection: Connection, at_work: AtWork, since: datetime) -> list[Ticket]:
    """The same that were opened since a moment and are not done, the oldest first."""
    query = select(tickets.c.number).where(
        tickets.c.state.in_(_AT_WORK), tickets.c.opened_at >= since, _theirs(at_work)
    )
    return _read(connection, list(connection.scalars(query.order_by(tickets.c.number).limit(MOST))))


def _theirs(at_work: AtWork) -> ColumnElement[bool]:
    nobody = tickets.c.person.is_(None) | (tickets.c.assignee.is_(None) & tickets.c.person.not_in(at_work.present))
    return or_(tickets.c.person == at_work.actor, nobody & tickets.c.team.in_(at_work.teams))


def unclosed(connection: Connection, after: int, limit: int) -> list[Ticket]:
    """Those that are not closed, with numbers above `after`, smallest first."""
    query = select(tickets.c.number).where(tickets.c.number > after, tickets.c.state != "closed")
    return _read(connection, list(connection.scalars(query.order_by(tickets.c.number).limit(limit))))


def _read(connection: Connection, numbers: list[int]) -> list[Ticket]:
    found = by_number(connection, numbers) if numbers else {}
    return [found[number] for number in numbers]

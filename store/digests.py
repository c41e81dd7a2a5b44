"""Tickets as they are looked through for what comes due: a person's at the start of their shift, and all at work."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, or_, select

from store.lookups import by_number
from store.rows import Ticket
from store.schema import tickets

MOST = 500  # Tickets of each kind.

_AT_WORK = ("new", "open")


def waiting(connection: Connection, actor: str) -> list[Ticket]:
    """Those of a person that wait, the oldest first."""
    query = select(tickets.c.number).where(tickets.c.person == actor, tickets.c.state == "waiting")
    return _read(connection, list(connection.scalars(query.order_by(tickets.c.number).limit(MOST))))


def due(connection: Connection, actor: str, teams: Collection[str], until: datetime) -> list[Ticket]:
    """Those of a person, and those that wait in the queues of their teams, that are due by a moment; soonest first."""
    theirs = or_(tickets.c.person == actor, tickets.c.person.is_(None) & tickets.c.team.in_(teams))
    query = select(tickets.c.number).where(tickets.c.due_by <= until, tickets.c.state.in_(_AT_WORK), theirs)
    return _read(connection, list(connection.scalars(query.order_by(tickets.c.due_by).limit(MOST))))


def opened(connection: Connection, actor: str, teams: Collection[str], since: datetime) -> list[Ticket]:
    """The same that were opened since a moment and are not done, the oldest first."""
    theirs = or_(tickets.c.person == actor, tickets.c.person.is_(None) & tickets.c.team.in_(teams))
    query = select(tickets.c.number).where(tickets.c.state.in_(_AT_WORK), tickets.c.opened_at >= since, theirs)
    return _read(connection, list(connection.scalars(query.order_by(tickets.c.number).limit(MOST))))


def unclosed(connection: Connection, after: int, limit: int) -> list[Ticket]:
    """Those that are not closed, with numbers above `after`, smallest first."""
    query = select(tickets.c.number).where(tickets.c.number > after, tickets.c.state != "closed")
    return _read(connection, list(connection.scalars(query.order_by(tickets.c.number).limit(limit))))


def _read(connection: Connection, numbers: list[int]) -> list[Ticket]:
    found = by_number(connection, numbers) if numbers else {}
    return [found[number] for number in numbers]

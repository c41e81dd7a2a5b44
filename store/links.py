"""Tickets that may belong together: hints for people, which decide nothing."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, insert, select

from store.events import FOLLOWS
from store.rows import Link
from store.schema import links


def of_tickets(connection: Connection, numbers: Collection[int]) -> dict[int, tuple[int, ...]]:
    """The tickets that each of these may belong to, smallest number first; a ticket without any is missing."""
    found: dict[int, tuple[int, ...]] = {}
    query = select(links.c.ticket, links.c.other).where(links.c.ticket.in_(numbers))
    for ticket, other in connection.execute(query.order_by(links.c.ticket, links.c.other)):
        found[ticket] = (*found.get(ticket, ()), other)
    return found


def followers(connection: Connection, numbers: Collection[int]) -> dict[int, tuple[int, ...]]:
    """The tickets that follow each of these directly, and those that follow these again, smallest number first."""
    onward = select(links.c.ticket, links.c.other).where(links.c.because == FOLLOWS, links.c.other > links.c.ticket)
    first = onward.where(links.c.ticket.in_(numbers)).cte("chain", recursive=True)
    chain = first.union(onward.join(first, links.c.ticket == first.c.other))
    found: dict[int, tuple[int, ...]] = {}
    for ticket, other in connection.execute(select(chain).order_by(chain.c.ticket, chain.c.other)):
        found[ticket] = (*found.get(ticket, ()), other)
    return found


def add(connection: Connection, several: Sequence[Link], at: datetime) -> None:
    """Write links between tickets that stand already."""
    rows = [{**msgspec.structs.asdict(one), "at": at} for one in several]
    if rows:
        connection.execute(insert(links), rows)

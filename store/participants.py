"""Who takes part in a ticket beside its customer, in the order in which they came."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from store.records import Address
from store.rows import Joined
from store.schema import participants


def of_tickets(connection: Connection, numbers: Collection[int]) -> dict[int, tuple[Address, ...]]:
    """Who takes part in these tickets, first come first; a ticket without anybody but its customer is missing."""
    found: dict[int, tuple[Address, ...]] = {}
    query = select(participants).where(participants.c.ticket.in_(numbers))
    for row in connection.execute(query.order_by(participants.c.ticket, participants.c.seq)).mappings():
        person = Address(kind=row["kind"], value=row["value"], name=row["name"])
        found[row["ticket"]] = (*found.get(row["ticket"], ()), person)
    return found


def add(connection: Connection, people: Sequence[Joined], at: datetime) -> None:
    """Let them take part in tickets that stand already; they see what comes later, and nothing from before."""
    rows = [
        {
            "ticket": one.ticket,
            "seq": one.seq,
            "kind": one.address.kind,
            "value": one.address.value,
            "name": one.address.name,
            "cause": one.cause,
            "joined_at": at,
        }
        for one in people
    ]
    if rows:
        connection.execute(insert(participants), rows)

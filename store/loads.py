"""How much each technician has to do."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, Text, column, func, select, values

from store.rows import Load, Ticket
from store.schema import tickets, turns
from store.upsert import insert

_OPEN = ("new", "open", "waiting")


def of_people(connection: Connection, people: Collection[str]) -> dict[str, Load]:
    """The loads of these ("person:ola"), of whom each has one; by indexes, however many tickets they ever had."""
    asked = values(column("person", Text)).data([(person,) for person in sorted(people)]).cte("asked")
    held = select(func.count()).where(tickets.c.person == asked.c.person, tickets.c.state.in_(_OPEN))
    newest = select(turns.c.last_at).where(turns.c.person == asked.c.person)
    rows = connection.execute(select(asked.c.person, held.scalar_subquery(), newest.scalar_subquery()))
    return {person: Load(count, last_at) for person, count, last_at in rows}


def took(connection: Connection, several: Iterable[Ticket]) -> None:
    """Keep that those who hold these tickets have had them, whoever holds them later."""
    last: dict[str, datetime] = {}
    for ticket in several:
        if ticket.held_by:
            last[ticket.held_by] = max(ticket.opened_at, last.get(ticket.held_by, ticket.opened_at))
    if not last:
        return
    statement = insert(connection, turns)
    later = statement.excluded.last_at
    statement = statement.on_conflict_do_update(
        index_elements=["person"], set_={"last_at": later}, where=turns.c.last_at < later
    )
    connection.execute(statement, [{"person": person, "last_at": at} for person, at in sorted(last.items())])

"""How much each technician has to do."""

from collections.abc import Collection

from sqlalchemy import Connection, Text, column, func, select, values

from store.instant import Instant
from store.rows import Load
from store.schema import tickets

_OPEN = ("new", "open", "waiting")


def of_people(connection: Connection, people: Collection[str]) -> dict[str, Load]:
    """The loads of these ("person:ola"), of whom each has one; by indexes, however many tickets they ever had."""
    asked = values(column("person", Text)).data([(person,) for person in sorted(people)]).cte("asked")
    held = select(func.count()).where(tickets.c.person == asked.c.person, tickets.c.state.in_(_OPEN))
    newest = select(func.max(tickets.c.opened_at, type_=Instant)).where(tickets.c.person == asked.c.person)
    rows = connection.execute(select(asked.c.person, held.scalar_subquery(), newest.scalar_subquery()))
    return {person: Load(count, last_at) for person, count, last_at in rows}

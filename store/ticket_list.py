"""Tickets as somebody looks for them: by what they are, whose they are, what is due, and what was said in them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, or_, select

from store import lookups, texts
from store.rows import Ticket
from store.schema import addresses, tickets

Order = Literal["newest", "due", "priority"]

NOBODY = "nobody"  # In `Sought.person`: tickets that nobody holds.


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody looks for; all of it must hold, and what is empty asks for nothing."""

    states: tuple[str, ...] = ()
    team: str = ""
    person: str = ""  # Who holds it, "person:ola"; or NOBODY.
    priority: str = ""
    category: str = ""
    customer: str = ""  # An address of theirs, in canonical form.
    due_by: datetime | None = None  # Something is due then, or was before.
    words: Sequence[str] = ()  # As `store.words.searched` gives them; one message has them all.
    order: Order = "newest"
    limit: int = 50


def found(connection: Connection, sought: Sought) -> list[Ticket]:
    """The tickets, at most `limit`: the newest first, or what is due the soonest, or the most urgent priority.

    Of words the newest `texts.MOST_FOUND` messages are looked at that have them.
    """
    query = select(tickets.c.number).where(*_conditions(connection, sought)).limit(sought.limit)
    numbers = connection.scalars(_ordered(query, sought.order)).all()
    rows = lookups.by_number(connection, numbers) if numbers else {}
    return [rows[number] for number in numbers]


def _ordered(query: Select[int], order: Order) -> Select[int]:
    match order:
        case "newest":
            return query.order_by(tickets.c.number.desc())
        case "due":  # What is never due comes last, on both databases.
            return query.order_by(tickets.c.due_by.is_(None), tickets.c.due_by, tickets.c.number)
        case "priority":
            return query.order_by(tickets.c.priority, tickets.c.number)


def _conditions(connection: Connection, sought: Sought) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = [
        tickets.c[name] == value for name in ("team", "priority", "category") if (value := getattr(sought, name))
    ]
    if sought.states:
        asked.append(tickets.c.state.in_(sought.states))
    if sought.person:
        nobody = sought.person == NOBODY
        asked.append(tickets.c.person.is_(None) if nobody else tickets.c.person == sought.person)
    if sought.customer:
        theirs = select(addresses.c.contact).where(addresses.c.value == sought.customer)
        asked.append(or_(tickets.c.contact.in_(theirs), tickets.c.sender_value == sought.customer))
    if sought.due_by is not None:
        asked.append(tickets.c.due_by <= sought.due_by)
    if sought.words:
        asked.append(tickets.c.number.in_(texts.having(connection, sought.words)))
    return asked

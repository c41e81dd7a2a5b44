"""What the desk knows of a customer, for people to look at."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from store import contacts
from store.records import Address
from store.rows import Contact
from store.schema import addresses, tickets


class Brief(NamedTuple):
    """A ticket in a line."""

    number: int
    state: str
    subject: str
    opened_at: datetime


class Known(NamedTuple):
    """A person, or everybody of a domain."""

    addresses: tuple[Contact, ...]  # The same contact by all that leads to it: first the address that was asked for.
    tickets: tuple[Brief, ...]  # The newest first.


def known(connection: Connection, asked: Collection[Address], *, tickets: int) -> dict[Address, Known]:
    """Whom these addresses lead to, each with at most so many tickets."""
    found = contacts.by_address(connection, [(one.kind, one.value) for one in asked])
    return {
        one: Known(_leading(connection, contact, one), _briefs(connection, contact, tickets))
        for one in asked
        if (contact := found.get((one.kind, one.value))) is not None
    }


def _leading(connection: Connection, contact: Contact, first: Address) -> tuple[Contact, ...]:
    rows = connection.execute(
        select(addresses.c.kind, addresses.c.value)
        .where(addresses.c.contact == contact.id)
        .order_by(addresses.c.added_at)
    )
    all_of_them = contacts.by_address(connection, [(kind, value) for kind, value in rows])
    return tuple(
        sorted(
            (one for one in all_of_them.values() if one.id == contact.id),
            key=lambda one: (one.address.kind, one.address.value) != (first.kind, first.value),
        )
    )


def _briefs(connection: Connection, contact: Contact, most: int) -> tuple[Brief, ...]:
    query = select(*(tickets.c[name] for name in Brief._fields)).where(tickets.c.contact == contact.id)
    rows = connection.execute(query.order_by(tickets.c.number.desc()).limit(most))
    return tuple(Brief(*row) for row in rows)

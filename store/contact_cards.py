"""What operators say about people, as it is written; contacts that are one person become one row."""

from datetime import datetime

from sqlalchemy import Connection, Executable, delete, insert, update

from store import upsert
from store.cards import KeptCard
from store.contacts import changing
from store.schema import addresses, contacts, sketches, tickets


def put(connection: Connection, card: KeptCard, at: datetime) -> None:
    """Write a card. Contacts that it absorbs leave their addresses and tickets to it, and are gone."""
    person = card.contact
    if card.is_new:
        row = {"id": person.id, "name": person.address.name, "created_at": at, **changing(person)}
        connection.execute(insert(contacts), [row])
    else:
        connection.execute(update(contacts).where(contacts.c.id == person.id).values(**changing(person)))
    for theirs in (addresses.c.contact, tickets.c.contact, sketches.c.contact) if card.absorbed else ():
        connection.execute(update(theirs.table).where(theirs.in_(card.absorbed)).values(contact=person.id))
    if card.absorbed:
        connection.execute(delete(contacts).where(contacts.c.id.in_(card.absorbed)))
    connection.execute(_lead(connection), _leading(card, at))


def _leading(card: KeptCard, at: datetime) -> list[dict[str, object]]:
    return [
        {
            "kind": one.address.kind,
            "value": one.address.value,
            "contact": card.contact.id,
            "name": one.address.name,
            "proof": one.proof.value,
            "added_at": at,
        }
        for one in card.addresses
    ]


def _lead(connection: Connection) -> Executable:
    """One that is known leads to this person from now on; when it was first seen stays."""
    rows = upsert.insert(connection, addresses)
    return rows.on_conflict_do_update(
        index_elements=[addresses.c.kind, addresses.c.value],
        set_={name: rows.excluded[name] for name in ("contact", "name", "proof")},
    )

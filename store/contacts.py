"""People and the addresses that lead to them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from store.records import Address, Proof
from store.rows import Contact
from store.schema import addresses, contacts


def by_address(connection: Connection, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], Contact]:
    """Whom these (kind, value) lead to."""
    kinds, values = {kind for kind, _ in wanted}, {value for _, value in wanted}
    rows = connection.execute(
        select(addresses, contacts.c.language)
        .join(contacts, contacts.c.id == addresses.c.contact)
        .where(addresses.c.kind.in_(kinds), addresses.c.value.in_(values))
    )
    return {
        (row["kind"], row["value"]): Contact(
            id=row["contact"],
            address=Address(kind=row["kind"], value=row["value"], name=row["name"]),
            proof=Proof(row["proof"]),
            language=row["language"],
        )
        for row in rows.mappings()
    }


def add(connection: Connection, contact: Contact, at: datetime) -> None:
    """Write a new person; their address too, unless it is empty, which leads to nobody."""
    address = contact.address
    person = {"id": contact.id, "name": address.name, "language": contact.language, "created_at": at}
    connection.execute(_ADD, [person])
    if address.value:
        leading = {
            "kind": address.kind,
            "value": address.value,
            "contact": contact.id,
            "name": address.name,
            "proof": contact.proof.value,
            "added_at": at,
        }
        connection.execute(_ADD_ADDRESS, [leading])


_ADD = insert(contacts)
_ADD_ADDRESS = insert(addresses)


def change(connection: Connection, contact: Contact) -> None:
    """Write the language of a known person and the proof of the address they used."""
    connection.execute(_SPEAK, {"which": contact.id, "spoken": contact.language})
    address = contact.address
    connection.execute(_PROVE, {"of": address.kind, "at": address.value, "now_proven": contact.proof.value})


_SPEAK = update(contacts).where(contacts.c.id == bindparam("which")).values(language=bindparam("spoken"))
_PROVE = (
    update(addresses)
    .where(addresses.c.kind == bindparam("of"), addresses.c.value == bindparam("at"))
    .values(proof=bindparam("now_proven"))
)

"""People and the addresses that lead to them."""

from collections.abc import Collection, Sequence
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


def add(connection: Connection, people: Sequence[Contact], at: datetime) -> None:
    """Write new people; their addresses too, unless they are empty, which leads to nobody."""
    if not people:
        return
    connection.execute(
        _ADD,
        [
            {"id": person.id, "name": person.address.name, "language": person.language, "created_at": at}
            for person in people
        ],
    )
    leading = [
        {
            "kind": person.address.kind,
            "value": person.address.value,
            "contact": person.id,
            "name": person.address.name,
            "proof": person.proof.value,
            "added_at": at,
        }
        for person in people
        if person.address.value
    ]
    if leading:
        connection.execute(_ADD_ADDRESS, leading)


_ADD = insert(contacts)
_ADD_ADDRESS = insert(addresses)


def change(connection: Connection, people: Sequence[Contact]) -> None:
    """Write the languages of known people and the proofs of the addresses they used; of one person the last holds."""
    if not people:
        return
    connection.execute(_SPEAK, [{"which": person.id, "spoken": person.language} for person in people])
    connection.execute(
        _PROVE,
        [
            {"of": person.address.kind, "at": person.address.value, "now_proven": person.proof.value}
            for person in people
        ],
    )


_SPEAK = update(contacts).where(contacts.c.id == bindparam("which")).values(language=bindparam("spoken"))
_PROVE = (
    update(addresses)
    .where(addresses.c.kind == bindparam("of"), addresses.c.value == bindparam("at"))
    .values(proof=bindparam("now_proven"))
)

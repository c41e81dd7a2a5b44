"""People and the addresses that lead to them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from store.records import Address, Proof
from store.rows import Contact
from store.schema import addresses, contacts


def by_address(connection: Connection, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], Contact]:
    """Whom these (kind, value) lead to."""
    kinds, values = {kind for kind, _ in wanted}, {value for _, value in wanted}
    rows = connection.execute(
        select(addresses, *_OF_PERSON)
        .join(contacts, contacts.c.id == addresses.c.contact)
        .where(addresses.c.kind.in_(kinds), addresses.c.value.in_(values))
    )
    return {
        (row["kind"], row["value"]): Contact(
            id=row["contact"],
            address=Address(kind=row["kind"], value=row["value"], name=row["name"]),
            proof=Proof(row["proof"]),
            language=row["language"],
            organisation=row["organisation"] or "",
            tags=msgspec.json.decode(row["tags"], type=tuple[str, ...]) if row["tags"] else (),
            last_person=row["last_person"] or "",
        )
        for row in rows.mappings()
    }


_OF_PERSON = [contacts.c[name] for name in ("language", "organisation", "tags", "last_person")]


def add(connection: Connection, people: Sequence[Contact], at: datetime) -> None:
    """Write new people; their addresses too, unless they are empty, which leads to nobody."""
    if not people:
        return
    connection.execute(
        _ADD,
        [{"id": person.id, "name": person.address.name, "created_at": at, **changing(person)} for person in people],
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
    """Write what is new about known people and the proofs of the addresses they used; of one person the last holds."""
    if not people:
        return
    connection.execute(_CHANGE, [{"which": person.id, **changing(person)} for person in people])
    connection.execute(
        _PROVE,
        [
            {"of": person.address.kind, "at": person.address.value, "now_proven": person.proof.value}
            for person in people
        ],
    )


def changing(person: Contact) -> Mapping[str, object]:
    """What may change about a person, by the columns of their row."""
    return {
        "language": person.language,
        "organisation": person.organisation or None,
        "tags": msgspec.json.encode(person.tags) if person.tags else None,
        "last_person": person.last_person or None,
    }


_CHANGE = (
    update(contacts)
    .where(contacts.c.id == bindparam("which"))
    .values({name: bindparam(name) for name in ("language", "organisation", "tags", "last_person")})
)
_PROVE = (
    update(addresses)
    .where(addresses.c.kind == bindparam("of"), addresses.c.value == bindparam("at"))
    .values(proof=bindparam("now_proven"))
)

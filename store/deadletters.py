"""The letters of records that a stage gave up on: written once, then replayed or dropped by a person."""

from collections.abc import Collection
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, RowMapping, select, update

from store import outbox
from store.codec import id_of
from store.errors import Permanent
from store.records import DeadLetter
from store.schema import dead_letters
from store.topics import DEAD, MAX_RECORD
from store.upsert import insert


class Letter(NamedTuple):
    """A dead letter and what became of it."""

    letter: DeadLetter
    record: str  # The id of the record; empty where its bytes cannot be read.
    state: str  # "waiting", "replayed", "resolved", "dropped".
    decided_by: str
    replays: int
    ticket: int | None  # The ticket that tells of it.


# A record grows by a third in JSON (base64). A larger one is published without its bytes, which the row has.
MAX_PUBLISHED = MAX_RECORD // 4 * 3 - 8 * 1024
MAX_REPLAYS = 5  # A record that died five times more dies of itself: it stays for a person to look at.


def bury(connection: Connection, letter: DeadLetter) -> DeadLetter:
    """Keep the letter, and publish it to topic `dead` with the same transaction; returns it as it is kept.

    A record that died again after a replay has its first letter, which counts the replays.
    """
    record = id_of(letter.value)
    first = _on_its_way(connection, letter.stage, record)
    if first is not None:
        letter = msgspec.structs.replace(letter, id=first.letter.id, first_at=first.letter.first_at)
        connection.execute(
            update(dead_letters).where(dead_letters.c.id == letter.id).values(**_row(letter), state="waiting")
        )
    else:
        connection.execute(
            insert(connection, dead_letters)
            .values(**_row(letter), record=record, state="waiting", decided_by="", replays=0)
            .on_conflict_do_nothing(index_elements=["id"])
        )
    slim = msgspec.structs.replace(letter, value=b"") if len(letter.value) > MAX_PUBLISHED else letter
    outbox.add(connection, DEAD, letter.key, slim)
    return letter


def tell(connection: Connection, letter_id: str, ticket: int) -> None:
    """Note the ticket that tells people of the letter."""
    connection.execute(update(dead_letters).where(dead_letters.c.id == letter_id).values(ticket=ticket))


def listed(connection: Connection, *, state: str = "waiting", limit: int = 1000) -> list[Letter]:
    """The letters in this state, oldest first."""
    rows = connection.execute(
        select(dead_letters)
        .where(dead_letters.c.state == state)
        .order_by(dead_letters.c.first_at, dead_letters.c.id)
        .limit(limit)
    )
    return [_letter(row) for row in rows.mappings()]


def find(connection: Connection, prefix: str) -> Letter:
    """The letter whose id begins with `prefix`; raises Permanent where there is none or more than one."""
    found = dead_letters.c.id.startswith(prefix, autoescape=True)
    rows = connection.execute(select(dead_letters).where(found).limit(2)).mappings().all()
    if len(rows) != 1:
        count = "no dead letter" if not rows else "more than one dead letter"
        raise Permanent(f"{count} has an id that begins with {prefix!r}: see `deskwire dead list`")
    return _letter(rows[0])


def replay(connection: Connection, letter_id: str, *, by: str) -> None:
    """Publish the record again to the topic it came from; it goes the way of every record.

    Raises Permanent where the letter is not there, was dropped or resolved, or was replayed too often.
    """
    found = find(connection, letter_id)
    if found.state not in ("waiting", "replayed"):
        raise Permanent(f"dead letter {letter_id} is {found.state} already (by {found.decided_by}): nothing to replay")
    if found.replays >= MAX_REPLAYS:
        raise Permanent(
            f"dead letter {letter_id} was replayed {found.replays} times and died each time: "
            f"`deskwire dead show {letter_id}` says of what; mend that, or drop it"
        )
    outbox.add_bytes(connection, found.letter.topic, found.letter.key, found.letter.value)
    _decide(connection, found.letter.id, "replayed", by, replays=found.replays + 1)


def drop(connection: Connection, letter_id: str, *, by: str) -> None:
    """Give the record up for good; the letter stays to be looked at. Raises Permanent as `replay` does."""
    found = find(connection, letter_id)
    if found.state not in ("waiting", "replayed"):
        raise Permanent(f"dead letter {letter_id} is {found.state} already (by {found.decided_by}): nothing to drop")
    _decide(connection, found.letter.id, "dropped", by, replays=found.replays)


def replayed(connection: Connection, records: Collection[str]) -> dict[str, Letter]:
    """Of these records, the ones that are on their way again, by the record's id."""
    rows = connection.execute(
        select(dead_letters).where(dead_letters.c.record.in_(records), dead_letters.c.state == "replayed")
    ).mappings()
    return {row["record"]: _letter(row) for row in rows}


def resolve(connection: Connection, letter_id: str) -> None:
    """The replayed record went through: from now on it is an ordinary one that is done."""
    connection.execute(update(dead_letters).where(dead_letters.c.id == letter_id).values(state="resolved"))


def _on_its_way(connection: Connection, stage: str, record: str) -> Letter | None:
    """The letter of a record that is being replayed; None for one whose id cannot be read."""
    rows = connection.execute(
        select(dead_letters).where(
            dead_letters.c.record == record, dead_letters.c.stage == stage, dead_letters.c.state == "replayed"
        )
    )
    found = rows.mappings().first()
    return None if found is None or not record else _letter(found)


def _row(letter: DeadLetter) -> dict[str, object]:
    return {field: getattr(letter, field) for field in letter.__struct_fields__}


def _decide(connection: Connection, letter_id: str, state: str, by: str, *, replays: int) -> None:
    connection.execute(
        update(dead_letters).where(dead_letters.c.id == letter_id).values(state=state, decided_by=by, replays=replays)
    )


def _letter(row: RowMapping) -> Letter:
    letter = DeadLetter(**{field: row[field] for field in DeadLetter.__struct_fields__})
    return Letter(letter, row["record"], row["state"], row["decided_by"], row["replays"], row["ticket"])

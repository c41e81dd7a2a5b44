"""Records that a transaction publishes: kept with its other changes, and carried to the bus by `store.relay`."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from store.bus import Entry, check_sizes
from store.codec import Topical, encode
from store.schema import outbox


class Parcel(NamedTuple):
    """A record on its way to a topic."""

    topic: str
    key: str
    record: Topical


class Waiting(NamedTuple):
    """A row of the outbox."""

    id: int
    topic: str
    entry: Entry


def add(connection: Connection, topic: str, key: str, record: Topical) -> None:
    """Publish `record` if this transaction commits. Raises Permanent for one that no bus takes (`MAX_RECORD`)."""
    add_bytes(connection, topic, key, encode(record))


def add_all(connection: Connection, parcels: Iterable[Parcel]) -> None:
    """As `add`, for many with one statement."""
    _insert(connection, [(parcel.topic, Entry(parcel.key, encode(parcel.record))) for parcel in parcels])


def add_bytes(connection: Connection, topic: str, key: str, value: bytes) -> None:
    """As `add`, for a record that is encoded already."""
    _insert(connection, [(topic, Entry(key, value))])


def read(connection: Connection, limit: int, most_bytes: int) -> list[Waiting]:
    """The oldest rows: at most `limit`, and no more once their values exceed `most_bytes`."""
    query = select(outbox).order_by(outbox.c.id).limit(limit).execution_options(yield_per=50)
    waiting: list[Waiting] = []
    size = 0
    with connection.execute(query) as rows:
        for row in rows:
            waiting.append(Waiting(row.id, row.topic, Entry(row.key, row.value)))
            size += len(row.value)
            if size > most_bytes:
                break
    return waiting


def remove(connection: Connection, rows: Sequence[Waiting]) -> None:
    """Forget exactly these rows."""
    connection.execute(delete(outbox).where(outbox.c.id.in_([row.id for row in rows])))


def newest(connection: Connection, topic: str) -> int:
    """The id of the newest record that waits to be carried to a topic; 0 for none. Later ones have higher ids."""
    return connection.scalar(select(func.max(outbox.c.id)).where(outbox.c.topic == topic)) or 0


def oldest(connection: Connection, topic: str) -> int:
    """The id of the oldest one; 0 for none."""
    return connection.scalar(select(func.min(outbox.c.id)).where(outbox.c.topic == topic)) or 0


def size(connection: Connection) -> int:
    """How many records wait."""
    return connection.scalar(select(func.count()).select_from(outbox)) or 0


def _insert(connection: Connection, rows: Sequence[tuple[str, Entry]]) -> None:
    for topic, entry in rows:
        check_sizes(topic, [entry])  # Here the record's own transaction fails; in the relay it would block all others.
    if rows:
        values = [{"topic": topic, "key": entry.key, "value": entry.value} for topic, entry in rows]
        connection.execute(insert(outbox), values)

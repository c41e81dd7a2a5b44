"""Records that failed and are tried again, and those of the same key that wait behind them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, func, insert, or_, select, update

from store.bus import Stored, TopicPartition
from store.schema import held


class Held(NamedTuple):
    """A record that is not done although its partition's position has passed it."""

    record: Stored
    attempts: int  # How often it was tried; 0: it only waits behind another one of its key.
    reason: str
    first_at: datetime
    due_at: datetime


Key = tuple[TopicPartition, str]


def hold(connection: Connection, group: str, rows: Iterable[Held]) -> None:
    """Keep records for later."""
    values = [
        {
            "group": group,
            "topic": row.record.at.topic,
            "partition": row.record.at.partition,
            "offset": row.record.offset,
            "key": row.record.key,
            "value": row.record.value,
            "attempts": row.attempts,
            "reason": row.reason,
            "first_at": row.first_at,
            "due_at": row.due_at,
        }
        for row in rows
    ]
    if values:
        connection.execute(insert(held), values)


def heads(connection: Connection, group: str, parts: Collection[TopicPartition], limit: int) -> list[Held]:
    """The oldest record of each held key, due or not: at most `limit`, those that are due first before the others."""
    if not parts:
        return []
    where = [and_(held.c.topic == at.topic, held.c.partition == at.partition) for at in parts]
    oldest = (
        select(held.c.topic, held.c.partition, func.min(held.c.offset).label("offset"))
        .where(held.c.group == group, or_(*where))
        .group_by(held.c.topic, held.c.partition, held.c.key)
        .subquery()
    )
    is_oldest = and_(*(held.c[name] == oldest.c[name] for name in ("topic", "partition", "offset")))
    rows = connection.execute(
        select(held)
        .join(oldest, is_oldest)
        .where(held.c.group == group)
        .order_by(held.c.due_at, held.c.offset)
        .limit(limit)
    )
    return [_held(row) for row in rows.mappings()]


def keys(connection: Connection, group: str) -> set[Key]:
    """The keys whose newer records must wait."""
    rows = connection.execute(
        select(held.c.topic, held.c.partition, held.c.key).where(held.c.group == group).distinct()
    )
    return {(TopicPartition(topic, partition), key) for topic, partition, key in rows}


def count_try(connection: Connection, group: str, row: Held) -> None:
    """Count a try before it is made, so that one which kills the process is counted too."""
    connection.execute(update(held).where(*_is(group, row.record)).values(attempts=row.attempts + 1))


def uncount_try(connection: Connection, group: str, row: Held) -> None:
    """Take back what `count_try` counted of this row: the environment ended the try, and that never counts."""
    counted = held.c.attempts == row.attempts + 1
    connection.execute(update(held).where(*_is(group, row.record), counted).values(attempts=row.attempts))


def release(connection: Connection, group: str, records: Sequence[Stored]) -> None:
    """These are done, or buried."""
    for record in records:
        connection.execute(delete(held).where(*_is(group, record)))


def _is(group: str, record: Stored) -> tuple[ColumnElement[bool], ...]:
    return (
        held.c.group == group,
        held.c.topic == record.at.topic,
        held.c.partition == record.at.partition,
        held.c.offset == record.offset,
    )


def _held(row: RowMapping) -> Held:
    at = TopicPartition(row["topic"], row["partition"])
    record = Stored(at, row["offset"], row["key"], row["value"])
    return Held(record, row["attempts"], row["reason"], row["first_at"], row["due_at"])

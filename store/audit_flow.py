"""Follows records through the log: what each group has read, what that gave, and what is still on its way."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection, Integer, exists, func, literal, select, union_all

from store.bus import TopicPartition
from store.codec import derived_id
from store.schema import dead_letters, held, inbox, originals, positions
from store.topics import RAW

PAGE = 500  # Rows that are in memory at once.

Ends = Mapping[TopicPartition, tuple[int, int]]  # As `Bus.ends` gives them.


class Reader(NamedTuple):
    """A group on one partition."""

    group: str
    at: TopicPartition


class Gap(NamedTuple):
    """Payloads of topic `raw` that were read and are nowhere, from the first to the last."""

    partition: int
    first: int
    last: int


def read_up_to(connection: Connection) -> dict[Reader, int]:
    """The offset that each group will read next, where it has read anything."""
    rows = connection.execute(select(positions).where(positions.c.next.is_not(None))).mappings()
    return {Reader(row["group"], TopicPartition(row["topic"], row["partition"])): row["next"] for row in rows}


def lag(group: str, topics: Iterable[str], read: Mapping[Reader, int], ends: Ends) -> int:
    """How many records of the topics the group has not read."""
    parts = {at: span for at, span in ends.items() if at.topic in set(topics)}
    return sum(end - max(start, read.get(Reader(group, at), start)) for at, (start, end) in parts.items())


def outside_of_log(read: Mapping[Reader, int], ends: Ends) -> Iterator[str]:
    """Each position that the log does not have, in words."""
    for (group, at), position in sorted(read.items()):
        if at not in ends:
            continue
        start, end = ends[at]
        place = f"{group} has read {at.topic}[{at.partition}] up to {position}, and the log"
        if position > end:
            yield f"{place} ends at {end}: it is another log than the one that was read"
        if position < start:
            yield f"{place} begins at {start}: {start - position} records were deleted before they were read"


def gaps(connection: Connection, read: Mapping[Reader, int], ends: Ends) -> Iterator[Gap]:
    """The payloads that normalize has read, and that are no originals, no dead letters and not held."""
    bounds = [
        select(
            literal(at.partition, Integer).label("part"), literal(start).label("low"), literal(position).label("high")
        )
        for at, (start, _) in ends.items()
        if at.topic == RAW and (position := read.get(Reader("normalize", at), 0)) > start
    ]
    if not bounds:
        return
    bound = union_all(*bounds).subquery()
    # The bounds themselves are among the offsets, so that a gap at either end has two sides too.
    accounted = union_all(
        select(originals.c.partition, originals.c.offset.label("at")),
        *(
            select(table.c.partition, table.c.offset.label("at")).where(table.c.topic == RAW)
            for table in (dead_letters, held)
        ),
        select(bound.c.part.label("partition"), (bound.c.low - 1).label("at")),
        select(bound.c.part.label("partition"), bound.c.high.label("at")),
    ).subquery()
    following = func.lead(accounted.c.at).over(partition_by=accounted.c.partition, order_by=accounted.c.at)
    pairs = (
        select(accounted.c.partition, accounted.c.at, following.label("following"))
        .join(bound, accounted.c.partition == bound.c.part)
        .where(accounted.c.at.between(bound.c.low - 1, bound.c.high))
        .subquery()
    )
    found = select(pairs.c.partition, pairs.c.at + 1, pairs.c.following - 1).where(pairs.c.following - pairs.c.at > 1)
    for partition, first, last in connection.execute(found.execution_options(yield_per=PAGE)):
        yield Gap(partition, first, last)


def replays(connection: Connection) -> int:
    """How often payloads were published again because their dead letters were replayed."""
    query = select(func.coalesce(func.sum(dead_letters.c.replays), 0)).where(dead_letters.c.topic == RAW)
    return connection.scalar(query) or 0


def known_payloads(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those of these payloads that are originals or dead letters."""
    return {
        *connection.scalars(select(originals.c.raw).where(originals.c.raw.in_(ids))),
        *connection.scalars(select(dead_letters.c.record).where(dead_letters.c.record.in_(ids))),
    }


def without_outcome(connection: Connection) -> Iterator[str]:
    """The ids of records that originals gave, and that have neither an outcome nor a dead letter."""
    # Only suspects are looked at one by one: an action that came in a chat does not name its original.
    suspects = (
        select(originals.c.raw, originals.c.records)
        .outerjoin(inbox, inbox.c.raw == originals.c.raw)
        .group_by(originals.c.raw, originals.c.records)
        .having(func.count(inbox.c.id) < originals.c.records)
    )
    rows = connection.execute(suspects.execution_options(yield_per=PAGE))
    ids = (derived_id(raw, str(index)) for raw, records in rows for index in range(records))
    while page := list(islice(ids, PAGE)):
        known = set(connection.scalars(select(inbox.c.id).where(inbox.c.id.in_(page))))
        known |= set(connection.scalars(select(dead_letters.c.record).where(dead_letters.c.record.in_(page))))
        yield from (record for record in page if record not in known)


def unknown_payloads(connection: Connection) -> int:
    """How many payloads gave records with outcomes, and are neither originals nor dead (a ticket tells of those)."""
    is_original = exists().where(originals.c.raw == inbox.c.raw)
    is_dead = exists().where(dead_letters.c.record == inbox.c.raw)
    query = select(func.count(inbox.c.raw.distinct())).where(inbox.c.raw != "", ~is_original, ~is_dead)
    return connection.scalar(query) or 0

"""How far each group has read each partition, who may read it on, and what was begun and not ended."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, or_, select, update

from store.bus import TopicPartition
from store.errors import Fenced
from store.schema import attempts, positions
from store.upsert import insert


class Claim(NamedTuple):
    """The right to read a partition on, until somebody else claims it."""

    at: TopicPartition
    epoch: int
    next: int | None  # The offset to read next; None: nothing was read yet.


class Span(NamedTuple):
    """A run of offsets of one partition, `end` excluded."""

    at: TopicPartition
    start: int
    end: int


def claim(connection: Connection, group: str, at: TopicPartition) -> Claim:
    """Take a partition over: whoever claimed it before is fenced off from now on."""
    statement = (
        insert(connection, positions)
        .values(group=group, topic=at.topic, partition=at.partition, epoch=1, next=None)
        .on_conflict_do_update(index_elements=["group", "topic", "partition"], set_={"epoch": positions.c.epoch + 1})
        .returning(positions.c.epoch, positions.c.next)
    )
    epoch, position = connection.execute(statement).one()
    return Claim(at, epoch, position)


def advance(connection: Connection, group: str, moves: Sequence[tuple[Claim, int]]) -> list[Claim]:
    """Move positions from where their claims stand to these ends, and return the claims as they stand then.

    Raises Fenced where somebody else has claimed one of the partitions or moved its position since.
    """
    rows = [
        {**_place(group, claimed.at), "mine": claimed.epoch, "was": claimed.next, "to": end} for claimed, end in moves
    ]
    if rows and connection.execute(_ADVANCE, rows).rowcount != len(rows):
        for claimed, _ in moves:
            assert_mine(connection, group, claimed)
        raise Fenced(f"{group} was to move positions of {moves[0][0].at.topic}, and another process has moved one")
    return [claimed._replace(next=end) for claimed, end in moves]


def assert_mine(connection: Connection, group: str, claimed: Claim) -> None:
    """Make sure, until this transaction ends, that nobody has claimed the partition since; raises Fenced."""
    mine = connection.execute(update(positions).where(_mine(group, claimed)).values(epoch=claimed.epoch))
    if mine.rowcount != 1:
        raise Fenced(f"{group} was to work on {claimed.at.topic}[{claimed.at.partition}], and another process has it")


def begin(connection: Connection, group: str, spans: Sequence[Span], now: datetime) -> dict[Span, int]:
    """Write down that work on these spans begins, and return how often it has begun for each, this time included."""
    if not spans:
        return {}
    statement = insert(connection, attempts).on_conflict_do_update(
        index_elements=["group", "topic", "partition", "start", "end"],
        set_={"tries": attempts.c.tries + 1, "begun_at": now},
    )
    this_time = {"group": group, "tries": 1, "begun_at": now}
    connection.execute(
        statement, [{**this_time, **span.at._asdict(), "start": span.start, "end": span.end} for span in spans]
    )
    begun = connection.execute(_TRIES, {"the_group": group})
    tries = {Span(TopicPartition(row.topic, row.partition), row.start, row.end): row.tries for row in begun}
    return {span: tries[span] for span in spans}


def uncount(connection: Connection, group: str, spans: Iterable[Span]) -> None:
    """Take back what `begin` counted: the environment ended the work, and that never counts."""
    for span in spans:
        same = and_(
            attempts.c.group == group,
            attempts.c.topic == span.at.topic,
            attempts.c.partition == span.at.partition,
            attempts.c.start == span.start,
            attempts.c.end == span.end,
        )
        connection.execute(update(attempts).where(same).values(tries=attempts.c.tries - 1))
        connection.execute(delete(attempts).where(same, attempts.c.tries <= 0))


def end(connection: Connection, group: str, spans: Sequence[Span]) -> None:
    """Forget what was begun up to the ends of these spans: it has ended."""
    if spans:
        connection.execute(_END, [{**_place(group, span.at), "to": span.end} for span in spans])


def unfinished(connection: Connection, group: str, parts: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
    """For each of the partitions on which a process died at work, the offset up to which it was at work."""
    where = [and_(attempts.c.topic == at.topic, attempts.c.partition == at.partition) for at in parts]
    rows = connection.execute(
        select(attempts.c.topic, attempts.c.partition, attempts.c.end).where(attempts.c.group == group, or_(*where))
    )
    suspect: dict[TopicPartition, int] = {}
    for topic, partition, until in rows:
        at = TopicPartition(topic, partition)
        suspect[at] = max(until, suspect.get(at, until))
    return suspect


def _mine(group: str, claimed: Claim) -> ColumnElement[bool]:
    return and_(
        positions.c.group == group,
        positions.c.topic == claimed.at.topic,
        positions.c.partition == claimed.at.partition,
        positions.c.epoch == claimed.epoch,
    )


def _place(group: str, at: TopicPartition) -> dict[str, object]:
    return {"the_group": group, "the_topic": at.topic, "the_partition": at.partition}


# Each is made once and run for all partitions of a batch: a desk on one machine reads 24 of each topic.
_ADVANCE = (
    update(positions)
    .where(
        positions.c.group == bindparam("the_group"),
        positions.c.topic == bindparam("the_topic"),
        positions.c.partition == bindparam("the_partition"),
        positions.c.epoch == bindparam("mine"),
        positions.c.next.is_not_distinct_from(bindparam("was", type_=positions.c.next.type)),
    )
    .values(next=bindparam("to"))
)
_TRIES = select(attempts).where(attempts.c.group == bindparam("the_group"))
_END = delete(attempts).where(
    attempts.c.group == bindparam("the_group"),
    attempts.c.topic == bindparam("the_topic"),
    attempts.c.partition == bindparam("the_partition"),
    attempts.c.end <= bindparam("to"),
)

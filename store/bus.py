"""What every bus promises: a log of topics and partitions that is durable when `publish` returns."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from store.errors import Permanent
from store.topics import MAX_RECORD


class TopicPartition(NamedTuple):
    """One ordered log."""

    topic: str
    partition: int


class Entry(NamedTuple):
    """A record to publish; equal keys of a topic stay in order."""

    key: str
    value: bytes


class Stored(NamedTuple):
    """A record as it stands in a log."""

    at: TopicPartition
    offset: int
    key: str
    value: bytes


class Consumer(Protocol):
    """A member of a group that shares the partitions of some topics among its members.

    It keeps no position of its own: `assignment` says which partitions are this member's now, and `fetch` gives
    records only of partitions that were sought since they were assigned.
    """

    def assignment(self) -> frozenset[TopicPartition]:
        """The partitions that are this member's at this moment; it changes when members come and go."""

    def unsought(self) -> frozenset[TopicPartition]:
        """Those of them that were not sought since they were assigned, and so are not read.

        One that is taken and given back at once is among them again, although `assignment` is what it was.
        """

    async def seek(self, at: TopicPartition, offset: int | None) -> None:
        """Read on from `offset`; None means from the beginning of what is kept.

        Raises Permanent where records before the log's start would be skipped (they were deleted unread) or where
        `offset` lies above the log's end (this is another log than the one that was read before); Fenced where the
        partition is not this member's any more; Temporary where the bus does not answer.
        """

    async def fetch(self, limit: int, wait: float) -> Sequence[Stored]:
        """Up to `limit` records, each partition's in order; empty after `wait` seconds without any.

        It may come back empty sooner, where the assignment changed. Raises Permanent where retention deleted what was
        to be read next, Temporary where the bus does not answer.
        """

    async def close(self) -> None:
        """Leave the group."""


class Bus(Protocol):
    """A log of topics, and its consumers."""

    async def publish(self, topic: str, entries: Sequence[Entry]) -> None:
        """Durable when it returns, as far as the bus promises at all (`docs`, delivery).

        Raises Permanent for a record over MAX_RECORD, Temporary where the outcome is a failure or unknown: the caller
        publishes again, and readers know duplicates by their ids.
        """

    async def consumer(self, group: str, topics: Sequence[str]) -> Consumer:
        """A new member of the group; it joins at once and gets partitions by and by."""

    async def ends(self, topic: str) -> Mapping[TopicPartition, tuple[int, int]]:
        """For each partition the first offset that is kept and the offset that the next record will get.

        What a group has not read yet, its lag, is the second less the group's position.
        """

    async def close(self) -> None:
        """Finish what is being published, then let go of files and connections."""


class Reader(Protocol):
    """Finds a record again by its place, long after its stages have read it; each bus is one too."""

    async def read(self, topic: str, partition: int, offset: int) -> Stored:
        """The record at this place; raises Permanent where retention has deleted it, Temporary as `fetch` does."""


class Log(Bus, Reader, Protocol):
    """A bus that also finds single records again; every bus of ours does."""


def lost_records(at: TopicPartition, wanted: int, first: int) -> Permanent:
    """The alarm for records that were deleted before they were read."""
    return Permanent(
        f"DATA LOSS: {at.topic}/{at.partition} was to be read on from {wanted}, and what is kept begins at {first}: "
        f"{first - wanted} records were deleted unread. Find out what they were, raise `bus.retention`, and start "
        "again once the position is set by hand"
    )


def foreign_log(at: TopicPartition, wanted: int, end: int) -> Permanent:
    """The refusal of a log that is shorter than what was read of it."""
    return Permanent(
        f"{at.topic}/{at.partition} was to be read on from {wanted}, and it ends at {end}: this is not the log that "
        "was read before (emptied, restored from a backup, or another one). Point `backend.bus` back to that log"
    )


def check_sizes(topic: str, entries: Sequence[Entry]) -> None:
    """Refuse what no bus takes; raises Permanent."""
    for entry in entries:
        if len(entry.value) > MAX_RECORD:
            raise Permanent(
                f"a record of {len(entry.value)} bytes was to be published to {topic}, and {MAX_RECORD} is the most: "
                "put its payload into a blob and publish the blob's key"
            )

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

    async def seek(self, at: TopicPartition, offset: int | None) -> None:
        """Read on from `offset`; None means from the beginning of what is kept.

        Raises Permanent where records before the log's start would be skipped (they were deleted unread) or where
        `offset` lies above the log's end (this is another log than the one that was read before).
        """

    async def fetch(self, limit: int, wait: float) -> Sequence[Stored]:
        """Up to `limit` records, each partition's in order; empty after `wait` seconds without any."""

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


def check_sizes(topic: str, entries: Sequence[Entry]) -> None:
    """Refuse what no bus takes; raises Permanent."""
    for entry in entries:
        if len(entry.value) > MAX_RECORD:
            raise Permanent(
                f"a record of {len(entry.value)} bytes was to be published to {topic}, and {MAX_RECORD} is the most: "
                "put its payload into a blob and publish the blob's key"
            )

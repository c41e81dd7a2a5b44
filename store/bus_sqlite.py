"""The embedded bus: a log of this machine in one SQLite file, for one process that runs every stage."""

import asyncio
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from store.bus import Entry, Stored, TopicPartition, check_sizes, foreign_log, lost_records
from store.bus_settings import BusSettings
from store.durations import written as shown
from store.errors import Fenced, Permanent, Temporary
from store.log_sqlite import (
    Row,
    Span,
    Want,
    forget,
    heads,
    open_reader,
    open_writer,
    read_ranges,
    sorted_error,
)
from store.log_writer import LogWriter

Result = TypeVar("Result")

_FORGOTTEN_AT_ONCE = 500  # Records deleted in one transaction, so that publishers get between them.
_NOTHING = Span(0, 0)


class SqliteBus:
    """A `Bus` in a file. Another process may open the same file, to publish or to look."""

    def __init__(self, path: Path, settings: BusSettings, *, busy_timeout: float = 30.0) -> None:
        """`start` opens the file; `busy_timeout`, in seconds, is how long another process's lock is waited for."""
        self._path = path
        self._settings = settings
        self._busy_timeout = busy_timeout
        self._consumers: set[SqliteConsumer] = set()
        self._reads = ThreadPoolExecutor(1, thread_name_prefix="log-reader")

    async def start(self) -> None:
        """Open the log, or make it; raises as `log_sqlite.open_writer` does."""
        written = await asyncio.to_thread(open_writer, self._path, self._settings.partitions, self._busy_timeout)
        self._reader = await asyncio.to_thread(open_reader, self._path, self._busy_timeout)
        self._writer = LogWriter(written, self._path, self._settings.waiting, self._wake)

    async def publish(self, topic: str, entries: Sequence[Entry]) -> None:
        """See `Bus`: on the disk when it returns."""
        check_sizes(topic, entries)
        at = time.time_ns() // 1_000_000
        rows = [Row(topic, self.partition_of(entry.key), at, entry.key, entry.value) for entry in entries]
        if not rows:
            return
        try:
            async with asyncio.timeout(self._settings.publish_timeout.total_seconds()):
                await self._writer.append(rows)
        except TimeoutError as error:
            raise Temporary(
                f"the log {self._path} has not taken a record within {shown(self._settings.publish_timeout)}: "
                "the disk is slow or stuck; trying again"
            ) from error

    async def consumer(self, group: str, topics: Sequence[str]) -> "SqliteConsumer":
        """See `Bus`: there is one member of each group, and all partitions are its own."""
        if any(consumer.group == group and not consumer.topics.isdisjoint(topics) for consumer in self._consumers):
            raise Permanent(
                f"group {group} has a member for {', '.join(topics)} already, and an embedded log has one of each: "
                "run one process, or take Kafka as the bus"
            )
        parts = range(self._settings.partitions)
        mine = frozenset(TopicPartition(topic, part) for topic in topics for part in parts)
        consumer = SqliteConsumer(self, group, mine, self._settings.fetch)
        self._consumers.add(consumer)
        return consumer

    async def ends(self, topic: str) -> Mapping[TopicPartition, tuple[int, int]]:
        """See `Bus`."""
        found = await self.spans([topic])
        parts = (TopicPartition(topic, part) for part in range(self._settings.partitions))
        return {at: (span.first, span.next) for at in parts for span in [found.get(at, _NOTHING)]}

    async def read(self, topic: str, partition: int, offset: int) -> Stored:
        """See `bus.Reader`."""
        at = TopicPartition(topic, partition)
        found = await self.ranges([Want(at, offset, offset + 1)], 1)
        if not found:
            raise Permanent(
                f"{topic}/{partition} has no record {offset}: retention has deleted it, or it was never written"
            )
        return found[0]

    async def forget(self, topic: str, before: datetime) -> int:
        """Delete the topic's records that were stored before a time, read or not; returns how many they were.

        Offsets go on from where they are. A consumer that had not read them raises the data-loss alarm.
        """
        count = 0
        for at, span in (await self.spans([topic])).items():
            work = partial(forget, at=at, before=int(before.timestamp() * 1000), most=_FORGOTTEN_AT_ONCE)
            gone = span.next - span.first
            while gone > 0:
                gone = await self._writer.run(work)
                count += gone
        return count

    async def close(self) -> None:
        """See `Bus`."""
        await self._writer.close()
        await asyncio.to_thread(self._reads.shutdown)
        self._reader.close()

    def partition_of(self, key: str) -> int:
        """Where a key's records go, in every process and release: CRC-32 of its UTF-8 by the number of partitions."""
        try:
            return zlib.crc32(key.encode()) % self._settings.partitions
        except UnicodeEncodeError as error:
            raise Permanent(
                "a record's key has characters that UTF-8 cannot carry: clean it where it is made"
            ) from error

    async def spans(self, topics: Iterable[str]) -> Mapping[TopicPartition, Span]:
        """What is kept of each partition that was ever written to."""
        return await self._on_reader(lambda connection: heads(connection, topics))

    async def ranges(self, wants: Sequence[Want], budget: int) -> Sequence[Stored]:
        """The records that are wanted, up to a number of bytes."""
        return await self._on_reader(lambda connection: read_ranges(connection, wants, budget))

    def leave(self, consumer: "SqliteConsumer") -> None:
        """Let the next member of its group come."""
        self._consumers.discard(consumer)

    def _wake(self, topics: frozenset[str]) -> None:
        for consumer in self._consumers:
            consumer.wake(topics)

    async def _on_reader(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reads, work, self._reader)
        except sqlite3.Error as error:
            raise sorted_error(error, self._path) from error


class SqliteConsumer:
    """The one member of a group; every partition is its own from the start."""

    def __init__(self, bus: SqliteBus, group: str, mine: frozenset[TopicPartition], budget: int) -> None:
        """`budget` bounds the bytes of one fetch."""
        self._bus = bus
        self.group = group
        self._mine = mine
        self.topics = frozenset(at.topic for at in mine)
        self._budget = budget
        self._next: dict[TopicPartition, int] = {}
        self._turn = 0  # Whose turn it is to be read first, so that one busy partition does not starve the rest.
        self._news = asyncio.Event()

    def assignment(self) -> frozenset[TopicPartition]:
        """See `Consumer`."""
        return self._mine

    def unsought(self) -> frozenset[TopicPartition]:
        """See `Consumer`."""
        return self._mine - self._next.keys()

    async def seek(self, at: TopicPartition, offset: int | None) -> None:
        """See `Consumer`."""
        if at not in self._mine:
            raise Fenced(f"{at.topic}/{at.partition} is not a partition of group {self.group}")
        span = (await self._bus.spans([at.topic])).get(at, _NOTHING)
        if offset is not None and offset < span.first:
            raise lost_records(at, offset, span.first)
        if offset is not None and offset > span.next:
            raise foreign_log(at, offset, span.next)
        self._next[at] = span.first if offset is None else offset

    async def fetch(self, limit: int, wait: float) -> Sequence[Stored]:
        """See `Consumer`. What another process published is seen by the next call, not within the wait."""
        end = time.monotonic() + wait
        while True:
            self._news.clear()
            records = await self._read(limit)
            if records:
                return records
            try:
                async with asyncio.timeout(max(0.0, end - time.monotonic())):
                    await self._news.wait()
            except TimeoutError:
                return ()

    async def close(self) -> None:
        """See `Consumer`."""
        self._bus.leave(self)

    def wake(self, topics: frozenset[str]) -> None:
        """Something was committed to these topics."""
        if not topics.isdisjoint(self.topics):
            self._news.set()

    async def _read(self, limit: int) -> Sequence[Stored]:
        wants = self._wants(await self._bus.spans(self.topics), limit)
        if not wants:
            return ()
        records = await self._bus.ranges(wants, self._budget)
        for record in records:
            self._next[record.at] = record.offset + 1
        return records

    def _wants(self, spans: Mapping[TopicPartition, Span], limit: int) -> Sequence[Want]:
        """A fair share of each partition that has something, another one first each time."""
        ready = sorted(at for at, start in self._next.items() if spans.get(at, _NOTHING).next > start)
        if not ready:
            return ()
        self._turn += 1
        first = self._turn % len(ready)
        ready = (ready[first:] + ready[:first])[:limit]
        share = max(1, limit // len(ready))
        for at in ready:
            if self._next[at] < spans[at].first:
                raise lost_records(at, self._next[at], spans[at].first)
        return [Want(at, self._next[at], min(spans[at].next, self._next[at] + share)) for at in ready]

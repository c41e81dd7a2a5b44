"""A member of a group on Kafka, which reads only where it was told to read on."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

from store.bus import Stored, TopicPartition, foreign_log, lost_records
from store.bus_settings import BusSettings
from store.durations import milliseconds
from store.errors import Fenced
from store.kafka_errors import connecting_takes, sorted_out
from store.kafka_names import KafkaNames

_LAG_SHOWN = 5.0  # Seconds between two commits.
_NEVER = 2**31 - 1  # Milliseconds; the most that the protocol carries.
_WITHIN_FETCH = 1024 * 1024  # Bytes of one partition in a fetch: two of our largest records.

# The first offset that is kept of each partition, and the one that the next record will get; raises Temporary.
Spans = Callable[[Sequence[KafkaPartition]], Awaitable[Mapping[KafkaPartition, tuple[int, int]]]]


class KafkaConsumer(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types.
    """See `bus.Consumer`. The library may fetch as soon as partitions are assigned; nothing of that comes out of here.

    A change of members takes all partitions from everyone and deals them anew (Kafka's eager protocol, the only one
    that aiokafka speaks), so after each one every partition must be sought again.
    """

    def __init__(
        self, servers: str, group: str, topics: Sequence[str], settings: BusSettings, *, names: KafkaNames, spans: Spans
    ) -> None:
        """`start` joins the group.

        `spans` tells what is kept of partitions, over another connection: on this one an answer would wait behind
        every fetch, half a second each.
        """
        self._servers = servers
        self._topics = [names.wire(topic) for topic in topics]
        self._names = names
        self._settings = settings
        self._spans = spans
        self._mine: frozenset[TopicPartition] = frozenset()
        self._sought: dict[TopicPartition, int] = {}  # And what is read next of each.
        self._dealt = asyncio.Event()
        self._heard = time.monotonic()  # When the broker last gave something.
        self._shown = time.monotonic()  # When the lag was last shown.
        self._client = AIOKafkaConsumer(
            bootstrap_servers=servers,
            group_id=names.wire(group),
            auto_offset_reset="none",
            enable_auto_commit=False,  # The library would commit what is not handled yet; see `_show_lag`.
            session_timeout_ms=milliseconds(settings.session_timeout),
            heartbeat_interval_ms=milliseconds(settings.session_timeout * 0.3),
            rebalance_timeout_ms=milliseconds(settings.session_timeout),
            # A stage that waits for its database keeps its partitions: moving them would not help, and whoever
            # works with stale ones is stopped by the epoch in the store.
            max_poll_interval_ms=_NEVER,
            request_timeout_ms=milliseconds(settings.request_timeout),
            max_partition_fetch_bytes=_WITHIN_FETCH,
            fetch_max_bytes=settings.fetch,
        )

    async def start(self) -> None:
        """Connect and ask to be a member; raises Temporary where no broker answers."""
        try:
            with sorted_out(self._servers, "joining a group"):
                async with asyncio.timeout(connecting_takes(self._servers, self._settings.request_timeout)):
                    await self._client.start()
        except BaseException:
            await self.close()
            raise
        self._client.subscribe(self._topics, listener=self)

    def on_partitions_revoked(self, revoked: Sequence[KafkaPartition]) -> None:  # noqa: ARG002 (all of them, always)
        """Called by the library: members come or go."""
        self._mine = frozenset()
        self._sought.clear()

    def on_partitions_assigned(self, assigned: Sequence[KafkaPartition]) -> None:
        """Called by the library: these are ours now."""
        self._mine = frozenset(map(self._names.ours, assigned))
        self._sought.clear()
        self._dealt.set()

    def assignment(self) -> frozenset[TopicPartition]:
        """See `Consumer`; empty while the members are being counted."""
        return self._mine

    def unsought(self) -> frozenset[TopicPartition]:
        """See `Consumer`."""
        return self._mine - self._sought.keys()

    async def seek(self, at: TopicPartition, offset: int | None) -> None:
        """See `Consumer`."""
        self._check_mine(at)
        place = self._names.place(at)
        first, after = (await self._spans([place]))[place]
        if offset is not None and offset < first:
            raise lost_records(at, offset, first)
        if offset is not None and offset > after:
            raise foreign_log(at, offset, after)
        self._check_mine(at)  # It may have gone while the broker was asked.
        self._sought[at] = first if offset is None else offset
        self._client.seek(place, self._sought[at])

    async def fetch(self, limit: int, wait: float) -> Sequence[Stored]:
        """See `Consumer`."""
        await self._show_lag()
        with sorted_out(self._servers, "fetching"):
            found = await self._get(limit, wait)
            if found:
                self._heard = time.monotonic()
            else:
                await self._check_broker()
        # What was dealt anew during the wait is not ours, or not sought since.
        ours = [(at, records) for place, records in found.items() if (at := self._names.ours(place)) in self._sought]
        for at, records in ours:
            self._sought[at] = records[-1].offset + 1
        return [self._names.stored(record) for _, records in ours for record in records]

    async def close(self) -> None:
        """See `Consumer`."""
        self._mine = frozenset()
        self._sought.clear()
        with suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(connecting_takes(self._servers, self._settings.request_timeout)):
                await self._client.stop()

    def _check_mine(self, at: TopicPartition) -> None:
        if at not in self._mine:
            raise Fenced(f"{at.topic}/{at.partition} belongs to another member of the group")

    async def _get(self, limit: int, wait: float) -> Mapping[KafkaPartition, Sequence[ConsumerRecord]]:
        """What the library has of the partitions that were sought; empty where they were dealt anew meanwhile."""
        asked = list(map(self._names.place, self._sought))
        if not asked:
            await self._wait_for_change(wait)
            return {}
        try:
            # The library's own time-out does not run while members come or go.
            async with asyncio.timeout(wait + 1.0):
                found: Mapping[KafkaPartition, Sequence[ConsumerRecord]] = await self._client.getmany(
                    *asked, timeout_ms=round(wait * 1000), max_records=limit
                )
        except (TimeoutError, NoOffsetForPartitionError):
            return {}
        except OffsetOutOfRangeError as error:
            ((place, wanted),) = error.args[0].items()
            first, _ = (await self._spans([place]))[place]
            raise lost_records(self._names.ours(place), wanted, first) from error
        return found

    async def _show_lag(self) -> None:
        """Commit to Kafka what was given out by earlier fetches, for tools that show how far a group is.

        Positions are in the store, and nothing of ours reads this back: `seek` comes before every first fetch.
        """
        if not self._sought or time.monotonic() - self._shown < _LAG_SHOWN:
            return
        self._shown = time.monotonic()
        with suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(1.0):
                await self._client.commit({self._names.place(at): offset for at, offset in self._sought.items()})

    async def _check_broker(self) -> None:
        """Tell silence from an outage, which the library keeps to itself: ask for something after a while."""
        if time.monotonic() - self._heard > self._settings.request_timeout.total_seconds():
            await self._spans([KafkaPartition(self._topics[0], 0)])
            self._heard = time.monotonic()

    async def _wait_for_change(self, wait: float) -> None:
        self._dealt.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._dealt.wait()

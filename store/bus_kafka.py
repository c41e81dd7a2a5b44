"""The bus of a desk that is scaled out: Kafka, through aiokafka."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import KafkaError

from store.bus import Entry, Stored, TopicPartition, check_sizes
from store.bus_settings import BusSettings
from store.durations import milliseconds
from store.errors import Permanent, Temporary
from store.kafka_consumer import KafkaConsumer
from store.kafka_errors import connecting_takes, quiet_library, sorted_out
from store.kafka_names import KafkaNames
from store.kafka_topics import make_topics
from store.topics import TOPICS

_BATCH = 256 * 1024  # Bytes of one partition's batch; several of our largest records would not fit more often.
_LEAVING = 15.0  # Seconds to say goodbye to a broker; one that is gone is not waited for any longer.


class KafkaBus:
    """A `Bus` on a Kafka cluster.

    Durable means written by all replicas that are in step (acks=all), which is replication and no fsync: a cluster of
    one broker can lose acknowledged records at a power cut.
    """

    def __init__(self, servers: str, settings: BusSettings, *, desk: str = "", topics: Sequence[str] = TOPICS) -> None:
        """`servers` is "host:port,host:port", `desk` what parts our topics from those of others on these servers.

        `start` connects, and makes the topics.
        """
        self._servers = servers
        self._settings = settings
        self._topics = topics
        self._names = KafkaNames(desk)
        self._room = asyncio.Semaphore(settings.waiting)
        self._request_ms = milliseconds(settings.request_timeout)
        self._lock = asyncio.Lock()
        self._failures = 0  # To connect, ever.
        self._producer: AIOKafkaProducer | None = None
        self._lookups: AIOKafkaConsumer | None = None
        self._closed = False

    async def start(self) -> None:
        """Connect, make missing topics and check the others.

        Raises Temporary where no broker answers, Permanent where a topic has another number of partitions than the
        settings say.
        """
        quiet_library()
        # Connecting, making topics and seeing them are a request each.
        patience = 2 * connecting_takes(self._servers, self._settings.request_timeout)
        with sorted_out(self._servers, "making topics"):
            async with asyncio.timeout(patience):
                await make_topics(self._servers, list(map(self._names.wire, self._topics)), self._settings)
        await self._ready_producer()

    async def publish(self, topic: str, entries: Sequence[Entry]) -> None:
        """See `Bus`. Records of one call that go to several partitions may be written in part when it raises."""
        check_sizes(topic, entries)
        keys = [_key(entry) for entry in entries]
        producer = await self._ready_producer()
        try:
            with sorted_out(self._servers, f"publishing to {topic}"):
                async with asyncio.timeout(self._settings.publish_timeout.total_seconds()), self._room:
                    sent = [
                        await producer.send(self._names.wire(topic), entry.value, key=key)
                        for entry, key in zip(entries, keys, strict=True)
                    ]
                    await asyncio.gather(*sent)
        except Temporary as error:
            if isinstance(error.__cause__, KafkaError) and producer is self._producer:
                await self._drop_producer()
            raise

    async def consumer(self, group: str, topics: Sequence[str]) -> KafkaConsumer:
        """See `Bus`."""
        consumer = KafkaConsumer(self._servers, group, topics, self._settings, names=self._names, spans=self._spans)
        await consumer.start()
        return consumer

    async def ends(self, topic: str) -> Mapping[TopicPartition, tuple[int, int]]:
        """See `Bus`."""
        at = [self._names.place(TopicPartition(topic, part)) for part in range(self._settings.partitions)]
        return {self._names.ours(place): span for place, span in (await self._spans(at)).items()}

    async def read(self, topic: str, partition: int, offset: int) -> Stored:
        """See `bus.Reader`."""
        at = self._names.place(TopicPartition(topic, partition))
        first, after = (await self._spans([at]))[at]
        if not first <= offset < after:
            raise Permanent(
                f"{topic}/{partition} has no record {offset}: retention has deleted it, or it was never written"
            )
        with sorted_out(self._servers, f"reading one record of {topic}"):
            return await self._read_one(at, offset)

    async def close(self) -> None:
        """See `Bus`."""
        self._closed = True
        await self._drop_producer()
        if self._lookups is not None:
            await leave(self._lookups)
            self._lookups = None

    async def _ready_producer(self) -> AIOKafkaProducer:
        """The producer; a new one where the last one was given up."""
        async with self._connecting():
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._servers,
                    acks="all",
                    enable_idempotence=True,
                    # No waiting for company: a batch gathers while the one before it is on its way. Lingering 5 ms
                    # makes a publish that is awaited 32 times slower.
                    linger_ms=0,
                    max_batch_size=_BATCH,
                    request_timeout_ms=self._request_ms,
                )
                await self._connect(producer)
                self._producer = producer
            return self._producer

    async def _drop_producer(self) -> None:
        """Give up a producer: after an error that is no time-out it may be one that takes nothing any more."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await leave(producer)

    async def _ready_lookups(self) -> AIOKafkaConsumer:
        """A client without a group, for questions."""
        async with self._connecting():
            if self._lookups is None:
                lookups = AIOKafkaConsumer(bootstrap_servers=self._servers, request_timeout_ms=self._request_ms)
                await self._connect(lookups)
                self._lookups = lookups
            return self._lookups

    async def _spans(self, places: Sequence[KafkaPartition]) -> Mapping[KafkaPartition, tuple[int, int]]:
        """What is kept of each; raises Temporary after the request time-out, which is the client's own."""
        client = await self._ready_lookups()
        with sorted_out(self._servers, f"asking for the ends of {places[0].topic}"):
            first, after = await asyncio.gather(client.beginning_offsets(places), client.end_offsets(places))
        return {place: (first[place], after[place]) for place in places}

    @asynccontextmanager
    async def _connecting(self) -> AsyncIterator[None]:
        """One connects for all who wait; where that one fails they fail with it, rather than try in turn."""
        failures = self._failures
        async with self._lock:
            if self._closed:
                raise Temporary(f"the connection to Kafka at {self._servers} is closed: this process is stopping")
            if self._failures != failures:
                raise Temporary(f"Kafka at {self._servers} has just refused another caller; trying again")
            yield

    async def _connect(self, client: AIOKafkaProducer | AIOKafkaConsumer) -> None:
        try:
            with sorted_out(self._servers, "connecting"):
                async with asyncio.timeout(connecting_takes(self._servers, self._settings.request_timeout)):
                    await client.start()
        except BaseException:
            self._failures += 1
            await leave(client)
            raise

    async def _read_one(self, at: KafkaPartition, offset: int) -> Stored:
        """The record at a place that is kept."""
        single = AIOKafkaConsumer(
            bootstrap_servers=self._servers, auto_offset_reset="none", request_timeout_ms=self._request_ms
        )
        await self._connect(single)
        try:
            single.assign([at])
            single.seek(at, offset)
            async with asyncio.timeout(self._settings.request_timeout.total_seconds()):
                return self._names.stored(await single.getone(at))
        finally:
            await leave(single)


async def leave(client: AIOKafkaProducer | AIOKafkaConsumer) -> None:
    """Stop a client of the library; one that cannot say goodbye to its broker is dropped."""
    with suppress(TimeoutError, KafkaError):
        async with asyncio.timeout(_LEAVING):
            await client.stop()


def _key(entry: Entry) -> bytes:
    try:
        return entry.key.encode()
    except UnicodeEncodeError as error:
        raise Permanent("a record's key has characters that UTF-8 cannot carry: clean it where it is made") from error

"""What the contract suites share: one bus of each kind, made for the test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from store.bus import Consumer, TopicPartition
from store.bus_kafka import KafkaBus
from store.bus_settings import BusSettings
from store.bus_sqlite import SqliteBus

PARTITIONS = 4

AnyBus = SqliteBus | KafkaBus


@dataclass
class BusPlace:
    """Where a test's records are kept; buses on it can be opened one after the other, or at once."""

    kind: str
    topic: str
    other_topic: str
    make: Callable[[BusSettings], AnyBus]
    delete_up_to: Callable[[AnyBus, TopicPartition, int], Awaitable[None]]
    opened: list[AnyBus] = field(default_factory=list)

    async def open(self, **settings: int | str) -> AnyBus:
        """A bus that has started; it is closed after the test at the latest."""
        wished = BusSettings.model_validate({"partitions": PARTITIONS, "session_timeout": "6s", **settings})
        bus = self.make(wished)
        await bus.start()
        self.opened.append(bus)
        return bus

    async def close(self) -> None:
        """Close what was opened."""
        for bus in self.opened:
            await bus.close()


def _topics() -> tuple[str, str]:
    return f"test.{uuid4().hex}", f"test.{uuid4().hex}"


@pytest.fixture
async def sqlite_place(tmp_path: Path) -> AsyncIterator[BusPlace]:
    """A new file."""

    async def delete(bus: AnyBus, at: TopicPartition, offset: int) -> None:
        assert isinstance(bus, SqliteBus)
        await bus.forget(at.topic, datetime.now(UTC) + timedelta(seconds=1))
        assert (await bus.ends(at.topic))[at][0] == offset

    found = BusPlace("sqlite", *_topics(), lambda wished: SqliteBus(tmp_path / "log.db", wished), delete)
    yield found
    await found.close()


@pytest.fixture
async def kafka_place(kafka: str) -> AsyncIterator[BusPlace]:
    """New topics on the broker."""
    topics = _topics()

    async def delete(_bus: AnyBus, at: TopicPartition, offset: int) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        await admin.delete_records({KafkaPartition(*at): RecordsToDelete(before_offset=offset)})
        await admin.close()

    found = BusPlace("kafka", *topics, lambda wished: KafkaBus(kafka, wished, topics=topics), delete)
    yield found
    await found.close()


@pytest.fixture(params=["sqlite", "kafka"])
def place(request: pytest.FixtureRequest) -> BusPlace:
    """A new log, once for each kind of bus."""
    found: BusPlace = request.getfixturevalue(f"{request.param}_place")
    return found


@pytest.fixture
async def bus(place: BusPlace) -> AnyBus:
    """A bus with four partitions in each topic."""
    return await place.open()


@pytest.fixture
async def join() -> AsyncIterator[Callable[[AnyBus, str, list[str]], Awaitable[Consumer]]]:
    """Makes a member of a group; it leaves after the test."""
    members: list[Consumer] = []

    async def joined(bus: AnyBus, group: str, topics: list[str]) -> Consumer:
        member = await bus.consumer(group, topics)
        members.append(member)
        return member

    yield joined
    for member in members:
        await member.close()

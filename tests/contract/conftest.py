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

    async def open(self, **settings: float) -> AnyBus:
        """A bus that has started; it is closed after the test at the latest."""
        wished = BusSettings.model_validate({"partitions": PARTITIONS, "session_timeout": 6.0, **settings})
        bus = self.make(wished)
        await bus.start()
        self.opened.append(bus)
        return bus


async def _forget_in_file(bus: AnyBus, at: TopicPartition, offset: int) -> None:
    assert isinstance(bus, SqliteBus)
    await bus.forget(at.topic, datetime.now(UTC) + timedelta(seconds=1))
    assert (await bus.ends(at.topic))[at][0] == offset


@pytest.fixture(params=["sqlite", "kafka"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BusPlace]:
    """A new log, once for each kind of bus."""
    topics = [f"test.{uuid4().hex}" for _ in range(2)]
    if request.param == "sqlite":
        found = BusPlace(
            "sqlite", *topics, make=lambda wished: SqliteBus(tmp_path / "log.db", wished), delete_up_to=_forget_in_file
        )
    else:
        servers: str = request.getfixturevalue("kafka")

        async def delete(_bus: AnyBus, at: TopicPartition, offset: int) -> None:
            admin = AIOKafkaAdminClient(bootstrap_servers=servers)
            await admin.start()
            await admin.delete_records({KafkaPartition(*at): RecordsToDelete(before_offset=offset)})
            await admin.close()

        found = BusPlace(
            "kafka", *topics, make=lambda wished: KafkaBus(servers, wished, topics=topics), delete_up_to=delete
        )
    yield found
    for bus in found.opened:
        await bus.close()


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

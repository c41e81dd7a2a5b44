"""The stage loop on a bus whose partitions come and go: what stays with a member is read on; a real Kafka broker."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from store.bus import Bus, Consumer, Entry, Stored, TopicPartition
from store.database import open_database
from store.failures import Failures, StageSettings, Versions
from store.records import DeadLetter
from store.schema import metadata
from store.stage import Stage
from tests.contract.conftest import PARTITIONS, BusPlace

Join = Callable[[Bus, str, list[str]], Awaitable[Consumer]]

QUICK = StageSettings(wait="1s")


class Listener:
    """Remembers which partitions it was given records of."""

    def __init__(self) -> None:
        self.heard: set[TopicPartition] = set()

    async def prepare(self, records: Sequence[Stored]) -> Sequence[Stored | Exception]:
        self.heard |= {record.at for record in records}
        return records

    def gather(self, connection: Connection, works: Sequence[Stored]) -> None:
        return None

    def apply(self, connection: Connection, facts: None, works: Sequence[Stored]) -> None:
        return None

    def bury(self, connection: Connection, record: Stored, letter: DeadLetter) -> int | None:
        return None


def listening(bus: Bus, path: Path, topic: str, handler: Listener) -> Stage[Stored, None]:
    def now() -> datetime:
        return datetime.now(UTC)

    return Stage(
        "readers",
        bus=bus,
        topics=[topic],
        database=open_database(f"sqlite:{path}"),
        handler=handler,
        failures=Failures("readers", settings=QUICK, versions=Versions("0.1.0", "4f2a91c"), now=now),
        settings=QUICK,
        now=now,
        after=lambda: None,
    )


async def test_partitions_that_a_member_keeps_are_read_on_after_another_one_joined(
    kafka_place: BusPlace, join: Join, tmp_path: Path
) -> None:
    bus, topic, handler = await kafka_place.open(), kafka_place.topic, Listener()
    database = open_database(f"sqlite:{tmp_path / 'desk.db'}")
    await database.write(metadata.create_all)
    every = [Entry(f"key {number}", b"x") for number in range(40)]
    stop = asyncio.Event()
    working = asyncio.create_task(listening(bus, tmp_path / "desk.db", topic, handler).run(stop))
    try:
        async with asyncio.timeout(60):
            await bus.publish(topic, every)
            while len(handler.heard) < PARTITIONS:
                await asyncio.sleep(0.05)

            other = await join(bus, "readers", [topic])
            while len(other.assignment()) != PARTITIONS // 2:
                await other.fetch(1, 0.05)
            handler.heard.clear()
            await bus.publish(topic, every)
            kept = {TopicPartition(topic, part) for part in range(PARTITIONS)} - other.assignment()
            while not kept <= handler.heard:
                await other.fetch(1, 0.05)
    finally:
        stop.set()
        await working
        await database.close()

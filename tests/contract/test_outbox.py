"""What the outbox and its relay promise, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from store import outbox
from store.bus import Bus, Consumer, Entry, Stored, TopicPartition
from store.bus_settings import BusSettings
from store.bus_sqlite import SqliteBus
from store.codec import decode, encode
from store.database import Database, open_database
from store.errors import Permanent, Temporary
from store.leases import take
from store.outbox import Parcel
from store.records import Action
from store.relay import Relay, RelaySettings
from store.schema import metadata
from store.topics import ACTIONS, EVENTS, MAX_RECORD

NOW = datetime(2026, 3, 1, tzinfo=UTC)
QUICK = RelaySettings(poll="0.02s", shortest_pause="0.01s", longest_pause="0.05s")


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[SqliteBus]:
    opened = SqliteBus(tmp_path / "log.db", BusSettings(partitions=1))
    await opened.start()
    yield opened
    await opened.close()


class Unreliable:
    """A bus of which chosen publishes fail, after the records are in the log or before."""

    def __init__(self, bus: SqliteBus, *, failing: Sequence[int], lost_answer: bool) -> None:
        self._bus = bus
        self._failing = failing
        self._lost_answer = lost_answer
        self.calls = 0

    async def publish(self, topic: str, entries: Sequence[Entry]) -> None:
        self.calls += 1
        fails = self.calls in self._failing
        if not fails or self._lost_answer:
            await self._bus.publish(topic, entries)
        if fails:
            raise Temporary("the broker does not answer")

    async def consumer(self, group: str, topics: Sequence[str]) -> Consumer:
        return await self._bus.consumer(group, topics)

    async def ends(self, topic: str) -> Mapping[TopicPartition, tuple[int, int]]:
        return await self._bus.ends(topic)

    async def close(self) -> None:
        await self._bus.close()

    async def read(self, topic: str, partition: int, offset: int) -> Stored:
        return await self._bus.read(topic, partition, offset)


def note(number: int) -> Action:
    return Action(id=f"{number:04}", kind="note", actor="operator:a", ticket=7, at=NOW)


def add(connection: Connection, *numbers: int, topic: str = EVENTS) -> None:
    outbox.add_all(connection, [Parcel(topic, "7", note(number)) for number in numbers])


async def log_of(bus: SqliteBus, topic: str = EVENTS) -> list[int]:
    """The numbers of the records that are on the bus, in their order there."""
    ((_, (_, end)),) = (await bus.ends(topic)).items()
    return [int(decode((await bus.read(topic, 0, offset)).value, Action).id) for offset in range(end)]


def relay(database: Database, bus: Bus, *, owner: str = "a", settings: RelaySettings = QUICK) -> Relay:
    return Relay(database, bus, settings=settings, owner=owner, lease_ttl=0.5)


async def until_empty(database: Database, *relays: Relay) -> None:
    """Run the relays until nothing waits."""
    running = [asyncio.ensure_future(each.run()) for each in relays]
    try:
        async with asyncio.timeout(20):
            while await database.read(outbox.size):
                await asyncio.sleep(0.01)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def test_records_leave_in_the_order_in_which_they_were_added(database: Database, bus: SqliteBus) -> None:
    for first in range(0, 30, 3):
        await database.write(lambda connection, first=first: add(connection, first, first + 1, first + 2))

    await until_empty(database, relay(database, bus, settings=QUICK.model_copy(update={"batch": 7})))

    assert await log_of(bus) == list(range(30))


async def test_each_topic_gets_its_own_records_in_order(database: Database, bus: SqliteBus) -> None:
    def mix(connection: Connection) -> None:
        for number in range(6):
            add(connection, number, topic=(EVENTS, ACTIONS)[number % 2])

    await database.write(mix)
    await until_empty(database, relay(database, bus))

    assert await log_of(bus, EVENTS) == [0, 2, 4]
    assert await log_of(bus, ACTIONS) == [1, 3, 5]


async def test_what_a_transaction_undoes_is_never_published(database: Database, bus: SqliteBus) -> None:
    def fails(connection: Connection) -> None:
        add(connection, 1)
        raise ValueError("of the caller")

    with pytest.raises(ValueError, match="of the caller"):
        await database.write(fails)
    await database.write(lambda connection: add(connection, 2))
    await until_empty(database, relay(database, bus))

    assert await log_of(bus) == [2]


async def test_bytes_are_published_as_they_are(database: Database, bus: SqliteBus) -> None:
    await database.write(lambda connection: outbox.add_bytes(connection, EVENTS, "7", encode(note(5))))
    await until_empty(database, relay(database, bus))

    assert await log_of(bus) == [5]


async def test_a_record_that_no_bus_takes_fails_where_it_is_added(database: Database) -> None:
    with pytest.raises(Permanent, match="blob"):
        await database.write(lambda connection: outbox.add_bytes(connection, EVENTS, "7", b"x" * (MAX_RECORD + 1)))

    assert await database.read(outbox.size) == 0


async def test_a_wake_is_answered_before_the_next_look(database: Database, bus: SqliteBus) -> None:
    slow = relay(database, bus, settings=RelaySettings(poll="1m"))
    running = asyncio.ensure_future(slow.run())
    await asyncio.sleep(0.2)

    await database.write(lambda connection: add(connection, 1))
    slow.wake()
    async with asyncio.timeout(5):
        while await database.read(outbox.size):
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert await log_of(bus) == [1]


async def test_a_bus_in_trouble_delays_and_loses_nothing(database: Database, bus: SqliteBus) -> None:
    await database.write(lambda connection: add(connection, *range(10)))
    unreliable = Unreliable(bus, failing=(1, 2, 3), lost_answer=False)

    await until_empty(database, relay(database, unreliable))

    assert await log_of(bus) == list(range(10))


async def test_a_lost_answer_repeats_one_batch_and_keeps_the_order_of_first_copies(
    database: Database, bus: SqliteBus
) -> None:
    await database.write(lambda connection: add(connection, *range(10)))
    unreliable = Unreliable(bus, failing=(2,), lost_answer=True)

    await until_empty(database, relay(database, unreliable, settings=QUICK.model_copy(update={"batch": 4})))

    published = await log_of(bus)
    assert list(dict.fromkeys(published)) == list(range(10))
    assert len(published) == 14


async def test_a_relay_that_dies_between_publish_and_delete_repeats_one_batch(
    database: Database, bus: SqliteBus
) -> None:
    """As a crash would leave it: the rows are on the bus and still in the outbox, and the dead one has the lease."""
    await database.write(lambda connection: add(connection, *range(10)))
    rows = await database.read(lambda connection: outbox.read(connection, 4, 1_000_000))
    await bus.publish(EVENTS, [row.entry for row in rows])
    await database.write(lambda connection: take(connection, "outbox", "dead", 0.3))

    await until_empty(database, relay(database, bus))

    published = await log_of(bus)
    assert list(dict.fromkeys(published)) == list(range(10))
    assert len(published) == 14


async def test_two_relays_publish_each_record_once(database_url: str, database: Database, bus: SqliteBus) -> None:
    other = open_database(database_url)
    await database.write(lambda connection: add(connection, *range(50)))

    small = QUICK.model_copy(update={"batch": 3})
    await until_empty(database, relay(database, bus, settings=small), relay(other, bus, owner="b", settings=small))
    await other.close()

    assert await log_of(bus) == list(range(50))


async def test_a_former_owner_deletes_nothing(database: Database, bus: SqliteBus) -> None:
    """It is stopped while it publishes, loses the lease meanwhile, and comes back to delete what it published."""
    went_on = asyncio.Event()

    class Slow(Unreliable):
        async def publish(self, topic: str, entries: Sequence[Entry]) -> None:
            await super().publish(topic, entries)
            await database.write(lambda connection: connection.execute(text("UPDATE leases SET until = 0")).close())
            await database.write(lambda connection: take(connection, "outbox", "thief", 60))
            went_on.set()

    await database.write(lambda connection: add(connection, 1))
    running = asyncio.ensure_future(relay(database, Slow(bus, failing=(), lost_answer=False)).run())
    await asyncio.wait_for(went_on.wait(), 5)
    await asyncio.sleep(0.2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert await database.read(outbox.size) == 1


async def test_a_batch_ends_when_its_bytes_are_many(database: Database) -> None:
    await database.write(lambda connection: add(connection, *range(10)))

    size = len(encode(note(0)))
    rows = await database.read(lambda connection: outbox.read(connection, 100, 3 * size))

    assert len(rows) == 4


async def test_on_postgres_a_row_that_commits_below_others_is_not_lost(postgres_url: str, bus: SqliteBus) -> None:
    """Its id is drawn before that of a row which commits, is published and is deleted before it."""
    database, other = open_database(postgres_url), open_database(postgres_url)
    await database.write(metadata.create_all)
    drawn, go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(connection: Connection) -> None:
        add(connection, 1)
        loop.call_soon_threadsafe(drawn.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(10)

    writing = asyncio.ensure_future(other.write(slow))
    await asyncio.wait_for(drawn.wait(), 5)
    await database.write(lambda connection: add(connection, 2))
    await until_empty(database, relay(database, bus))
    go_on.set()
    await writing
    await until_empty(database, relay(database, bus, owner="b"))

    assert await log_of(bus) == [2, 1]
    await other.close()
    await database.close()

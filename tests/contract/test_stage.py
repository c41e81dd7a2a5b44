"""The stage loop over both databases: one bad record stops nobody, nothing is done twice, nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from store import deadletters, held
from store.bus import Entry, Stored, TopicPartition
from store.bus_settings import BusSettings
from store.bus_sqlite import SqliteBus
from store.codec import encode
from store.database import Database
from store.errors import Temporary
from store.failures import Failures, StageSettings, Versions
from store.held import Held
from store.positions import Span, begin, claim, unfinished
from store.records import Action, DeadLetter
from store.schema import counters, outbox
from store.stage import Stage
from store.topics import ACTIONS, MESSAGES

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
QUICK = StageSettings(wait="0.02s", retry_after=("0.05s", "0.05s"), shortest_pause="0.01s", longest_pause="0.05s")
UNTRIED = QUICK.model_copy(update={"retry_after": ()})


def note(number: int) -> bytes:
    return encode(Action(id=f"a{number}", kind="note", actor="operator:test", ticket=number, at=NOW))


class Ledger:
    """Writes down each record it is given; `fail` may raise for some of them."""

    def __init__(self, fail: Callable[[Stored], None] = lambda _: None) -> None:
        self.seen: list[bytes] = []
        self.sizes: list[int] = []
        self.told: list[str] = []
        self._fail = fail

    async def prepare(self, records: Sequence[Stored]) -> Sequence[Stored | Exception]:
        self.sizes.append(len(records))
        return records

    def gather(self, connection: Connection, works: Sequence[Stored]) -> int:
        return 0

    def apply(self, connection: Connection, facts: int, works: Sequence[Stored]) -> int:
        for number, work in enumerate(works, start=facts):
            name = f"{work.at.topic}/{work.at.partition}/{work.offset}"
            connection.execute(insert(counters).values(name=name, value=number))
            self._fail(work)
        self.seen += [work.value for work in works]
        return facts + len(works)

    def bury(self, connection: Connection, record: Stored, letter: DeadLetter) -> int | None:
        self.told.append(letter.id)
        return 482917


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[SqliteBus]:
    opened = SqliteBus(tmp_path / "log.db", BusSettings(partitions=2))
    await opened.start()
    yield opened
    await opened.close()


def stage(bus: SqliteBus, database: Database, handler: Ledger, settings: StageSettings = QUICK) -> Stage[Stored, int]:
    def now() -> datetime:
        return datetime.now(UTC)

    failures = Failures("router", settings=settings, versions=Versions("0.1.0", "4f2a91c"), now=now)
    return Stage(
        "router",
        bus=bus,
        topics=(ACTIONS, MESSAGES),
        database=database,
        handler=handler,
        failures=failures,
        settings=settings,
        now=now,
        after=lambda: None,
    )


async def work_until(done: Callable[[], bool], running: Stage[Stored, int]) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(running.run(stop))
    try:
        async with asyncio.timeout(20):
            while not done() and not task.done():
                await asyncio.sleep(0.01)
    finally:
        stop.set()
        await task


async def letters(database: Database) -> list[deadletters.Letter]:
    return await database.read(deadletters.listed)


async def counted(database: Database) -> int:
    return len(await database.read(lambda connection: connection.execute(select(counters)).all()))


async def test_each_record_is_handled_once_also_by_the_next_process(bus: SqliteBus, database: Database) -> None:
    await bus.publish(MESSAGES, [Entry(f"k{n}", note(n)) for n in range(50)])
    first, second = Ledger(), Ledger()

    await work_until(lambda: len(first.seen) == 50, stage(bus, database, first))
    await bus.publish(MESSAGES, [Entry("k1", note(50))])
    await work_until(lambda: len(second.seen) == 1, stage(bus, database, second))

    assert sorted(first.seen) == sorted(note(n) for n in range(50))
    assert second.seen == [note(50)]


async def test_one_bad_record_leaves_its_neighbours_untouched_and_becomes_a_dead_letter(
    bus: SqliteBus, database: Database
) -> None:
    def fail(record: Stored) -> None:
        if record.value == note(7):
            raise KeyError("a defect")

    await bus.publish(MESSAGES, [Entry(f"k{n}", note(n)) for n in range(20)])
    handler = Ledger(fail)

    await work_until(lambda: len(handler.told) == 1, stage(bus, database, handler))

    (letter,) = await letters(database)
    assert sorted(handler.seen) == sorted(note(n) for n in range(20) if n != 7)
    assert await counted(database) == 19
    assert (letter.letter.stage, letter.letter.attempts, letter.record) == ("router", 3, "a7")
    assert letter.letter.reason.startswith("KeyError at test_stage.py:")
    assert (letter.letter.value, letter.letter.key, letter.ticket) == (note(7), "k7", 482917)
    assert (letter.letter.code_version, letter.letter.config_version) == ("0.1.0", "4f2a91c")


async def test_later_records_of_a_failing_key_wait_and_keep_their_order(bus: SqliteBus, database: Database) -> None:
    failures = iter([True, True, False])

    def fail(record: Stored) -> None:
        if record.value == note(1) and next(failures):
            raise KeyError("not yet")

    await bus.publish(MESSAGES, [Entry("same", note(n)) for n in range(4)])
    handler = Ledger(fail)

    await work_until(lambda: len(handler.seen) == 4, stage(bus, database, handler))

    assert handler.seen == [note(n) for n in range(4)]
    assert await letters(database) == []


async def test_a_key_of_which_many_wait_hides_no_other_key(database: Database) -> None:
    at = TopicPartition(MESSAGES, 0)
    flood = [Held(Stored(at, number, "flood", b""), int(not number), "", NOW, NOW) for number in range(20)]
    other = Held(Stored(at, 20, "other", b""), 1, "", NOW, NOW)
    await database.write(lambda connection: held.hold(connection, "router", [*flood, other]))

    heads = await database.read(lambda connection: held.heads(connection, "router", [at], 10))

    assert heads == [flood[0], other]


async def test_after_a_burial_its_key_goes_on(bus: SqliteBus, database: Database) -> None:
    def fail(record: Stored) -> None:
        if record.value == note(0):
            raise KeyError("a defect")

    await bus.publish(MESSAGES, [Entry("same", note(n)) for n in range(3)])
    handler = Ledger(fail)

    await work_until(lambda: len(handler.seen) == 2, stage(bus, database, handler))

    assert handler.seen == [note(1), note(2)]
    assert len(await letters(database)) == 1


async def test_trouble_of_the_environment_is_waited_out_and_never_counts(bus: SqliteBus, database: Database) -> None:
    troubles = iter([True] * 5)

    def fail(_: Stored) -> None:
        if next(troubles, False):
            raise Temporary("the disk is full: make room")

    await bus.publish(MESSAGES, [Entry("k", note(n)) for n in range(5)])
    handler = Ledger(fail)

    await work_until(lambda: len(handler.seen) == 5, stage(bus, database, handler))

    assert sorted(handler.seen) == [note(n) for n in range(5)]
    assert await counted(database) == 5
    assert await letters(database) == []
    assert handler.sizes == [5] * 6, "the batch never ran one by one: nothing had died of it"


async def test_trouble_of_the_environment_at_a_later_try_never_counts(bus: SqliteBus, database: Database) -> None:
    class Troubled(Ledger):
        async def prepare(self, records: Sequence[Stored]) -> Sequence[Stored | Exception]:
            works = await super().prepare(records)
            if 1 < len(self.sizes) < 7:
                raise Temporary("the broker does not answer")
            return works

    defects = iter([True])

    def fail(_: Stored) -> None:
        if next(defects, False):
            raise KeyError("not yet")

    await bus.publish(MESSAGES, [Entry("k", note(1))])
    handler = Troubled(fail)

    await work_until(lambda: bool(handler.seen or handler.told), stage(bus, database, handler))

    assert await letters(database) == []
    assert handler.seen == [note(1)]


async def test_a_stop_in_the_middle_of_an_outage_is_no_death(bus: SqliteBus, database: Database) -> None:
    def fail(_: Stored) -> None:
        raise Temporary("the broker does not answer")

    await bus.publish(MESSAGES, [Entry("k", note(1))])
    for _ in range(4):
        stopped = Ledger(fail)
        await work_until(lambda: bool(stopped.sizes), stage(bus, database, stopped))  # noqa: B023 (of this turn)

    await work_until(lambda: bool(handler.sizes or handler.told), stage(bus, database, handler := Ledger()))

    assert (handler.seen, await letters(database)) == ([note(1)], [])


async def test_urgent_topics_come_first(bus: SqliteBus, database: Database) -> None:
    await bus.publish(MESSAGES, [Entry(f"k{n}", note(n)) for n in range(10)])
    await bus.publish(ACTIONS, [Entry("k", note(99))])
    handler = Ledger()

    await work_until(lambda: len(handler.seen) == 11, stage(bus, database, handler))

    assert handler.seen[0] == note(99)


async def test_after_a_death_the_batch_runs_one_by_one(bus: SqliteBus, database: Database) -> None:
    await bus.publish(MESSAGES, [Entry("k", note(n)) for n in range(6)])
    at = await died_on(bus, database, end=4)

    handler = Ledger()
    await work_until(lambda: len(handler.seen) == 6, stage(bus, database, handler))

    assert handler.sizes == [1, 1, 1, 1, 2]
    assert await database.read(lambda connection: unfinished(connection, "router", [at])) == {}


async def test_a_record_that_killed_three_processes_is_buried_untried(bus: SqliteBus, database: Database) -> None:
    await bus.publish(MESSAGES, [Entry("k", note(n)) for n in range(2)])
    for _ in range(3):
        await died_on(bus, database, end=1)
    handler = Ledger()

    await work_until(lambda: len(handler.seen) == 1, stage(bus, database, handler))

    (letter,) = await letters(database)
    assert (handler.seen, letter.letter.reason, letter.letter.value) == ([note(1)], "Deadly", note(0))


async def test_a_replaced_process_changes_nothing(bus: SqliteBus, database: Database) -> None:
    class Slow(Ledger):
        async def prepare(self, records: Sequence[Stored]) -> Sequence[Stored | Exception]:
            self.sizes.append(len(records))
            if len(self.sizes) == 1:  # Another process claims the partition while this one works on it.
                await database.write(lambda connection: claim(connection, "router", records[0].at))
            return records

    await bus.publish(MESSAGES, [Entry("k", note(n)) for n in range(3)])
    handler = Slow()

    await work_until(lambda: len(handler.seen) >= 3, stage(bus, database, handler))

    assert handler.sizes == [3, 3], "the fenced batch was thrown away, and done after the partition was claimed again"
    assert await counted(database) == 3


async def test_a_dead_letter_is_published_and_can_be_replayed(bus: SqliteBus, database: Database) -> None:
    broken = True

    def fail(_: Stored) -> None:
        if broken:
            raise KeyError("a defect")

    await bus.publish(MESSAGES, [Entry("k", note(1))])
    await work_until(lambda: bool(handler.told), stage(bus, database, handler := Ledger(fail)))
    (letter,) = await letters(database)

    await database.write(lambda connection: deadletters.replay(connection, letter.letter.id[:8], by="operator:test"))

    topics = await database.read(lambda connection: connection.execute(select(outbox.c.topic, outbox.c.value)).all())
    assert [topic for topic, _ in topics] == ["deskwire.dead", MESSAGES]
    assert topics[1].value == note(1)
    assert [found.replays for found in await database.read(lambda c: deadletters.listed(c, state="replayed"))] == [1]


async def test_a_record_that_dies_again_after_a_replay_keeps_its_one_letter(bus: SqliteBus, database: Database) -> None:
    def fail(_: Stored) -> None:
        raise KeyError("a defect")

    await bus.publish(MESSAGES, [Entry("k", note(1))])
    await work_until(lambda: bool(handler.told), stage(bus, database, handler := Ledger(fail)))
    (first,) = await letters(database)
    await database.write(lambda connection: deadletters.replay(connection, first.letter.id, by="operator:test"))

    await bus.publish(MESSAGES, [Entry("k", note(1))])  # As the relay would.
    await work_until(lambda: bool(again.told), stage(bus, database, again := Ledger(fail)))

    (second,) = await letters(database)
    assert (second.letter.id, second.replays) == (first.letter.id, 1)
    assert second.letter.offset == first.letter.offset + 1


async def test_what_a_burial_wrote_is_known_to_the_rest_of_its_batch(bus: SqliteBus, database: Database) -> None:
    class Counting(Ledger):
        """Numbers what it writes by what is there; so does its burial."""

        def gather(self, connection: Connection, works: Sequence[Stored]) -> int:
            return len(connection.execute(select(counters)).all())

        def apply(self, connection: Connection, facts: int, works: Sequence[Stored]) -> int:
            for number, work in enumerate(works, start=facts):
                if work.value == note(1):
                    raise KeyError("a defect")
                connection.execute(insert(counters).values(name=f"number {number}", value=number))
            self.seen += [work.value for work in works]
            return facts + len(works)

        def bury(self, connection: Connection, record: Stored, letter: DeadLetter) -> int | None:
            number = self.gather(connection, ())
            connection.execute(insert(counters).values(name=f"number {number}", value=number))
            return number

    await bus.publish(MESSAGES, [Entry("k", note(n)) for n in range(4)])
    handler = Counting()

    await work_until(lambda: len(handler.seen) == 3, stage(bus, database, handler, UNTRIED))

    assert handler.seen == [note(0), note(2), note(3)]
    assert len(await letters(database)) == 1


async def died_on(bus: SqliteBus, database: Database, *, end: int) -> TopicPartition:
    """What the database holds after a process died on the first records of key `k`."""
    at = TopicPartition(MESSAGES, bus.partition_of("k"))
    await database.write(lambda connection: begin(connection, "router", [Span(at, 0, end)], NOW))
    return at

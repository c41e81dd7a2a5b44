"""The service of timers: nothing comes due before what was done about it, and of several services one works."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from router.due import barrier
from router.due.barrier import Barrier
from router.due.timer_settings import TimerSettings
from router.due.timers import Timers
from router.worker import Router
from store import outbox, positions
from store.bus import Entry
from store.bus_settings import BusSettings
from store.bus_sqlite import SqliteBus
from store.codec import encode
from store.database import Database
from store.failures import Failures, StageSettings, Versions
from store.records import Action
from store.stage import Stage
from store.topics import ACTIONS, RAW
from tests.contract.timer_desk import TimerDesk
from tests.unit.router.given import message
from tests.unit.router.ladder_desk import NOW, desk

FIRST = 100009
LADDER = {"steps": [{"after": "5m", "unless": "claimed", "alert": "team"}]}
QUICK = TimerSettings.model_validate({"poll": "0.02s"})


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteBus]:
    bus = SqliteBus(tmp_path / "log.db", BusSettings(partitions=2))
    await bus.start()
    yield bus
    await bus.close()


@pytest.fixture
async def late(database: Database) -> TimerDesk:
    """A desk with a ticket whose one step is due."""
    found = TimerDesk(database, desk(LADDER))
    await found.handle(message(received_at=NOW))
    found.at = NOW + timedelta(minutes=6)
    return found


def service(found: TimerDesk, log: SqliteBus, owner: str = "a") -> Timers:
    return Timers(
        found.policy,
        bus=log,
        database=found.database,
        settings=QUICK,
        owner=owner,
        now=lambda: found.at,
        after=lambda: None,
        lease_ttl=0.5,
    )


def router(found: TimerDesk, log: SqliteBus) -> Stage[object, object]:
    settings = StageSettings.model_validate({"wait": "0.05s"})
    return Stage(  # type: ignore[return-value] # What a stage handles is its own.
        "router",
        bus=log,
        topics=[ACTIONS, "deskwire.messages"],
        database=found.database,
        handler=Router(found.policy, now=lambda: found.at),
        failures=Failures("router", settings=settings, versions=Versions("1", "1"), now=lambda: datetime.now(UTC)),
        settings=settings,
        now=lambda: datetime.now(UTC),
        after=lambda: None,
    )


@contextlib.asynccontextmanager
async def running(*works: Callable[[asyncio.Event], object]) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.ensure_future(work(stop)) for work in works]  # type: ignore[arg-type] # Each gives a coroutine.
    try:
        yield
    finally:
        stop.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(holds: Callable[[], object], patience: float = 10.0) -> None:
    async with asyncio.timeout(patience):
        while not await holds():  # type: ignore[misc] # It gives a coroutine.
            await asyncio.sleep(0.02)


async def test_what_is_due_fires(late: TimerDesk, log: SqliteBus) -> None:
    async with running(lambda _: service(late, log).run()):
        await until(lambda: late.events("escalated"))

    assert await late.timers() == []


async def test_a_claim_that_stood_in_the_log_is_applied_before_the_step(late: TimerDesk, log: SqliteBus) -> None:
    claim = Action(id="a1", kind="claim", actor="person:ola", ticket=FIRST, at=NOW)
    await log.publish(ACTIONS, [Entry(str(FIRST), encode(claim))])

    async with running(lambda _: service(late, log).run()):
        await asyncio.sleep(0.3)
        assert await late.events("escalated") == []
        async with running(router(late, log).run):
            await until(lambda: late.events("claimed"))
            await asyncio.sleep(0.2)

    assert await late.events("escalated") == []
    assert await late.timers() == []


async def test_a_mail_that_nobody_has_read_holds_timers_up(late: TimerDesk, log: SqliteBus) -> None:
    await log.publish(RAW, [Entry("ann", b"a payload")])

    async with running(lambda _: service(late, log).run()):
        await asyncio.sleep(0.3)
        assert await late.events("escalated") == []
        (at,) = [at for at, (_, end) in (await log.ends(RAW)).items() if end]
        claimed = await late.database.write(lambda connection: positions.claim(connection, "normalize", at))
        await late.database.write(lambda connection: positions.advance(connection, "normalize", [(claimed, 1)]))
        await until(lambda: late.events("escalated"))


async def test_an_action_that_waits_in_the_outbox_holds_timers_up(late: TimerDesk, log: SqliteBus) -> None:
    claim = Action(id="a1", kind="claim", actor="person:ola", ticket=FIRST, at=NOW)
    await late.database.write(lambda connection: outbox.add(connection, ACTIONS, str(FIRST), claim))

    async with running(lambda _: service(late, log).run()):
        await asyncio.sleep(0.3)

    assert await late.events("escalated") == []


async def test_of_two_services_one_works_and_the_other_follows_it(late: TimerDesk, log: SqliteBus) -> None:
    first = asyncio.create_task(service(late, log, "a").run())
    await until(lambda: late.events("escalated"))
    async with running(lambda _: service(late, log, "b").run()):
        await asyncio.sleep(0.1)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        other = {"id": "m2", "fingerprint": "f2", "external_id": "<m2@x>", "digest": "d2", "text": "Other words."}
        await late.handle(message(**other, received_at=late.at))
        late.at += timedelta(minutes=6)
        await until(lambda: second(late))

    assert len(await late.events("escalated")) == 2


async def second(found: TimerDesk) -> bool:
    return len(await found.events("escalated")) > 1


async def test_it_says_what_it_waits_for(late: TimerDesk, log: SqliteBus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(barrier, "WARN_EVERY", 0.1)
    await log.publish(RAW, [Entry("ann", b"a payload"), Entry("bob", b"another")])

    with capture_logs() as said, contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.4):
            await Barrier(log, late.database, poll=0.02).passed()

    found = [entry for entry in said if entry["event"] == "timers wait"]
    assert 1 <= len(found) <= 4
    assert (found[0]["stage"], found[0]["topics"], found[0]["records"]) == ("normalize", [RAW], 2)

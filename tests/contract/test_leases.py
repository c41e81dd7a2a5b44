"""What leases promise, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Connection, insert, select

from store.database import Database, open_database
from store.errors import Fenced, Temporary
from store.lease_holder import while_held
from store.leases import Lease, assert_held, end_all, release, renew, take
from store.schema import progress

TTL = 0.6  # Seconds: short enough to wait for, long against a transaction.


@pytest.fixture
async def other(database_url: str, database: Database) -> AsyncIterator[Database]:
    """The same database, as another process sees it."""
    opened = open_database(database_url)
    yield opened
    await opened.close()


async def taken(database: Database, owner: str, ttl: float = TTL) -> Lease | None:
    return await database.write(lambda connection: take(connection, "outbox", owner, ttl))


async def test_one_owner_at_a_time_gets_a_lease(database: Database) -> None:
    mine = await taken(database, "a", 60)

    assert mine == Lease("outbox", "a", 1)
    assert await taken(database, "b", 60) is None
    assert await taken(database, "a", 60) is None


async def test_leases_of_other_names_are_free(database: Database) -> None:
    await taken(database, "a", 60)

    assert await database.write(lambda connection: take(connection, "timers", "b", 60)) is not None


async def test_a_lease_that_ran_out_goes_to_the_next_owner_with_a_higher_fence(database: Database) -> None:
    await taken(database, "a", 0.05)
    await asyncio.sleep(0.1)

    assert await taken(database, "b", 60) == Lease("outbox", "b", 2)


async def test_a_former_owner_is_fenced(database: Database) -> None:
    former = await taken(database, "a", 0)
    await taken(database, "b", 60)
    assert former is not None

    with pytest.raises(Fenced, match="outbox"):
        await database.write(lambda connection: assert_held(connection, former))
    with pytest.raises(Fenced, match="outbox"):
        await database.write(lambda connection: renew(connection, former, 60))


async def test_a_former_owners_release_leaves_the_new_owner_alone(database: Database) -> None:
    former = await taken(database, "a", 0)
    mine = await taken(database, "b", 60)
    assert former is not None
    assert mine is not None

    await database.write(lambda connection: release(connection, former))

    await database.write(lambda connection: assert_held(connection, mine))
    assert await taken(database, "c") is None


async def test_a_renewed_lease_outlives_its_first_end(database: Database) -> None:
    mine = await taken(database, "a", 0.2)
    assert mine is not None
    await database.write(lambda connection: renew(connection, mine, 60))
    await asyncio.sleep(0.3)

    assert await taken(database, "b") is None


async def test_a_released_lease_is_free_at_once(database: Database) -> None:
    mine = await taken(database, "a", 60)
    assert mine is not None

    await database.write(lambda connection: release(connection, mine))

    assert await taken(database, "b") is not None


async def test_a_lease_that_ran_out_and_was_not_taken_still_holds(database: Database) -> None:
    mine = await taken(database, "a", 0)
    assert mine is not None

    await database.write(lambda connection: assert_held(connection, mine))


async def test_a_process_that_is_alone_ends_the_leases_of_the_dead(database: Database) -> None:
    dead = await taken(database, "a", 60)
    assert dead is not None

    await database.write(end_all)

    assert await taken(database, "b") is not None
    with pytest.raises(Fenced):
        await database.write(lambda connection: assert_held(connection, dead))


async def test_nobody_takes_a_lease_during_a_transaction_that_asserted_it(
    database: Database, database_url: str
) -> None:
    mine = await taken(database, "a", 0)
    impatient = open_database(database_url, busy_timeout=0.1)
    assert mine is not None
    tries: list[Exception] = []

    async def try_to_take() -> None:
        try:
            await taken(impatient, "b")
        except Temporary as error:
            tries.append(error)

    loop = asyncio.get_running_loop()

    def work(connection: Connection) -> None:
        assert_held(connection, mine)
        asyncio.run_coroutine_threadsafe(try_to_take(), loop).result(10)

    await database.write(work)
    await impatient.close()

    assert len(tries) == 1


async def test_of_two_owners_one_works_and_the_other_waits(database: Database, other: Database) -> None:
    at_work: list[str] = []

    def worker(name: str) -> asyncio.Task[None]:
        async def work(lease: Lease) -> None:
            at_work.append(lease.owner)
            await asyncio.sleep(60)

        return asyncio.ensure_future(while_held(database if name == "a" else other, "lane", name, work, ttl=TTL))

    tasks = [worker("a"), worker("b")]
    await asyncio.sleep(TTL * 2)

    assert len(at_work) == 1
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_work_of_an_owner_who_stops_goes_on_with_another_at_once(database: Database, other: Database) -> None:
    begun = asyncio.Queue[str]()

    async def work(lease: Lease) -> None:
        begun.put_nowait(lease.owner)
        await asyncio.sleep(60)

    first = asyncio.ensure_future(while_held(database, "lane", "a", work, ttl=60))
    assert await asyncio.wait_for(begun.get(), 5) == "a"
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    second = asyncio.ensure_future(while_held(other, "lane", "b", work, ttl=60))

    assert await asyncio.wait_for(begun.get(), 5) == "b"
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)


async def test_the_work_of_a_dead_owner_is_taken_over(database: Database, other: Database) -> None:
    await taken(other, "dead", TTL)
    begun = asyncio.Event()

    async def work(lease: Lease) -> None:
        assert lease.fence == 2
        begun.set()

    await asyncio.wait_for(while_held(database, "outbox", "b", work, ttl=TTL), TTL * 2)

    assert begun.is_set()


async def test_work_is_cancelled_when_its_lease_is_lost_and_begins_anew_when_it_is_back(
    database: Database, other: Database
) -> None:
    fences: list[int] = []
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def work(lease: Lease) -> None:
        fences.append(lease.fence)
        begun.set()
        if lease.fence > 1:
            return
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with asyncio.timeout(10):
        working = asyncio.ensure_future(while_held(database, "outbox", "a", work, ttl=TTL))
        await begun.wait()
        await other.write(end_all)
        thief = await taken(other, "b", TTL / 2)
        assert thief is not None
        await cancelled.wait()
        await working

    assert fences == [1, 3]


async def test_work_that_hears_of_its_loss_in_a_transaction_waits_for_the_lease_again(database: Database) -> None:
    runs: list[int] = []

    async def work(lease: Lease) -> None:
        runs.append(lease.fence)
        if len(runs) == 1:
            await database.write(lambda connection: assert_held(connection, lease._replace(fence=7)))

    await asyncio.wait_for(while_held(database, "outbox", "a", work, ttl=TTL), 5)

    assert runs == [1, 2]


async def test_a_lease_is_kept_while_its_work_takes_longer_than_it(database: Database, other: Database) -> None:
    async def work(lease: Lease) -> None:
        await asyncio.sleep(TTL * 2)
        assert await taken(other, "b") is None
        await database.write(lambda connection: assert_held(connection, lease))

    await while_held(database, "outbox", "a", work, ttl=TTL)


async def test_work_is_cancelled_when_its_lease_cannot_be_renewed_in_time(
    database_url: str, database: Database
) -> None:
    """The database is locked by somebody else for longer than the lease lasts."""
    cancelled = asyncio.Event()
    at_work = asyncio.Event()

    async def work(lease: Lease) -> None:
        at_work.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    working = asyncio.ensure_future(while_held(database, "outbox", "a", work, ttl=TTL))
    await asyncio.wait_for(at_work.wait(), 5)
    other = open_database(database_url)
    loop = asyncio.get_running_loop()

    def block(connection: Connection) -> None:
        connection.execute(select(progress))
        assert_held(connection, Lease("outbox", "a", 1))
        asyncio.run_coroutine_threadsafe(asyncio.wait_for(cancelled.wait(), 5), loop).result(6)

    await other.write(block)
    await other.close()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)

    assert cancelled.is_set()


async def test_what_the_work_raises_is_raised_as_it_is_and_the_lease_is_given_back(database: Database) -> None:
    async def work(lease: Lease) -> None:
        await database.write(lambda connection: connection.execute(insert(progress).values(name="a", value="")))
        raise ValueError("of the work")

    with pytest.raises(ValueError, match="of the work"):
        await while_held(database, "outbox", "a", work, ttl=60)

    assert await taken(database, "b") is not None

"""New tickets are counted by the minute and by the hour, the same on every database."""

from datetime import UTC, datetime, timedelta

from store import arrivals
from store.arrivals import ALL
from store.database import Database

NOON = datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)
WINDOW = timedelta(minutes=5)


async def add(database: Database, counts: dict[str, int], at: datetime) -> None:
    await database.write(lambda connection: arrivals.add(connection, counts, at))


async def lately(database: Database, *digests: str, now: datetime = NOON) -> dict[str, int]:
    return dict(await database.read(lambda c: arrivals.lately(c, digests, now=now, window=WINDOW)))


async def usual(database: Database, now: datetime = NOON) -> float:
    return await database.read(lambda connection: arrivals.usual(connection, now=now, window=WINDOW))


async def test_what_comes_in_one_minute_is_added_up(database: Database) -> None:
    await add(database, {ALL: 3, "a": 2}, NOON)
    await add(database, {ALL: 4, "a": 1, "b": 1}, NOON + timedelta(seconds=20))
    await add(database, {}, NOON)

    assert await lately(database, ALL, "a", "c") == {ALL: 7, "a": 3}
    assert await lately(database) == {}


async def test_the_window_ends_after_its_minutes(database: Database) -> None:
    for minute in range(8):
        await add(database, {ALL: 1}, NOON - timedelta(minutes=minute))

    assert await lately(database, ALL) == {ALL: 5}
    assert await lately(database, ALL, now=NOON + timedelta(minutes=4)) == {ALL: 1}
    assert await lately(database, ALL, now=NOON + timedelta(minutes=5)) == {}


async def test_what_is_usual_is_the_mean_of_the_whole_hours_of_a_day(database: Database) -> None:
    await add(database, {ALL: 24 * 12 * 3, "a": 500}, NOON - timedelta(hours=5))
    await add(database, {ALL: 1000}, NOON)  # This hour does not count, nor does the day before.
    await add(database, {ALL: 1000}, NOON - timedelta(hours=25))

    assert await usual(database) == 3.0
    assert await usual(database, NOON + timedelta(days=3)) == 0.0


async def test_what_nobody_looks_at_any_more_is_forgotten(database: Database) -> None:
    await add(database, {ALL: 24 * 12, "a": 1}, NOON - timedelta(hours=3))
    await add(database, {ALL: 1}, NOON)

    await database.write(lambda connection: arrivals.forget(connection, NOON))

    assert await lately(database, ALL) == {ALL: 1}
    assert await lately(database, "a", now=NOON - timedelta(hours=3)) == {}
    assert await usual(database) == 1.0

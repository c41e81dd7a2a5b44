"""What the queue of deliveries promises, on every database that Deskwire runs on."""

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from store import caps, deliveries
from store.caps import Courtesy, Window
from store.database import Database, open_database
from store.deliveries import FAILED, QUEUED, SENT, SUPPRESSED, Claimed, Delivery, Settlement
from store.outgoing import Purpose

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PATIENCE = timedelta(minutes=10)


def seconds(count: float) -> datetime:
    return NOON + timedelta(seconds=count)


def delivery(name: str, *, address: str = "", purpose: Purpose = Purpose.ALERT, at: datetime = NOON) -> Delivery:
    return Delivery(
        id=f"id-{name}",
        effect=f"effect-{name}",
        ticket=482917,
        event="event",
        purpose=purpose,
        channel="mail",
        address=address or f"{name}@example.org",
        payload=b"final bytes",
        created_at=at,
    )


async def enqueue(database: Database, *rows: Delivery) -> None:
    await database.write(lambda connection: deliveries.enqueue(connection, rows))


async def claim(database: Database, now: datetime = NOON, limit: int = 10) -> list[str]:
    return [one.id.removeprefix("id-") for one in await claimed(database, now, limit)]


async def claimed(database: Database, now: datetime = NOON, limit: int = 10) -> tuple[Claimed, ...]:
    return await database.write(
        lambda connection: deliveries.claim_due(connection, "mail", now=now, limit=limit, patience=PATIENCE)
    )


async def settle(database: Database, *settlements: Settlement, now: datetime = NOON) -> None:
    await database.write(lambda connection: deliveries.settle(connection, settlements, now=now))


async def state_of(database: Database, name: str) -> deliveries.Outbound:
    found = await database.read(lambda connection: deliveries.find(connection, [f"id-{name}"]))
    return found[f"id-{name}"]


async def test_a_second_delivery_with_the_same_effect_is_not_written(database: Database) -> None:
    await enqueue(database, delivery("a"))
    await enqueue(database, delivery("a"), delivery("b"))

    assert await claim(database) == ["a", "b"]
    known = await database.read(lambda connection: deliveries.known(connection, ["effect-a", "effect-z"]))
    assert known == {"effect-a"}


async def test_effects_of_a_large_batch_are_more_than_a_statement_takes(database: Database) -> None:
    await enqueue(database, delivery("a"))
    asked = [*(f"effect-of-somebody-{n}" for n in range(70_000)), "effect-a"]  # 49 people and a batch of 1,500.

    assert await database.read(lambda connection: deliveries.known(connection, asked)) == {"effect-a"}


async def test_an_address_with_many_waiting_hides_no_other(database: Database) -> None:
    waiting = [delivery(f"team-{n}", address="team@example.org", at=NOON + timedelta(seconds=n)) for n in range(40)]
    later = NOON + timedelta(seconds=60)
    await enqueue(database, *waiting, delivery("a", at=later), delivery("b", at=later))

    assert await claim(database, later, limit=2) == ["team-0", "a"]
    assert await claim(database, later, limit=2) == ["b"]
    assert await claim(database, later, limit=2) == []


async def test_a_claimed_delivery_brings_all_that_sending_it_takes(database: Database) -> None:
    await enqueue(database, delivery("a", purpose=Purpose.ANSWER))

    (one,) = await claimed(database)

    assert one == Claimed(
        id="id-a",
        ticket=482917,
        purpose=Purpose.ANSWER,
        channel="mail",
        address="a@example.org",
        payload=b"final bytes",
        attempts=1,
        doubts=0,
        created_at=NOON,
    )


async def test_what_is_claimed_once_is_not_claimed_again(database: Database) -> None:
    await enqueue(database, delivery("a"))

    assert await claim(database) == ["a"]
    assert await claim(database) == []


async def test_a_suppressed_or_failed_delivery_is_never_claimed(database: Database) -> None:
    await enqueue(
        database,
        Delivery(
            id="id-a",
            effect="a",
            ticket=1,
            event="",
            purpose=Purpose.ACKNOWLEDGEMENT,
            channel="mail",
            address="a@example.org",
            state=deliveries.SUPPRESSED,
            reason="unproven",
            created_at=NOON,
        ),
    )

    assert await claim(database, seconds(1e6)) == []
    assert (await state_of(database, "a")).reason == "unproven"


async def test_another_channel_s_delivery_is_left_alone(database: Database) -> None:
    await enqueue(database, delivery("a"))

    other = await database.write(
        lambda connection: deliveries.claim_due(connection, "telegram", now=NOON, limit=5, patience=PATIENCE)
    )

    assert other == ()


async def test_a_limit_takes_the_oldest(database: Database) -> None:
    await enqueue(database, delivery("late", at=seconds(2)), delivery("early"), delivery("middle", at=seconds(1)))

    assert await claim(database, seconds(3), limit=2) == ["early", "middle"]


async def test_a_later_delivery_waits_until_the_earlier_one_of_its_address_is_settled(database: Database) -> None:
    await enqueue(
        database,
        delivery("first", address="one@example.org"),
        delivery("second", address="one@example.org", at=seconds(1)),
        delivery("other", at=seconds(2)),
    )

    assert await claim(database, seconds(3)) == ["first", "other"]
    assert await claim(database, seconds(3)) == []
    await settle(database, Settlement(id="id-first", state=SENT))
    assert await claim(database, seconds(3)) == ["second"]


async def test_a_later_delivery_waits_ten_minutes_for_one_that_is_tried_again(database: Database) -> None:
    await enqueue(
        database,
        delivery("first", address="one@example.org"),
        delivery("second", address="one@example.org", at=seconds(1)),
    )
    assert await claim(database, seconds(2)) == ["first"]
    await settle(database, Settlement(id="id-first", state=QUEUED, due_at=seconds(3600)))

    assert await claim(database, seconds(599)) == []
    assert await claim(database, seconds(600)) == ["second"]


async def test_an_address_gets_one_at_a_time_even_after_the_wait(database: Database) -> None:
    await enqueue(
        database,
        delivery("first", address="one@example.org"),
        delivery("second", address="one@example.org", at=seconds(1)),
    )
    assert await claim(database, seconds(2)) == ["first"]
    await settle(database, Settlement(id="id-first", state=QUEUED, due_at=seconds(700)))

    assert await claim(database, seconds(800)) == ["first"]
    assert await claim(database, seconds(800)) == []


async def test_a_delivery_that_waits_for_its_time_is_not_claimed_before(database: Database) -> None:
    await enqueue(database, delivery("a"))
    await claim(database)
    await settle(database, Settlement(id="id-a", state=QUEUED, reason="busy", due_at=seconds(30)))

    assert await claim(database, seconds(29)) == []
    (again,) = await claimed(database, seconds(30))
    assert again.attempts == 2


async def test_a_settled_delivery_keeps_its_last_word(database: Database) -> None:
    await enqueue(database, delivery("a"))
    await claim(database)
    await settle(database, Settlement(id="id-a", state=SENT, external_id="<x@y>"), now=seconds(5))
    await settle(database, Settlement(id="id-a", state=FAILED), now=seconds(9))

    row = await state_of(database, "a")

    assert (row.state, row.external_id, row.settled_at) == (SENT, "<x@y>", seconds(5))


async def test_what_a_dead_process_was_sending_is_found_by_whoever_sends_next(database: Database) -> None:
    await enqueue(database, delivery("a"), delivery("b", at=seconds(-1)))
    begun = await claimed(database)
    await enqueue(database, delivery("waiting"))

    def left_behind(channel: str) -> Callable[[Connection], tuple[Claimed, ...]]:
        return lambda connection: deliveries.being_sent(connection, channel)

    assert await database.read(left_behind("mail")) == begun
    assert [one.id for one in begun] == ["id-b", "id-a"]
    assert await database.read(left_behind("telegram")) == ()


async def test_a_claim_that_was_never_begun_is_put_back_as_if_it_had_not_been(database: Database) -> None:
    await enqueue(database, delivery("begun"), delivery("unheard-of"))
    await claim(database)

    await database.write(
        lambda connection: deliveries.return_unsent(connection, "mail", under_way=frozenset({"id-begun"}))
    )

    (one,) = await claimed(database)
    assert (one.id, one.attempts, one.doubts) == ("id-unheard-of", 1, 0)


async def test_a_ticket_lists_its_deliveries_in_order(database: Database) -> None:
    await enqueue(database, delivery("b", at=seconds(1)), delivery("a"))

    listed = await database.read(lambda connection: deliveries.of_ticket(connection, 482917))

    assert [one.id for one in listed] == ["id-a", "id-b"]
    assert await database.read(lambda connection: deliveries.of_ticket(connection, 1)) == ()


async def test_courtesies_are_counted_by_address_within_the_window(database: Database) -> None:
    counted = [
        Courtesy(effect="1", kind="acknowledgement", address="mail:a", at=NOON),
        Courtesy(effect="2", kind="acknowledgement", address="mail:a", at=seconds(60)),
        Courtesy(effect="3", kind="acknowledgement", address="mail:b", at=seconds(60)),
        Courtesy(effect="4", kind="survey", address="mail:a", at=seconds(60)),
    ]
    await database.write(lambda connection: caps.add(connection, counted))
    await database.write(lambda connection: caps.add(connection, counted))

    def count(since: datetime) -> Callable[[Connection], dict[str, int]]:
        windows = [
            Window("acknowledgement", ["mail:a", "mail:c"], since),
            Window("survey", ["mail:a"], NOON + timedelta(hours=1)),
            Window("nothing", [], since),
        ]
        return lambda connection: {
            address: count for (kind, address), count in caps.counts(connection, windows).items()
        }

    assert await database.read(count(seconds(-1))) == {"mail:a": 2}
    assert await database.read(count(NOON)) == {"mail:a": 1}
    assert await database.read(lambda connection: caps.counts(connection, [])) == {}


async def test_whom_we_wrote_to_is_forgotten_once_no_window_reaches_it(database: Database) -> None:
    ages = [timedelta(0), caps.LONGEST, caps.LONGEST + timedelta(seconds=1)]
    counted = [Courtesy(effect=str(age), kind="staff", address="mail:a", at=NOON - age) for age in ages]
    await database.write(lambda connection: caps.add(connection, counted))
    await database.write(lambda connection: caps.forget(connection, NOON))

    windows = [Window("staff", ["mail:a"], NOON - 2 * caps.LONGEST)]
    assert await database.read(lambda connection: caps.counts(connection, windows)) == {("staff", "mail:a"): 2}


async def test_two_processes_count_an_address_one_after_the_other(database: Database, database_url: str) -> None:
    other = open_database(database_url)
    counted = threading.Event()

    def once_at_most(effect: str, pause: float, connection: Connection) -> int:
        caps.lock(connection, "acknowledgement", ["mail:a", "mail:b"])
        sent = sum(caps.counts(connection, [Window("acknowledgement", ["mail:a"], NOON)]).values())
        counted.set()
        time.sleep(pause)
        if not sent:
            caps.add(connection, [Courtesy(effect=effect, kind="acknowledgement", address="mail:a", at=seconds(1))])
        return sent

    first = asyncio.create_task(database.write(partial(once_at_most, "one", 0.3)))
    assert await asyncio.to_thread(counted.wait, 10)
    second = await other.write(partial(once_at_most, "two", 0.0))
    await other.close()

    assert (await first, second) == (0, 1)


@pytest.mark.parametrize(("end", "sent"), [(SENT, False), (QUEUED, False), (FAILED, True)])
async def test_what_stands_in_for_a_delivery_goes_out_once_that_has_failed(
    database: Database, end: str, sent: bool
) -> None:
    first = delivery("a")
    second = replace(first, id=deliveries.stand_in(first.id), effect="effect-b", state=SUPPRESSED, reason="waits")
    await enqueue(database, first, second, delivery("other"))
    assert await claim(database) == ["a", "other"]

    await settle(database, Settlement(id="id-a", state=end, doubts=0, due_at=seconds(60)), now=seconds(1))
    await settle(database, Settlement(id="id-other", state=FAILED, doubts=0), now=seconds(1))
    await settle(database, Settlement(id="id-a", state=FAILED, doubts=0), now=seconds(2))  # It is over already.

    assert [one.id for one in await claimed(database, seconds(3))] == ([second.id] if sent else [])

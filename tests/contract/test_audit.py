"""The audit balances a desk that is whole, and what is on its way is no difference; on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, update

from store.audit import Audit, audit
from store.bus import Entry
from store.bus_settings import BusSettings
from store.bus_sqlite import SqliteBus
from store.codec import derived_id, encode
from store.database import Database
from store.records import RawMessage
from store.schema import dead_letters, greetings, held, inbox, originals, outbox, parked, positions
from store.topics import MESSAGES, RAW
from tests.contract.audited_desk import NOW, audited, letter, log_of_three, payload, put, read


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[SqliteBus]:
    async with log_of_three(tmp_path / "log.db") as opened:
        yield opened


async def test_an_empty_desk_balances(database: Database, tmp_path: Path) -> None:
    bus = SqliteBus(tmp_path / "log.db", BusSettings(partitions=1))
    await bus.start()

    found = await audit(database, bus)
    await bus.close()

    assert found.balanced
    assert (found.accepted, found.records, found.outcomes) == (0, 0, ())


async def test_a_whole_desk_balances_and_is_counted(database: Database, bus: SqliteBus) -> None:
    found = await audited(database, bus)

    assert found == Audit(
        accepted=3,
        unread=0,
        originals=3,
        records=3,
        in_flight=0,
        outcomes=(("acted", 1), ("continued", 1), ("opened", 1)),
        tickets=1,
        messages=2,
        parked=0,
        dead=0,
        held=0,
        outbox=0,
        deliveries=(("queued", 1), ("sent", 1), ("suppressed", 1)),
        differences=(),
    )


async def test_what_no_stage_has_read_yet_is_no_difference(database: Database, bus: SqliteBus) -> None:
    found = await audit(database, bus)

    assert found.balanced
    assert (found.accepted, found.unread) == (3, 3)


async def test_records_on_their_way_to_the_router_are_no_difference(database: Database, bus: SqliteBus) -> None:
    def two_unread(connection: Connection) -> None:
        payload(connection, 0)
        payload(connection, 1)
        read(connection, "normalize", RAW, 2)
        read(connection, "router", MESSAGES, 1)

    await database.write(two_unread)
    found = await audit(database, bus)

    assert found.balanced
    assert (found.unread, found.in_flight) == (1, 2)


async def test_a_record_that_is_held_is_no_difference(database: Database, bus: SqliteBus) -> None:
    def hold(connection: Connection) -> None:
        connection.execute(delete(inbox).where(inbox.c.outcome == "acted"))
        row = {"group": "router", "topic": MESSAGES, "partition": 0, "offset": 2, "key": "k", "value": b""}
        put(connection, held, **row, attempts=1, first_at=NOW, due_at=NOW)

    found = await audited(database, bus, hold)

    assert found.balanced
    assert (found.held, found.in_flight) == (1, 1)


async def test_a_record_that_waits_in_the_outbox_is_no_difference(database: Database, bus: SqliteBus) -> None:
    """As normalize leaves it, which tells of a payload that it gave up on."""

    def wait(connection: Connection) -> None:
        connection.execute(delete(inbox).where(inbox.c.outcome == "acted"))
        put(connection, outbox, topic=MESSAGES, key="k", value=b"")

    found = await audited(database, bus, wait)

    assert found.balanced
    assert (found.outbox, found.in_flight) == (1, 1)


async def test_a_dead_record_that_cannot_be_read_goes_by_its_letter(database: Database, bus: SqliteBus) -> None:
    def die(connection: Connection) -> None:
        letter(connection, record="")
        put(connection, inbox, id="letter-", raw="", outcome="dead", at=NOW)

    found = await audited(database, bus, die)

    assert found.balanced
    assert found.dead == 1


async def test_a_payload_and_a_record_that_died_are_no_difference(database: Database, bus: SqliteBus) -> None:
    def die(connection: Connection) -> None:
        connection.execute(delete(originals).where(originals.c.raw == "raw-2"))
        connection.execute(delete(inbox).where(inbox.c.outcome == "acted"))
        letter(connection, record="raw-2", topic=RAW, offset=2)
        payload(connection, 3)
        letter(connection, record=derived_id("raw-3", "0"))

    found = await audited(database, bus, die)

    assert found.balanced
    assert found.dead == 2


async def test_a_payload_that_died_and_stands_in_the_log_once_more_is_no_difference(
    database: Database, bus: SqliteBus
) -> None:
    await bus.publish(RAW, [Entry("k", encode(raw_message("raw-2")))])

    found = await audited(database, bus, replayed)

    assert found.balanced
    assert (found.accepted, found.unread) == (4, 0)


async def test_a_payload_that_is_lost_beside_one_that_was_replayed_is_said(database: Database, bus: SqliteBus) -> None:
    await bus.publish(RAW, [Entry("k", encode(raw_message(which))) for which in ("raw-2", "raw-of-nowhere")])

    found = await audited(database, bus, replayed, lambda connection: read_on(connection, 5))

    assert found.differences == (
        "payloads that were read and gave neither records nor a dead letter: 1 (deskwire.raw[0] 4 to 4)",
    )


def replayed(connection: Connection) -> None:
    """The third payload died, and was published again as the fourth, and went through."""
    letter(connection, record="raw-2", topic=RAW, offset=2)
    connection.execute(update(dead_letters).values(state="resolved", replays=1))
    read_on(connection, 4)


def read_on(connection: Connection, up_to: int) -> None:
    connection.execute(update(positions).where(positions.c.group == "normalize").values(next=up_to))


def raw_message(name: str) -> RawMessage:
    return RawMessage(id=name, channel="mail", received_at=NOW, content_type="message/rfc822")


async def test_parked_records_and_greetings_are_no_difference(database: Database, bus: SqliteBus) -> None:
    def park(connection: Connection) -> None:
        record = derived_id("raw-2", "0")
        connection.execute(update(inbox).where(inbox.c.id == record).values(outcome="parked", ticket=None))
        put(connection, parked, id=record, value=b"", state="waiting", parked_at=NOW)
        put(connection, inbox, id="g", raw="", outcome="greeted", at=NOW)
        put(connection, greetings, id="g", received_at=NOW, record=b"")

    found = await audited(database, bus, park)

    assert found.balanced
    assert found.parked == 1


async def test_what_waits_in_the_outbox_is_counted(database: Database, bus: SqliteBus) -> None:
    found = await audited(database, bus, lambda connection: put(connection, outbox, topic="t", key="k", value=b""))

    assert found.balanced
    assert found.outbox == 1

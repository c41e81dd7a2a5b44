"""The audit balances a desk that is whole, and names each thing that is not, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, delete, insert, update

from store.audit import Audit, audit
from store.blobs_url import open_blobs
from store.bus import Entry
from store.bus_settings import BusSettings
from store.bus_sqlite import SqliteBus
from store.codec import derived_id
from store.database import Database
from store.schema import (
    contacts,
    dead_letters,
    deliveries,
    events,
    greetings,
    held,
    inbox,
    messages,
    originals,
    outbox,
    parked,
    positions,
    tickets,
)
from store.topics import MESSAGES, RAW

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RECORD = derived_id("raw-0", "0")  # The one record of the first payload.
ACTED = derived_id("raw-2", "0")  # That of the last, an action.


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[SqliteBus]:
    """A log with one partition and three payloads that gave two messages and one action."""
    bus = SqliteBus(tmp_path / "log.db", BusSettings(partitions=1))
    await bus.start()
    await bus.publish(RAW, [Entry("k", b"payload")] * 3)
    await bus.publish(MESSAGES, [Entry("k", b"message")] * 3)
    yield bus
    await bus.close()


def put(connection: Connection, table: Table, **values: object) -> None:
    connection.execute(insert(table).values(**values))


def payload(connection: Connection, number: int, records: int = 1, blob: str = "") -> None:
    put(
        connection,
        originals,
        raw=f"raw-{number}",
        blob=blob,
        partition=0,
        offset=number,
        records=records,
        received_at=NOW,
    )


def outcome(connection: Connection, number: int, what: str, ticket: int | None = None, raw: str | None = None) -> None:
    record = derived_id(f"raw-{number}", "0")
    raw = f"raw-{number}" if raw is None else raw
    put(connection, inbox, id=record, raw=raw, outcome=what, ticket=ticket, at=NOW)


def read(connection: Connection, group: str, topic: str, up_to: int) -> None:
    put(connection, positions, group=group, topic=topic, partition=0, epoch=1, next=up_to)


def letter(connection: Connection, *, record: str, topic: str = MESSAGES, offset: int = 0) -> None:
    put(
        connection,
        dead_letters,
        id=f"letter-{record}",
        stage="router",
        record=record,
        topic=topic,
        partition=0,
        offset=offset,
        value=b"",
        attempts=3,
        first_at=NOW,
        last_at=NOW,
        state="waiting",
    )


def delivery(connection: Connection, name: str, **values: object) -> None:
    row = {"ticket": 42, "state": "queued", "payload": b"", "due_at": NOW, "created_at": NOW} | values
    put(connection, deliveries, id=name, effect=name, **row)


def whole(connection: Connection) -> None:
    """A desk that has read everything: a message opened a ticket, another continued it, an action was applied."""
    for number in range(3):
        payload(connection, number)
    read(connection, "normalize", RAW, 3)
    read(connection, "router", MESSAGES, 3)
    put(connection, contacts, id="c", created_at=NOW)
    put(
        connection,
        tickets,
        number=42,
        contact="c",
        because=b"[]",
        conversation=b"[]",
        messages=2,
        version=2,
        opened_at=NOW,
        changed_at=NOW,
    )
    outcome(connection, 0, "opened", 42)
    outcome(connection, 1, "continued", 42)
    outcome(connection, 2, "acted", 42, raw="")
    for seq, kind in enumerate(("opened", "continued"), start=1):
        record = derived_id(f"raw-{seq - 1}", "0")
        put(connection, messages, id=record, ticket=42, seq=seq, direction="in", received_at=NOW, record=b"")
        put(connection, events, id=f"e{seq}", ticket=42, seq=seq, kind=kind, at=NOW, record=b"")
    delivery(connection, "d1", state="sent", settled_at=NOW)
    delivery(connection, "d2")
    delivery(connection, "d3", state="suppressed")


async def audited(database: Database, bus: SqliteBus, *changes: Callable[[Connection], None]) -> Audit:
    for change in (whole, *changes):
        await database.write(change)
    return await audit(database, bus)


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


def lost_payload(connection: Connection) -> None:
    connection.execute(delete(originals).where(originals.c.raw == "raw-1"))
    connection.execute(delete(inbox).where(inbox.c.raw == "raw-1"))
    connection.execute(delete(messages).where(messages.c.seq == 2))
    connection.execute(update(tickets).values(messages=1))


def lost_last_payloads(connection: Connection) -> None:
    connection.execute(delete(originals).where(originals.c.raw != "raw-1"))


def lost_record(connection: Connection) -> None:
    connection.execute(delete(inbox).where(inbox.c.outcome == "acted"))


def unknown_payload(connection: Connection) -> None:
    put(connection, inbox, id="x", raw="raw-of-nowhere", outcome="duplicate", at=NOW)


def too_many_outcomes(connection: Connection) -> None:
    put(connection, inbox, id="x", raw="raw-0", outcome="duplicate", at=NOW)


def strange_outcome(connection: Connection) -> None:
    connection.execute(update(inbox).where(inbox.c.outcome == "acted").values(outcome="forgotten"))


def no_such_ticket(connection: Connection) -> None:
    connection.execute(update(inbox).where(inbox.c.outcome == "acted").values(ticket=7))


def lost_message(connection: Connection) -> None:
    connection.execute(delete(messages).where(messages.c.id == RECORD))


def message_of_nowhere(connection: Connection) -> None:
    put(connection, messages, id="x", ticket=42, seq=3, direction="in", received_at=NOW, record=b"")
    connection.execute(update(tickets).values(messages=3))


def hole_in_messages(connection: Connection) -> None:
    connection.execute(update(messages).where(messages.c.seq == 2).values(seq=3))


def lost_event(connection: Connection) -> None:
    connection.execute(delete(events).where(events.c.seq == 2))


def never_opened(connection: Connection) -> None:
    connection.execute(update(events).values(kind="continued"))


def opened_twice(connection: Connection) -> None:
    connection.execute(update(inbox).where(inbox.c.outcome == "continued").values(outcome="opened"))


def lost_greeting(connection: Connection) -> None:
    put(connection, inbox, id="g", raw="", outcome="greeted", at=NOW)


def greeting_joined_nothing(connection: Connection) -> None:
    put(connection, inbox, id="g", raw="", outcome="greeted", ticket=42, at=NOW)


def lost_parked(connection: Connection) -> None:
    put(connection, inbox, id="p", raw="", outcome="parked", at=NOW)


def parked_without_outcome(connection: Connection) -> None:
    put(connection, parked, id="p", value=b"", state="waiting", parked_at=NOW)


def lost_letter(connection: Connection) -> None:
    put(connection, inbox, id="d", raw="", outcome="dead", at=NOW)


def strange_delivery(connection: Connection) -> None:
    connection.execute(update(deliveries).where(deliveries.c.id == "d2").values(state="flying"))


def delivery_of_nothing(connection: Connection) -> None:
    connection.execute(update(deliveries).where(deliveries.c.id == "d2").values(ticket=7))


def sent_at_no_time(connection: Connection) -> None:
    connection.execute(update(deliveries).where(deliveries.c.id == "d1").values(settled_at=None))


def queued_and_settled(connection: Connection) -> None:
    connection.execute(update(deliveries).where(deliveries.c.id == "d2").values(settled_at=NOW))


def another_log(connection: Connection) -> None:
    connection.execute(update(positions).where(positions.c.topic == MESSAGES).values(next=9))


IMBALANCES = {
    lost_payload: "payloads that were read and gave neither records nor a dead letter: 1 (deskwire.raw[0] 1 to 1)",
    lost_last_payloads: "payloads that were read and gave neither records nor a dead letter: "
    "2 (deskwire.raw[0] 0 to 0, deskwire.raw[0] 2 to 2)",
    lost_record: f"records without an outcome, of which at most 0 are on their way: 1 ({ACTED})",
    unknown_payload: "payloads with outcomes that are no originals, of which at most 0 are unread: 1",
    too_many_outcomes: "payloads that gave fewer records than have an outcome: 1 (raw-0)",
    strange_outcome: f"records with an outcome that does not exist: 1 ({ACTED})",
    no_such_ticket: f"records that name a ticket which does not exist: 1 ({ACTED})",
    lost_message: f"records that count as messages of a ticket and are not there: 1 ({RECORD})",
    message_of_nowhere: "messages of tickets without an outcome that led there: 1 (x)",
    hole_in_messages: "tickets that do not have all the messages that they count: 1 (42)",
    lost_event: "tickets that do not have an event for each change that they count: 1 (42)",
    never_opened: "tickets that were not opened exactly once: 1 (42)",
    opened_twice: "tickets that several records opened: 1 (42)",
    lost_greeting: "greetings that wait for their ticket and are not kept: 1 (g)",
    greeting_joined_nothing: "greetings that joined a ticket and are not there: 1 (g)",
    lost_parked: "records that count as parked and do not wait there: 1 (p)",
    parked_without_outcome: "parked records without an outcome: 1 (p)",
    lost_letter: "records that count as dead and have no dead letter: 1 (d)",
    strange_delivery: "deliveries in a state that does not exist: 1 (d2)",
    delivery_of_nothing: "deliveries that belong to no ticket: 1 (d2)",
    sent_at_no_time: "deliveries that do not agree whether they are settled: 1 (d1)",
    queued_and_settled: "deliveries that do not agree whether they are settled: 1 (d2)",
    another_log: "router has read deskwire.messages[0] up to 9, and the log ends at 3: "
    "it is another log than the one that was read",
}


@pytest.mark.parametrize("break_it", IMBALANCES, ids=lambda change: change.__name__)
async def test_each_imbalance_is_said(
    database: Database, bus: SqliteBus, break_it: Callable[[Connection], None]
) -> None:
    found = await audited(database, bus, break_it)

    assert not found.balanced
    assert IMBALANCES[break_it] in found.differences


async def test_records_that_were_deleted_unread_are_said(database: Database, bus: SqliteBus) -> None:
    await bus.forget(MESSAGES, datetime(2100, 1, 1, tzinfo=UTC))

    found = await audited(
        database, bus, lambda connection: connection.execute(update(positions).values(next=1)).close()
    )

    assert (
        "router has read deskwire.messages[0] up to 1, and the log begins at 3: "
        "2 records were deleted before they were read" in found.differences
    )


async def test_many_rows_of_one_kind_are_counted_and_a_few_are_named(database: Database, bus: SqliteBus) -> None:
    def many(connection: Connection) -> None:
        rows = [{"id": f"p{number:04}", "raw": "", "outcome": "parked", "at": NOW} for number in range(700)]
        connection.execute(insert(inbox), rows)

    found = await audited(database, bus, many)

    (words,) = found.differences
    assert words.startswith("records that count as parked and do not wait there: 700 (")
    assert words.endswith(" and more)")
    assert words.count(", ") == 4


async def test_many_records_are_followed_page_by_page(database: Database, bus: SqliteBus) -> None:
    def many(connection: Connection) -> None:
        rows = [
            {"raw": f"many-{number}", "partition": 1, "offset": number, "records": 2, "received_at": NOW}
            for number in range(700)
        ]
        connection.execute(insert(originals), rows)
        half = [
            {"id": derived_id(f"many-{number}", "1"), "raw": "", "outcome": "acted", "at": NOW} for number in range(700)
        ]
        connection.execute(insert(inbox), half)

    found = await audited(database, bus, many)

    assert found.in_flight == 700
    assert len(found.differences) == 1


async def test_each_blob_that_an_original_names_can_be_read(database: Database, bus: SqliteBus, tmp_path: Path) -> None:
    blobs = open_blobs(f"file:{tmp_path / 'blobs'}")
    key = await blobs.put(b"a large mail")
    await database.write(whole)
    await database.write(lambda connection: connection.execute(update(originals).values(blob=key)).close())

    assert (await audit(database, bus, blobs=blobs)).balanced

    for path in (tmp_path / "blobs").rglob(key):
        path.unlink()
    assert (await audit(database, bus)).balanced
    (words,) = (await audit(database, bus, blobs=blobs)).differences
    assert words.startswith(f"an original cannot be read: there is no blob {key}")

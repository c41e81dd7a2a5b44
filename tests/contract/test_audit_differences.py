"""The audit names each thing that does not add up, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, update

from store.audit import audit
from store.blobs_url import open_blobs
from store.bus_sqlite import SqliteBus
from store.codec import derived_id
from store.database import Database
from store.schema import (
    deliveries,
    endpoints,
    events,
    inbox,
    messages,
    originals,
    parked,
    participants,
    positions,
    tickets,
)
from store.topics import MESSAGES
from tests.contract.audited_desk import (
    ACTED,
    NOW,
    RECORD,
    audited,
    log_of_three,
    put,
    whole,
)


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[SqliteBus]:
    async with log_of_three(tmp_path / "log.db") as opened:
        yield opened


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


def came_back_in_silence(connection: Connection) -> None:
    connection.execute(update(deliveries).where(deliveries.c.id == "d1").values(state="bounced"))


def lost_participant(connection: Connection) -> None:
    for seq in (1, 3):
        who = {"kind": "mail", "value": f"{seq}@x.example", "seq": seq, "joined_at": NOW}
        put(connection, participants, ticket=42, **who)


def flood_told_twice(connection: Connection) -> None:
    connection.execute(update(tickets).values(version=4))
    for seq in (3, 4):
        put(connection, events, id=f"e{seq}", ticket=42, seq=seq, kind="loop-suspected", at=NOW, record=b"")


def strange_address(connection: Connection) -> None:
    row = {"state": "lost", "failures": 0, "since": NOW, "changed_at": NOW}
    put(connection, endpoints, kind="mail", value="x@x.example", **row)


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
    came_back_in_silence: "deliveries that came back and whose ticket does not say so: 1 (d1)",
    lost_participant: "tickets whose people did not join one after the other: 1 (42)",
    flood_told_twice: "tickets that tell of the same flood twice: 1 (42)",
    strange_address: "addresses in a state that does not exist: 1 (x@x.example)",
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

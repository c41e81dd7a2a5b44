"""A small desk that is whole, made of rows, for the audit to look at."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Table, insert

from store.audit import Audit, audit
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
    inbox,
    messages,
    originals,
    positions,
    tickets,
)
from store.topics import MESSAGES, RAW

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RECORD = derived_id("raw-0", "0")  # The one record of the first payload.
ACTED = derived_id("raw-2", "0")  # That of the last, an action.


@asynccontextmanager
async def log_of_three(path: Path) -> AsyncIterator[SqliteBus]:
    """A log with one partition and three payloads that gave two messages and one action."""
    bus = SqliteBus(path, BusSettings(partitions=1))
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

"""The bytes of every message can be read back, on SQLite and on PostgreSQL; so can a channel's progress."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store import progress
from store.blobs import Blobs
from store.blobs_url import open_blobs
from store.bus import Entry
from store.bus_settings import BusSettings
from store.bus_sqlite import SqliteBus
from store.codec import encode
from store.database import Database
from store.errors import Permanent
from store.originals import Original, Originals, note
from store.records import RawMessage
from store.topics import RAW

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteBus]:
    opened = SqliteBus(tmp_path / "log.db", BusSettings(partitions=1))
    await opened.start()
    yield opened
    await opened.close()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return open_blobs(f"file:{tmp_path / 'blobs'}")


def original(raw: str, *, offset: int = 0, blob: str = "") -> Original:
    return Original(
        raw=raw,
        channel="support",
        content_type="message/rfc822",
        blob=blob,
        partition=0,
        offset=offset,
        records=1,
        received_at=NOW,
    )


async def accept(log: SqliteBus, raw: str, *, payload: bytes = b"", blob: str = "") -> None:
    record = RawMessage(
        id=raw, channel="support", received_at=NOW, content_type="message/rfc822", payload=payload, blob=blob
    )
    await log.publish(RAW, [Entry("k", encode(record))])


async def test_an_original_is_read_back_from_the_log(database: Database, log: SqliteBus, blobs: Blobs) -> None:
    payload = b"Subject: caf\xe9\r\n\r\n\x00 exactly these bytes"
    await accept(log, "a", payload=b"another")
    await accept(log, "b", payload=payload)
    await database.write(lambda connection: note(connection, [original("a"), original("b", offset=1)]))

    assert await Originals(database, log, blobs).read("b") == payload


async def test_a_large_original_is_read_from_the_blob_that_its_raw_names(
    database: Database, log: SqliteBus, blobs: Blobs
) -> None:
    await accept(log, "a", blob=await blobs.put(b"a large mail"))
    await database.write(lambda connection: note(connection, [original("a")]))

    assert await Originals(database, log, blobs).read("a") == b"a large mail"


async def test_where_the_log_forgets_the_original_is_in_a_blob(database: Database, blobs: Blobs) -> None:
    key = await blobs.put(b"a mail")
    await database.write(lambda connection: note(connection, [original("a", blob=key)]))

    assert await Originals(database, None, blobs).read("a") == b"a mail"


async def test_noting_again_changes_nothing(database: Database, blobs: Blobs) -> None:
    key = await blobs.put(b"a mail")
    await database.write(lambda connection: note(connection, [original("a", blob=key)]))

    await database.write(lambda connection: note(connection, [original("a"), original("b", offset=1)]))

    assert await Originals(database, None, blobs).read("a") == b"a mail"


async def test_noting_nothing_is_no_error(database: Database) -> None:
    await database.write(lambda connection: note(connection, []))


async def test_an_id_that_nobody_knows_is_said(database: Database, log: SqliteBus, blobs: Blobs) -> None:
    with pytest.raises(Permanent, match="no message was accepted under the id 'x'"):
        await Originals(database, log, blobs).read("x")


async def test_an_original_that_the_log_has_deleted_is_said(database: Database, log: SqliteBus, blobs: Blobs) -> None:
    await accept(log, "a", payload=b"a mail")
    await database.write(lambda connection: note(connection, [original("a")]))
    await log.forget(RAW, datetime(2100, 1, 1, tzinfo=UTC))

    with pytest.raises(Permanent, match="retention has deleted it"):
        await Originals(database, log, blobs).read("a")


async def test_an_original_whose_blob_is_gone_is_said(database: Database, log: SqliteBus, blobs: Blobs) -> None:
    await database.write(lambda connection: note(connection, [original("a", blob="0" * 64)]))

    with pytest.raises(Permanent, match="there is no blob"):
        await Originals(database, log, blobs).read("a")


async def test_another_log_than_the_desks_is_noticed(database: Database, log: SqliteBus, blobs: Blobs) -> None:
    await accept(log, "of another desk", payload=b"a mail")
    await database.write(lambda connection: note(connection, [original("a")]))

    with pytest.raises(Permanent, match="of another desk stands there"):
        await Originals(database, log, blobs).read("a")


async def test_an_original_that_only_a_former_bus_had_is_said(database: Database, blobs: Blobs) -> None:
    await database.write(lambda connection: note(connection, [original("a")]))

    with pytest.raises(Permanent, match="another bus"):
        await Originals(database, None, blobs).read("a")


async def test_progress_keeps_the_last_value_of_each_name(database: Database) -> None:
    await database.write(lambda connection: progress.put(connection, "bot.offset", "7"))
    await database.write(lambda connection: progress.put(connection, "bot.offset", "8"))
    await database.write(lambda connection: progress.put(connection, "mailbox.uid", "1"))

    assert await database.read(lambda connection: progress.get(connection, "bot.offset")) == "8"
    assert await database.read(lambda connection: progress.get(connection, "mailbox.uid")) == "1"
    assert await database.read(lambda connection: progress.get(connection, "other")) == ""

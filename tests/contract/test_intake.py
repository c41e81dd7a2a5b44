"""The one door in: what it has accepted is in the log, large payloads by reference."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.intake import Intake
from store.blobs_file import FileBlobs
from store.bus_settings import BusSettings
from store.bus_sqlite import SqliteBus
from store.codec import decode
from store.errors import Permanent
from store.records import Envelope, RawMessage
from store.topics import MAX_RECORD, RAW

MOST = 2 * 1024 * 1024


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[SqliteBus]:
    opened = SqliteBus(tmp_path / "log.db", BusSettings(partitions=1))
    await opened.start()
    yield opened
    await opened.close()


@pytest.fixture
def blobs(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "blobs")


def intake(bus: SqliteBus, blobs: FileBlobs) -> Intake:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    return Intake(bus, blobs, max_payload=MOST, now=lambda: now, new_id=lambda: "r1")


async def accepted(bus: SqliteBus, blobs: FileBlobs, payload: bytes, envelope: Envelope) -> RawMessage:
    door = intake(bus, blobs)
    await door.accept(channel="mail", source="s", payload=payload, content_type="message/rfc822", envelope=envelope)
    stored = await bus.read(RAW, 0, 0)
    assert len(stored.value) <= MAX_RECORD
    return decode(stored.value, RawMessage)


async def test_a_small_payload_stands_in_the_log(bus: SqliteBus, blobs: FileBlobs) -> None:
    raw = await accepted(bus, blobs, b"hello", Envelope())

    assert (raw.payload, raw.blob) == (b"hello", "")


@pytest.mark.parametrize("size", [MAX_RECORD // 4 * 3, MAX_RECORD, MOST])
async def test_a_large_payload_goes_by_reference(bus: SqliteBus, blobs: FileBlobs, size: int) -> None:
    payload = b"x" * size

    raw = await accepted(bus, blobs, payload, Envelope())

    assert raw.payload == b""
    assert await blobs.get(raw.blob) == payload


async def test_a_long_envelope_counts_too(bus: SqliteBus, blobs: FileBlobs) -> None:
    recipients = tuple(f"help+{n}{'x' * 200}@desk.example" for n in range(100))

    raw = await accepted(bus, blobs, b"x" * (MAX_RECORD // 4 * 3 - 16 * 1024), Envelope(recipients=recipients))

    assert raw.blob
    assert raw.envelope.recipients == recipients


async def test_a_payload_over_the_limit_is_refused_and_not_kept(bus: SqliteBus, blobs: FileBlobs) -> None:
    door = intake(bus, blobs)

    with pytest.raises(Permanent, match=f"{MOST} is the most"):
        await door.accept(
            channel="mail", source="s", payload=b"x" * (MOST + 1), content_type="message/rfc822", envelope=Envelope()
        )

    assert sum(end for _, end in (await bus.ends(RAW)).values()) == 0

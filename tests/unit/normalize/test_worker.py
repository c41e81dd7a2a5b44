import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import Connection, select

from normalize.attachments import Attachments
from normalize.gate import Gate
from normalize.sandbox import Sandbox
from normalize.settings import NormalizeSettings
from normalize.worker import Normalizer, Undecodable
from store import deadletters, outbox
from store.blobs_file import FileBlobs
from store.bus import Entry, Stored, TopicPartition
from store.bus_settings import BusSettings
from store.bus_sqlite import SqliteBus
from store.codec import decode, encode
from store.database import Database, open_database
from store.errors import Permanent
from store.originals import Original, Originals
from store.records import Action, DeadLetter, Message, RawMessage, SentFile
from store.schema import metadata, originals
from store.topics import ACTIONS, MESSAGES, RAW

MakeRaw = Callable[..., RawMessage]
OpenSandbox = Callable[..., Sandbox]

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW = datetime(2026, 3, 2, 9, 31, tzinfo=UTC)


class Desk(msgspec.Struct, frozen=True):
    """The parts of a desk that normalize works on."""

    bus: SqliteBus
    blobs: FileBlobs
    database: Database
    sandbox: Sandbox

    def normalizer(self, *, copy_originals: bool = False) -> Normalizer:
        return Normalizer(
            bus=self.bus,
            blobs=self.blobs,
            sandbox=self.sandbox,
            settings=NormalizeSettings(),
            copy_originals=copy_originals,
        )

    async def accept(self, *raws: RawMessage) -> list[Stored]:
        """Publish payloads, and give them as they stand in the log."""
        consumer = await self.bus.consumer("test", [RAW])
        await self.bus.publish(RAW, [Entry(f"desk|{raw.id}", encode(raw)) for raw in raws])
        return [record for record in await self.read(consumer, len(raws)) if record.at.topic == RAW]

    async def published(self, topic: str) -> list[Stored]:
        consumer = await self.bus.consumer("test", [topic])
        return await self.read(consumer, 100)

    async def read(self, consumer: Any, limit: int) -> list[Stored]:
        for at in consumer.assignment():
            await consumer.seek(at, None)
        found: list[Stored] = []
        while len(found) < limit and (more := await consumer.fetch(limit, 0.05)):
            found += more
        await consumer.close()
        return found

    async def rows(self) -> list[Original]:
        def read(connection: Connection) -> list[Original]:
            return [Original(**row) for row in connection.execute(select(originals)).mappings()]

        return await self.database.read(read)

    async def commit(self, normalizer: Normalizer, works: Sequence[Original | Exception]) -> None:
        """What the stage does with a batch after `prepare`."""
        done = [work for work in works if isinstance(work, Original)]

        def write(connection: Connection) -> None:
            facts = normalizer.gather(connection, done)
            normalizer.apply(connection, facts, done)

        await self.database.write(write)


@pytest_asyncio.fixture(loop_scope="module")
async def desk(tmp_path: Path, sandbox: Sandbox) -> AsyncIterator[Desk]:
    bus = SqliteBus(tmp_path / "log.db", BusSettings(partitions=2))
    await bus.start()
    database = open_database(f"sqlite:{tmp_path / 'desk.db'}")
    await database.write(metadata.create_all)
    yield Desk(bus, FileBlobs(tmp_path / "blobs"), database, sandbox)
    await database.close()
    await bus.close()


def a_letter(stored: Stored) -> DeadLetter:
    return DeadLetter(
        id="letter",
        stage="normalize",
        topic=RAW,
        partition=stored.at.partition,
        offset=stored.offset,
        key=stored.key,
        value=stored.value,
        reason="Undecodable",
        detail="",
        attempts=3,
        first_at=NOW,
        last_at=NOW,
        code_version="1",
        config_version="1",
    )


async def test_records_go_out_under_their_payloads_key_and_the_original_is_noted(desk: Desk, make_raw: MakeRaw) -> None:
    records = await desk.accept(make_raw("hello", channel="both", id="r1"))
    normalizer = desk.normalizer()

    works = await normalizer.prepare(records)
    await desk.commit(normalizer, works)

    (message,), (action,) = await desk.published(MESSAGES), await desk.published(ACTIONS)
    assert (message.key, decode(message.value, Message).text) == ("desk|r1", "hello")
    assert (action.key, decode(action.value, Action).text) == ("desk|r1", "noted")
    (original,) = await desk.rows()
    assert (original.raw, original.channel, original.records, original.blob) == ("r1", "both", 2, "")
    assert (original.partition, original.offset) == (records[0].at.partition, records[0].offset)


async def test_a_payload_that_comes_again_gives_the_same_ids_and_one_row(desk: Desk, make_raw: MakeRaw) -> None:
    records = await desk.accept(make_raw("hello"))
    normalizer = desk.normalizer()

    for _ in range(2):
        await desk.commit(normalizer, await normalizer.prepare(records))

    first, second = await desk.published(MESSAGES)
    assert first.value == second.value
    assert len(await desk.rows()) == 1


async def test_a_payload_that_exceeds_its_limits_becomes_a_message_that_says_so(desk: Desk, make_raw: MakeRaw) -> None:
    records = await desk.accept(make_raw("before", id="r1"), make_raw("spin", id="r2"), make_raw("after", id="r3"))
    normalizer = desk.normalizer()

    await desk.commit(normalizer, await normalizer.prepare(records))

    messages = {message.raw: message for message in (decode(r.value, Message) for r in await desk.published(MESSAGES))}
    assert (messages["r1"].text, messages["r3"].text) == ("before", "after")
    assert messages["r2"].unreadable.startswith("reading it took more than 0.5s of computing time")
    (attached,) = messages["r2"].attachments
    assert (attached.size, attached.digest) == (4, hashlib.sha256(b"spin").hexdigest())
    read = Attachments(
        desk.sandbox,
        Originals(desk.database, desk.bus, desk.blobs),
        Gate(None, desk.database, now=lambda: NOW),
        most=1_000,
    ).read
    assert await read(SentFile(raw="r2", file=attached)) == b"spin"
    assert {original.raw: original.records for original in await desk.rows()} == {"r1": 1, "r2": 1, "r3": 1}


async def test_a_defect_is_its_own_payloads_failure(desk: Desk, make_raw: MakeRaw) -> None:
    records = await desk.accept(make_raw("before", id="r1"), make_raw("raise secret", id="r2"))

    works = await desk.normalizer().prepare(records)

    by_raw = {decode(record.value, RawMessage).id: work for record, work in zip(records, works, strict=True)}
    assert isinstance(by_raw["r1"], Original)
    assert isinstance(by_raw["r2"], Undecodable)
    assert "ValueError at hostile:" in str(by_raw["r2"])
    assert "secret" not in str(by_raw["r2"])
    assert len(await desk.published(MESSAGES)) == 1


async def test_bytes_that_are_no_payload_fail_alone_and_nobody_is_told(desk: Desk, make_raw: MakeRaw) -> None:
    (good,) = await desk.accept(make_raw("hello"))
    bad = Stored(TopicPartition(RAW, 0), 99, "key", b"not a record")
    normalizer = desk.normalizer()

    works = await normalizer.prepare([bad, good])
    ticket = await desk.database.write(lambda connection: normalizer.bury(connection, bad, a_letter(bad)))

    assert isinstance(works[0], Permanent)
    assert isinstance(works[1], Original)
    assert ticket is None
    assert await desk.database.read(outbox.size) == 0


async def test_large_payloads_are_fetched_from_their_blob(desk: Desk, make_raw: MakeRaw) -> None:
    key = await desk.blobs.put(b"a large one")
    records = await desk.accept(make_raw(b"", blob=key, id="r1"), make_raw("a small one", id="r2"))
    normalizer = desk.normalizer()

    await desk.commit(normalizer, await normalizer.prepare(records))

    texts = {decode(record.value, Message).text for record in await desk.published(MESSAGES)}
    assert texts == {"a large one", "a small one"}
    assert {original.raw: original.blob for original in await desk.rows()} == {"r1": key, "r2": ""}


async def test_small_payloads_do_not_wait_for_the_large_ones_of_others(desk: Desk, make_raw: MakeRaw) -> None:
    large = [await desk.blobs.put(b"large %d" % number) for number in range(2)]
    raws = [
        make_raw(b"", blob=large[0], id="r1"),
        make_raw("of another", id="r2"),
        make_raw("behind the large one", id="r3"),
        make_raw(b"", blob=large[1], id="r4"),
    ]
    at = TopicPartition(RAW, 0)
    keys = ["desk|sara", "desk|jan", "desk|sara", "desk|ewa"]
    records = [Stored(at, place, key, encode(raw)) for place, (key, raw) in enumerate(zip(keys, raws, strict=True))]

    works = await desk.normalizer().prepare(records)

    assert [work.raw for work in works if isinstance(work, Original)] == ["r1", "r2", "r3", "r4"]
    published = [(record.key, decode(record.value, Message).text) for record in await desk.published(MESSAGES)]
    assert sorted(published) == [
        ("desk|ewa", "large 1"),
        ("desk|jan", "of another"),
        ("desk|sara", "behind the large one"),
        ("desk|sara", "large 0"),
    ]
    assert [text for key, text in published if key == "desk|sara"] == ["large 0", "behind the large one"]


class Slow(FileBlobs):
    """A folder that hands nothing out before it is told to."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.go = asyncio.Event()

    async def get(self, key: str) -> bytes:
        await self.go.wait()
        return await super().get(key)


async def test_small_payloads_are_out_while_a_large_one_is_still_fetched(
    desk: Desk, make_raw: MakeRaw, tmp_path: Path
) -> None:
    blobs = Slow(tmp_path / "slow")
    key = await blobs.put(b"a large one")
    records = await desk.accept(make_raw(b"", blob=key, id="r1"), make_raw("a small one", id="r2"))
    preparing = asyncio.create_task(msgspec.structs.replace(desk, blobs=blobs).normalizer().prepare(records))
    async with asyncio.timeout(10):
        while not (out := await desk.published(MESSAGES)):
            await asyncio.sleep(0.01)
    blobs.go.set()
    await preparing

    assert [decode(record.value, Message).text for record in out] == ["a small one"]
    assert len(await desk.published(MESSAGES)) == 2


async def test_a_payload_whose_blob_is_gone_fails_alone(desk: Desk, make_raw: MakeRaw) -> None:
    records = await desk.accept(make_raw(b"", blob="0" * 64, id="r1"), make_raw("hello", id="r2"))

    works = await desk.normalizer().prepare(records)

    assert sorted(type(work).__name__ for work in works) == ["Original", "Permanent"]


async def test_over_a_bus_that_forgets_every_original_is_copied(desk: Desk, make_raw: MakeRaw) -> None:
    records = await desk.accept(*(make_raw(f"number {number}", id=f"r{number}") for number in range(20)))
    normalizer = desk.normalizer(copy_originals=True)

    await desk.commit(normalizer, await normalizer.prepare(records))

    for original in await desk.rows():
        assert await desk.blobs.get(original.blob) == f"number {original.raw[1:]}".encode()


async def test_the_sender_of_a_buried_payload_still_gets_a_ticket(desk: Desk, make_raw: MakeRaw) -> None:
    raw = make_raw("raise x", id="r1")
    (record,) = await desk.accept(raw)
    normalizer = desk.normalizer(copy_originals=True)
    await normalizer.prepare([record])

    await desk.database.write(lambda connection: normalizer.bury(connection, record, a_letter(record)))

    (parcel,) = await desk.database.read(lambda connection: outbox.read(connection, 10, 1 << 20))
    message = decode(parcel.entry.value, Message)
    assert (parcel.topic, parcel.entry.key, message.raw) == (MESSAGES, "desk|r1", "r1")
    assert "dead letter" in message.unreadable
    (original,) = await desk.rows()
    assert original.records == 1
    assert original.blob == hashlib.sha256(raw.payload).hexdigest()


async def test_a_replayed_payload_adds_its_records_to_those_of_its_fallback(desk: Desk, make_raw: MakeRaw) -> None:
    raw = make_raw("hello, after the repair", id="r1")
    (record,) = await desk.accept(raw)
    normalizer = desk.normalizer()

    def die(connection: Connection) -> None:
        deadletters.bury(connection, a_letter(record))
        normalizer.bury(connection, record, a_letter(record))

    await desk.database.write(die)
    await desk.database.write(lambda connection: deadletters.replay(connection, "letter", by="operator:ola"))
    for _ in range(2):  # The second time it is a redelivery, which changes nothing.
        await desk.commit(normalizer, await normalizer.prepare([record]))

    (original,) = await desk.rows()
    letter = await desk.database.read(lambda connection: deadletters.find(connection, "letter"))
    assert original.records == 2
    assert letter.state == "resolved"

"""A file that came with a mail goes out with an answer, cut out of the original by a parser of its own."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.files import AnswerFiles, answer_files
from ingest.channels.mail.channel import DECODER, EXTRACTOR
from ingest.channels.mail.decode import Decoding, decode
from normalize.gate import Gate
from normalize.sandbox import Sandbox
from normalize.settings import NormalizeSettings
from normalize.wire import Decoder
from store import originals
from store.blobs_file import FileBlobs
from store.database import open_database
from store.errors import Permanent
from store.migrate import migrate
from store.originals import Original, Originals
from store.records import Message, RawMessage, SentFile

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
CONTENT = bytes(range(256)) * 10
MAIL = b"\r\n".join(
    (
        b"From: ola@desk.example",
        b"Message-ID: <1@desk.example>",
        b"Content-Type: multipart/mixed; boundary=b",
        b"",
        b"--b",
        b"Content-Type: text/plain",
        b"",
        b"Here is the picture.",
        b"--b",
        b"Content-Type: image/png",
        b'Content-Disposition: attachment; filename="router.png"',
        b"Content-Transfer-Encoding: base64",
        b"",
        base64.encodebytes(CONTENT).replace(b"\n", b"\r\n"),
        b"--b--",
        b"",
    )
)
DECODERS = [Decoder(channel="mail", function=DECODER, extractor=EXTRACTOR, settings=Decoding(addresses=()))]
SETTINGS = NormalizeSettings()


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Originals]:
    """The mail above, as a desk keeps it."""
    database = open_database(f"sqlite:{tmp_path / 'desk.db'}")
    await migrate(database)
    blobs = FileBlobs(tmp_path / "blobs")
    key = await blobs.put(MAIL)
    row = Original(
        raw="raw",
        channel="mail",
        content_type="message/rfc822",
        blob=key,
        partition=0,
        offset=0,
        records=1,
        received_at=NOW,
    )
    await database.write(lambda connection: originals.note(connection, [row]))
    yield Originals(database, None, blobs)
    await database.close()


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    """The gate of a desk without a scanner."""
    database = open_database(f"sqlite:{tmp_path / 'desk.db'}")
    yield Gate(None, database, now=lambda: NOW)
    await database.close()


def attached() -> SentFile:
    raw = RawMessage(id="raw", channel="mail", received_at=NOW, content_type="message/rfc822", payload=MAIL)
    (message,) = decode(raw, Decoding(addresses=()))
    assert isinstance(message, Message)
    (file,) = message.attachments
    assert file.digest == hashlib.sha256(CONTENT).hexdigest()
    return SentFile(raw="raw", file=file)


async def test_a_parser_starts_with_the_first_file_and_ends_with_the_notifier(kept: Originals, gate: Gate) -> None:
    own = Sandbox(DECODERS, SETTINGS)
    files = AnswerFiles(None, own, kept, gate, most=10_000)
    assert own.pids == frozenset()

    found = await asyncio.gather(files.read(attached()), files.read(attached()))

    assert found == [CONTENT, CONTENT]
    await files.close()
    assert own.pids == frozenset()


async def test_a_parser_that_runs_already_is_shared_and_left_alone(kept: Originals, gate: Gate) -> None:
    async with Sandbox(DECODERS, SETTINGS) as shared:
        running = shared.pids
        files = answer_files(shared, DECODERS, SETTINGS, kept, gate, most=10_000)

        assert await files.read(attached()) == CONTENT

        await files.close()
        assert shared.pids == running


async def test_a_file_whose_original_is_gone_says_so(kept: Originals, gate: Gate) -> None:
    files = answer_files(None, DECODERS, SETTINGS, kept, gate, most=10_000)

    with pytest.raises(Permanent, match="no message was accepted"):
        await files.read(SentFile(raw="other", file=attached().file))
    await files.close()

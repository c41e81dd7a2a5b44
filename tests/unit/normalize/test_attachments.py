"""Files cut out of originals, which are as hostile as when they came."""

import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from normalize.attachments import Attachments
from normalize.gate import Gate
from normalize.sandbox import Sandbox
from store import originals
from store.blobs_file import FileBlobs
from store.database import Database, open_database
from store.errors import Permanent, Temporary
from store.originals import Original, Originals
from store.records import WHOLE_ORIGINAL, Attachment, RawMessage, SentFile
from store.schema import metadata

MakeRaw = Callable[..., RawMessage]

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW = datetime(2026, 3, 2, 9, 31, tzinfo=UTC)
MOST = 1_000


async def test_a_file_is_cut_out_by_its_part_and_member(sandbox: Sandbox) -> None:
    assert await sandbox.extract("decode", b"zero|one|two", 2, 7, most=MOST) == b"two#7"


async def test_a_large_payload_and_a_large_file_pass_whole(sandbox: Sandbox) -> None:
    large = bytes(range(125)) * 80_000  # 10 MB, and no "|" in it but the last.
    large = large.replace(b"|", b".")

    assert await sandbox.extract("decode", b"first|" + large, 1, 0, most=len(large) + 2) == large + b"#0"


@pytest.mark.parametrize(
    ("payload", "part", "reason"),
    [
        (b"zero", 3, "no file in part 3.0"),
        (b"spin", 0, "computing time"),
        (b"hog", 0, "memory"),
        (b"exit 3", 0, "ended with status 3"),
        (b"raise secret", 0, "ValueError at hostile:"),
        (b"x" * 5_000, 0, "5002 bytes, and 1000 is the most"),
    ],
)
async def test_a_file_that_cannot_be_had_fails_alone(sandbox: Sandbox, payload: bytes, part: int, reason: str) -> None:
    with pytest.raises(Permanent, match=reason) as failed:
        await sandbox.extract("decode", payload, part, 0, most=MOST)

    assert "secret" not in str(failed.value)
    assert await sandbox.extract("decode", b"next", 0, 0, most=MOST) == b"next#0"


async def test_a_channel_without_files_says_so(sandbox: Sandbox) -> None:
    with pytest.raises(Permanent, match="'both' hold no files"):
        await sandbox.extract("both", b"x", 0, 0, most=MOST)


async def test_files_and_messages_are_read_by_the_same_children(sandbox: Sandbox, make_raw: MakeRaw) -> None:
    await sandbox.decode([make_raw("before")])
    living = sandbox.pids

    await sandbox.extract("decode", b"file", 0, 0, most=MOST)
    await sandbox.decode([make_raw("after")])

    assert sandbox.pids == living


async def test_waiting_for_a_child_has_an_end(open_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = open_sandbox(wait="0.1s")  # Never started.

    with pytest.raises(Temporary, match="no parser process was free"):
        await sandbox.extract("decode", b"x", 0, 0, most=MOST)


# ── from the original ────────────────────────────────────────────────────────────────────────────────────────────


@pytest_asyncio.fixture(loop_scope="module")
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = open_database(f"sqlite:{tmp_path / 'desk.db'}")
    await opened.write(metadata.create_all)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def attachments(tmp_path: Path, database: Database, sandbox: Sandbox) -> Attachments:
    """Of a desk that has one message, `r1`: "hello|file"."""
    blobs = FileBlobs(tmp_path / "blobs")
    row = Original(
        raw="r1",
        channel="decode",
        content_type="message/rfc822",
        blob=await blobs.put(b"hello|file"),
        partition=0,
        offset=0,
        records=1,
        received_at=NOW,
    )
    await database.write(lambda connection: originals.note(connection, [row]))
    return Attachments(sandbox, Originals(database, None, blobs), Gate(None, database, now=lambda: NOW), most=MOST)


def sent(content: bytes, *, raw: str = "r1", part: int = 1, size: int = 6) -> SentFile:
    digest = hashlib.sha256(content).hexdigest()
    return SentFile(
        raw=raw, file=Attachment(name="a.txt", content_type="text/plain", size=size, digest=digest, part=part)
    )


async def test_a_file_of_a_message_is_read_from_its_original(attachments: Attachments) -> None:
    assert await attachments.read(sent(b"file#0")) == b"file#0"


async def test_the_original_itself_is_a_file(attachments: Attachments) -> None:
    assert await attachments.read(sent(b"hello|file", part=WHOLE_ORIGINAL, size=0)) == b"hello|file"


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (sent(b"hello", part=WHOLE_ORIGINAL), "another one stands in its place"),
        (sent(b"file#0", raw="r2"), "no message was accepted under the id 'r2'"),
        (sent(b"file#0", part=9), "no file in part 9.0"),
        (sent(b"another"), "another one stands in its place"),
        (sent(b"file#0", size=MOST + 1), "1000 is the most that is sent on"),
    ],
)
async def test_a_file_that_is_gone_is_said_in_words(attachments: Attachments, file: SentFile, reason: str) -> None:
    with pytest.raises(Permanent, match=reason):
        await attachments.read(file)

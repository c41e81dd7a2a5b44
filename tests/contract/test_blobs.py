"""What every store of blobs promises; a folder, and S3 as moto serves it on loopback."""

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from store.blobs import Blobs
from store.blobs_url import open_blobs
from store.canary import check_canary, write_canary
from store.database import Database, open_database
from store.errors import Permanent, Temporary
from store.schema import metadata


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The endpoint of an S3 that forgets everything."""
    server = pytest.importorskip("moto.server", reason="needs moto: pip install 'moto[s3,server]'")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def s3_url(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a new bucket's folder."""
    pytest.importorskip("obstore", reason="needs the extra s3: pip install 'deskwire[s3]'")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    bucket = hashlib.sha256(str(tmp_path).encode()).hexdigest()[:40]
    with urllib.request.urlopen(urllib.request.Request(f"{s3}/{bucket}", method="PUT")):
        return f"s3://{bucket}/desk/blobs?endpoint={s3}&region=us-east-1"


@pytest.fixture(params=["file", "s3"])
def blobs_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return f"file:{tmp_path / 'blobs'}"
    url: str = request.getfixturevalue("s3_url")
    return url


@pytest.fixture
async def blobs(blobs_url: str) -> AsyncIterator[Blobs]:
    opened = open_blobs(blobs_url)
    yield opened
    await opened.close()


@pytest.mark.parametrize("content", [b"", b"a mail", bytes(range(256)) * 40_000], ids=["empty", "small", "10 MB"])
async def test_what_is_put_is_got_by_its_hash(blobs: Blobs, content: bytes) -> None:
    key = await blobs.put(content)

    assert key == hashlib.sha256(content).hexdigest()
    assert await blobs.get(key) == content


async def test_putting_the_same_content_again_changes_nothing(blobs: Blobs) -> None:
    first = await blobs.put(b"a mail")
    second = await blobs.put(b"a mail")

    assert first == second
    assert await blobs.get(first) == b"a mail"


async def test_another_process_finds_what_was_put(blobs: Blobs, blobs_url: str) -> None:
    key = await blobs.put(b"a mail")

    other = open_blobs(blobs_url)

    assert await other.get(key) == b"a mail"
    await other.close()


async def test_a_blob_that_is_not_there_is_gone_for_good(blobs: Blobs) -> None:
    with pytest.raises(Permanent, match="there is no blob"):
        await blobs.get(hashlib.sha256(b"never put").hexdigest())


async def written(blobs: Blobs, *pieces: bytes) -> str:
    writer = await blobs.begin()
    for piece in pieces:
        await writer.write(piece)
    return await writer.finish()


@pytest.mark.parametrize("pieces", [(), (b"",), (b"a ", b"mail"), (bytes(range(256)) * 4_000,) * 12], ids=len)
async def test_what_is_written_in_pieces_is_got_by_the_hash_of_the_whole(
    blobs: Blobs, pieces: tuple[bytes, ...]
) -> None:
    key = await written(blobs, *pieces)

    assert key == hashlib.sha256(b"".join(pieces)).hexdigest()
    assert await blobs.get(key) == b"".join(pieces)


async def test_two_writers_of_one_content_end_in_one_blob(blobs: Blobs) -> None:
    keys = await asyncio.gather(*(written(blobs, b"a mail ", b"to two" * number) for number in (9, 9, 9, 4)))

    assert len(set(keys)) == 2
    assert await blobs.get(keys[0]) == b"a mail " + b"to two" * 9
    assert await blobs.put(b"a mail " + b"to two" * 9) == keys[0]


async def test_an_abandoned_blob_is_nobodys(blobs: Blobs) -> None:
    writer = await blobs.begin()
    await writer.write(b"a mail")
    await writer.abandon()
    await writer.abandon()

    with pytest.raises(Permanent, match="there is no blob"):
        await blobs.get(hashlib.sha256(b"a mail").hexdigest())


async def test_abandoning_a_finished_blob_changes_nothing(blobs: Blobs) -> None:
    writer = await blobs.begin()
    await writer.write(b"a mail")
    key = await writer.finish()
    await writer.abandon()

    assert await blobs.get(key) == b"a mail"


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[Database]:
    opened = open_database(f"sqlite:{tmp_path / 'desk.db'}")
    await opened.write(metadata.create_all)
    yield opened
    await opened.close()


async def test_the_canary_is_found_in_the_blobs_it_was_written_to(blobs: Blobs, embedded: Database) -> None:
    await write_canary(embedded, blobs, new_id="one")

    await check_canary(embedded, blobs)
    await write_canary(embedded, blobs, new_id="two")  # A second `migrate`.
    await check_canary(embedded, blobs)


async def test_blobs_that_were_never_prepared_are_refused(blobs: Blobs, embedded: Database) -> None:
    with pytest.raises(Permanent, match="deskwire migrate"):
        await check_canary(embedded, blobs)


async def test_other_blobs_than_the_desks_are_refused(blobs: Blobs, embedded: Database, tmp_path: Path) -> None:
    await write_canary(embedded, blobs, new_id="one")
    others = open_blobs(f"file:{tmp_path / 'elsewhere'}")

    with pytest.raises(Permanent, match="not those of this desk"):
        await check_canary(embedded, others)
    with pytest.raises(Permanent, match="not those of this desk"):
        await write_canary(embedded, others, new_id="two")


# ── what only a folder can show ──────────────────────────────────────────────────────────────────────────────────


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def only_file(folder: Path) -> Path:
    (path,) = files(folder)
    return path


async def test_a_file_stands_under_its_hash(tmp_path: Path) -> None:
    blobs = open_blobs(f"file:{tmp_path}")

    key = await blobs.put(b"a mail")

    assert only_file(tmp_path) == tmp_path / key[:2] / key[2:4] / key


async def test_a_damaged_file_is_not_handed_out_and_healed_by_the_next_put(tmp_path: Path) -> None:
    blobs = open_blobs(f"file:{tmp_path}")
    key = await blobs.put(b"a mail")
    only_file(tmp_path).write_bytes(b"a mai")

    with pytest.raises(Permanent, match="damaged"):
        await blobs.get(key)

    await blobs.put(b"a mail")
    assert await blobs.get(key) == b"a mail"


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
async def test_a_key_that_is_no_hash_reaches_no_file(tmp_path: Path, key: str) -> None:
    with pytest.raises(Permanent, match="64 hexadecimal digits"):
        await open_blobs(f"file:{tmp_path}").get(key)


async def test_an_abandoned_blob_leaves_no_file(tmp_path: Path) -> None:
    writer = await open_blobs(f"file:{tmp_path}").begin()
    await writer.write(b"a mail")
    assert only_file(tmp_path).suffix == ".part"

    await writer.abandon()

    assert files(tmp_path) == []


async def test_a_damaged_file_is_healed_by_a_writer(tmp_path: Path) -> None:
    blobs = open_blobs(f"file:{tmp_path}")
    await blobs.put(b"a mail")
    only_file(tmp_path).write_bytes(b"a mai")

    assert await blobs.get(await written(blobs, b"a ", b"mail")) == b"a mail"


def test_a_full_disk_is_temporary_and_leaves_nothing() -> None:
    """A process of its own, whose files may not grow over a limit: a write fails as on a full disk."""
    program = """
import asyncio, resource, signal, sys, tempfile
from pathlib import Path
from store.blobs_url import open_blobs
from store.errors import Temporary

async def main(folder):
    writer = await open_blobs(f"file:{folder}").begin()
    try:
        for _ in range(20):
            await writer.write(b"x" * 10_000)
    except Temporary as error:
        await writer.abandon()
        print(error, list(Path(folder).iterdir()))

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
with tempfile.TemporaryDirectory() as folder:
    asyncio.run(main(folder))
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert "check its space" in said.stdout
    assert said.stdout.rstrip().endswith("[]")


async def test_a_folder_that_cannot_be_written_is_temporary(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file where the folder should be")

    with pytest.raises(Temporary, match="cannot be kept"):
        await open_blobs(f"file:{tmp_path / 'blobs'}").begin()

    with pytest.raises(Temporary, match="cannot be kept"):
        await open_blobs(f"file:{tmp_path / 'blobs'}").put(b"a mail")


WRITER = """
import asyncio, sys
from store.blobs_url import open_blobs

async def main():
    blobs = open_blobs(sys.argv[1])
    for number in range(100_000):
        print(await blobs.put(b"%d" % number * 20_000), flush=True)

asyncio.run(main())
"""


def killed_after(acknowledged: int, url: str) -> list[str]:
    """The keys that a writer had acknowledged when it was killed at its work."""
    with subprocess.Popen([sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        keys = [writer.stdout.readline().strip() for _ in range(acknowledged)]
        writer.send_signal(signal.SIGKILL)
    return keys


async def test_a_killed_writer_leaves_whole_blobs_and_no_unfinished_one_under_a_hash(tmp_path: Path) -> None:
    url = f"file:{tmp_path / 'blobs'}"
    for acknowledged in (1, 7, 20):
        keys = await asyncio.to_thread(killed_after, acknowledged, url)

        blobs = open_blobs(url)
        for key in keys:
            await blobs.get(key)
        for path in (tmp_path / "blobs").rglob("*"):
            if path.is_file() and path.suffix != ".part":
                await blobs.get(path.name)


async def test_what_a_crash_left_unfinished_is_cleared_away_a_day_later(tmp_path: Path) -> None:
    old, fresh = tmp_path / "old.part", tmp_path / "fresh.part"
    for path in (old, fresh):
        path.write_bytes(b"half a ma")
    two_days_ago = old.stat().st_mtime - 2 * 24 * 3600

    os.utime(old, (two_days_ago, two_days_ago))

    await open_blobs(f"file:{tmp_path}").put(b"a mail")

    assert not old.exists()
    assert fresh.exists()


async def test_an_unfinished_file_that_vanishes_while_it_is_looked_at_troubles_nobody(tmp_path: Path) -> None:
    (tmp_path / "finished.part").symlink_to(tmp_path / "renamed meanwhile")

    key = await open_blobs(f"file:{tmp_path}").put(b"content")

    assert key == hashlib.sha256(b"content").hexdigest()


# ── what only S3 can show ────────────────────────────────────────────────────────────────────────────────────────


async def test_an_object_with_other_content_than_its_name_says_is_not_handed_out(s3_url: str) -> None:
    blobs = open_blobs(s3_url)
    key = await blobs.put(b"a mail")
    obstore = pytest.importorskip("obstore.store")
    parts, options = urlsplit(s3_url), dict(parse_qsl(urlsplit(s3_url).query))
    bucket = obstore.S3Store(parts.netloc, prefix=parts.path.strip("/"), client_options={"allow_http": True}, **options)
    bucket.put(key, b"a mai")

    with pytest.raises(Permanent, match="damaged"):
        await blobs.get(key)


async def test_a_store_that_does_not_answer_is_temporary(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("obstore", reason="needs the extra s3: pip install 'deskwire[s3]'")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    blobs = open_blobs("s3://desk?endpoint=http://127.0.0.1:9&region=us-east-1")

    with pytest.raises(Temporary, match="cannot be kept"):
        await blobs.put(b"a mail")
    with pytest.raises(Temporary, match="cannot be read"):
        await blobs.get("0" * 64)


@pytest.mark.parametrize("url", ["s3://desk?secret_access_key=hunter2", "s3://AKIA:hunter2@desk", "s3://AKIA:hunter2@"])
def test_a_secret_in_the_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(Permanent, match="AWS_ACCESS_KEY_ID") as refused:
        open_blobs(url)

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("url", ["s3://desk", "s3://desk/prefix", "s3://desk?region=eu-west-1"])
async def test_a_bucket_alone_is_an_address(url: str) -> None:
    pytest.importorskip("obstore", reason="needs the extra s3: pip install 'deskwire[s3]'")

    await open_blobs(url).close()


@pytest.mark.parametrize("url", ["", "file:", "/var/lib/blobs", "s3:desk", "s3://", "s3://desk?endpont=x", "ftp://x"])
def test_another_url_is_refused_with_words(url: str) -> None:
    with pytest.raises(Permanent, match="bucket"):
        open_blobs(url)


def test_a_missing_extra_is_named() -> None:
    """In a process of its own, in which obstore cannot be imported."""
    program = """
import sys
sys.modules["obstore"] = sys.modules["obstore.store"] = None
from store.blobs_url import open_blobs
from store.errors import Permanent
try:
    open_blobs("s3://desk")
except Permanent as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert "deskwire[s3]" in said.stdout

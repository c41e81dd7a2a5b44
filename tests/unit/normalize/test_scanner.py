"""A scanner's verdict, and what a scanner that is down, slow or lying does: a file waits and is never let through."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import ValidationError

from normalize.scanner import Clamd, ScannerSettings, Verdict
from store.errors import Temporary

# The test file that every scanner calls a virus (eicar.org), in two pieces so that this file is none.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"

Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


async def like_clamd(content: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0")


@asynccontextmanager
async def clamd(answer: Answer, path: Path) -> AsyncIterator[str]:
    """A fake clamd on a socket of its own; gives its URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            content += await reader.readexactly(size)
        await answer(content, writer)
        writer.close()

    async with await asyncio.start_unix_server(serve, path):
        yield f"clamd://{path}"


def scanner(url: str, *, largest: str = "1MiB", seconds: float = 10) -> Clamd:
    return Clamd(ScannerSettings.model_validate({"url": url, "largest": largest, "timeout": f"{seconds}s"}))


async def test_a_clean_file_is_clean_however_many_pieces_it_takes(tmp_path: Path) -> None:
    async with clamd(like_clamd, tmp_path / "clamd") as url:
        assert await scanner(url).scan(b"x" * 700_000) == Verdict("clean")
        assert await scanner(url).scan(b"") == Verdict("clean")


async def test_an_infected_file_is_known_with_the_name_of_what_was_found(tmp_path: Path) -> None:
    async with clamd(like_clamd, tmp_path / "clamd") as url:
        assert await scanner(url).scan(b"a" * 300_000 + EICAR) == Verdict("infected", "Eicar-Test-Signature")


async def test_a_file_that_is_too_large_for_either_of_the_two_stays_blocked(tmp_path: Path) -> None:
    async def refuse(content: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"INSTREAM size limit exceeded. ERROR\0")

    async with clamd(refuse, tmp_path / "clamd") as url:
        assert (await scanner(url).scan(b"small")).state == "error"
        assert "2000 bytes" in (await scanner(url, largest="1KiB").scan(b"x" * 2000)).detail


async def test_a_scanner_that_is_down_gives_no_verdict(tmp_path: Path) -> None:
    with pytest.raises(Temporary, match="start clamd"):
        await scanner(f"clamd://{tmp_path}/nobody").scan(b"content")


async def test_a_scanner_that_is_slow_gives_no_verdict(tmp_path: Path) -> None:
    given_up = asyncio.Event()
    gone = asyncio.Event()

    async def sleep(content: bytes, writer: asyncio.StreamWriter) -> None:
        await given_up.wait()
        gone.set()

    async with clamd(sleep, tmp_path / "clamd") as url:
        with pytest.raises(Temporary, match=r"no answer in 0\.1 s"):
            await scanner(url, seconds=0.1).scan(b"content")
        given_up.set()
        await gone.wait()


@pytest.mark.parametrize(
    "said", [b"stream: OK, surely\0", b"OK\0", b"", b"\0", b"x" * 10_000, b"stream: not OK FOUND it\0"]
)
async def test_a_scanner_that_says_anything_else_gives_no_verdict(tmp_path: Path, said: bytes) -> None:
    async def lie(content: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(said)

    async with clamd(lie, tmp_path / "clamd") as url:
        with pytest.raises(Temporary):
            await scanner(url).scan(b"content")


@pytest.mark.parametrize("url", ["clamd://127.0.0.1", "tcp://127.0.0.1:3310", "clamd://", "clamd://host:port", ""])
def test_a_place_that_is_none_is_refused_with_one_that_is(url: str) -> None:
    with pytest.raises(ValidationError, match=r"clamd://127\.0\.0\.1:3310"):
        ScannerSettings(url=url)

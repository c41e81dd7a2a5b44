"""Asks clamd about a file before its bytes leave the desk (clamd(8), INSTREAM)."""

import asyncio
import re
from datetime import timedelta
from typing import NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, Field, field_validator

from store.durations import Duration
from store.errors import Temporary
from store.sizes import Size

_PIECE = 256 * 1024  # Bytes of a file that are sent at once.
_LONGEST_ANSWER = 4096  # Bytes; clamd answers a scan with one short line.
_FOUND = re.compile(r"stream: (.{1,200}) FOUND")
_PLACE = re.compile(r"clamd://(?:(?P<host>[^/:]+|\[[0-9a-fA-F:]+\]):(?P<port>[0-9]{1,5})|(?P<path>/\S+))")


class ScannerSettings(BaseModel):
    """The section `scanner:` of the settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(description="Where clamd listens: clamd://HOST:PORT, or clamd:///run/clamav/clamd.ctl.")
    timeout: Duration = Field(default=timedelta(seconds=30), description="How long it may take over one file.")
    largest: Size = Field(
        default=25 * 1024 * 1024,
        ge=1024,
        description="Files above this are not scanned and stay blocked; clamd's StreamMaxLength has to be as large.",
    )

    @field_validator("url")
    @classmethod
    def _is_a_place(cls, url: str) -> str:
        if not _PLACE.fullmatch(url):
            raise ValueError(
                f'"{url}" is no place of clamd: write clamd://127.0.0.1:3310 or clamd:///path/of/its/socket'
            )
        return url


class Verdict(NamedTuple):
    """What a scanner says of a file."""

    state: str  # "clean", "infected", or "error": it cannot be scanned, and never will be.
    detail: str = ""  # The name of what was found, or why it cannot be scanned.


class Scanner(Protocol):
    """Says whether a file may leave the desk."""

    async def scan(self, content: bytes) -> Verdict:
        """The verdict. Raises Temporary where the scanner gives none now: the file waits, and is not let through."""


class Clamd:
    """A clamd beside the desk; a connection for each file."""

    def __init__(self, settings: ScannerSettings) -> None:
        """Does no I/O."""
        self._settings = settings

    async def scan(self, content: bytes) -> Verdict:
        """As `Scanner.scan`. An answer that is not one of clamd's is no verdict either."""
        if len(content) > self._settings.largest:
            return Verdict("error", f"it has {len(content)} bytes, and {self._settings.largest} are scanned at most")
        try:
            async with asyncio.timeout(self._settings.timeout.total_seconds()):
                return _verdict(await self._ask(content))
        except TimeoutError:
            waited = self._settings.timeout.total_seconds()
            raise Temporary(
                f"the scanner {self._settings.url} gave no answer in {waited:g} s: see whether it is well"
            ) from None
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise Temporary(
                f"the scanner {self._settings.url} could not be asked ({type(error).__name__}: {error}): start clamd, "
                "or correct `scanner`"
            ) from error

    async def _ask(self, content: bytes) -> str:
        reader, writer = await self._connect()
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(content), _PIECE):
                piece = content[start : start + _PIECE]
                writer.write(len(piece).to_bytes(4, "big") + piece)
                await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            return (await reader.readuntil(b"\0")).rstrip(b"\0").decode("utf-8", "replace")
        finally:
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        place = _PLACE.fullmatch(self._settings.url)
        path = place["path"] if place else None
        if path:
            return await asyncio.open_unix_connection(path, limit=_LONGEST_ANSWER)
        host, port = (place["host"].strip("[]"), int(place["port"])) if place else ("", 0)
        return await asyncio.open_connection(host, port, limit=_LONGEST_ANSWER)


def _verdict(answer: str) -> Verdict:
    """What clamd's line means; raises Temporary for one that is none."""
    if answer == "stream: OK":
        return Verdict("clean")
    if found := _FOUND.fullmatch(answer):
        return Verdict("infected", found[1])
    if answer.startswith("INSTREAM size limit exceeded"):
        return Verdict("error", "it is larger than clamd's StreamMaxLength: raise that")
    raise Temporary(f"the scanner answered {answer[:100]!r}, which is no verdict: see its log")

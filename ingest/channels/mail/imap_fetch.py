"""Fetches one mail part by part: a large one goes to the disk as it comes, so that memory does not grow with it."""

from functools import partial
from typing import NamedTuple

from ingest.channels.mail.imap_line import Line
from ingest.channels.mail.imap_settle import InThread
from ingest.intake import Intake
from store.blobs import BlobWriter, KeptBlob
from store.topics import MAX_RECORD


class Fetched(NamedTuple):
    """A mail, or its header."""

    content: bytes | KeptBlob  # Large ones are in the blobs already.
    beginning: bytes  # What holds the header.
    size: int  # Of the whole mail, as far as is known; 0: it is not.
    whole: bool


async def fetch(line: Line, in_thread: InThread, intake: Intake, uid: int, *, most: int) -> Fetched | None:
    """A mail; only its header where it has more than `most` bytes. None where it is gone.

    Raises Unreadable where the server lists it and has none of it, Temporary where the connection or the disk is in
    trouble.
    """
    body = _Body(intake)
    try:
        while not body.is_whole:
            part = await in_thread(partial(line.part, uid, body.size))
            if part is None:
                return None
            await body.add(part.content, is_last=part.is_last)
            if max(body.size, part.size) > most:
                await body.drop()
                head = await fetch_header(line, in_thread, uid)
                return head._replace(size=max(body.size, part.size)) if head else None
        return await body.finish()
    finally:
        await body.drop()


async def fetch_header(line: Line, in_thread: InThread, uid: int) -> Fetched | None:
    """A mail's header alone; otherwise as `fetch`."""
    part = await in_thread(partial(line.header, uid))
    return Fetched(part.content, part.content, part.size, whole=False) if part else None


class _Body:
    """One mail as it comes: in memory while it fits into a record, in a blob's unfinished file beyond."""

    def __init__(self, intake: Intake) -> None:
        self.size = 0
        self.is_whole = False
        self._intake = intake
        self._beginning = b""
        self._pieces: list[bytes] = []
        self._writer: BlobWriter | None = None

    async def add(self, piece: bytes, *, is_last: bool) -> None:
        self._beginning = self._beginning or piece
        self.size += len(piece)
        self.is_whole = is_last
        self._pieces.append(piece)
        if self.size > MAX_RECORD:
            self._writer = self._writer or await self._intake.begin()
            for kept in self._pieces:
                await self._writer.write(kept)
            self._pieces.clear()

    async def finish(self) -> Fetched:
        content = b"".join(self._pieces) if self._writer is None else KeptBlob(await self._writer.finish(), self.size)
        return Fetched(content, self._beginning, self.size, whole=True)

    async def drop(self) -> None:
        self._pieces.clear()
        if self._writer is not None:
            await self._writer.abandon()

"""One mail's bytes while it arrives: in memory as long as they are few, in a blob's unfinished file beyond."""

from typing import NamedTuple

from ingest.smtp.gate import Hold
from ingest.smtp.refused import Refused
from store.blobs import Blobs, BlobWriter, KeptBlob
from store.errors import Temporary
from store.topics import MAX_RECORD

MAX_HEADER = 256 * 1024  # Bytes of a header that are looked at: as many as mail's decoder reads.


class Content(NamedTuple):
    """A mail as it came over the wire: its lines end in CRLF, and there is no bare CR, bare LF or NUL in it."""

    whole: bytes | KeptBlob  # Large ones are in the blobs already.
    header: bytes  # Its beginning, up to the empty line or MAX_HEADER bytes.

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.whole) if isinstance(self.whole, bytes) else self.whole.size


class Body:
    """Fills with one mail. Ended by `finish` or `drop`; each may follow the other."""

    def __init__(self, blobs: Blobs, hold: Hold) -> None:
        """`hold` accounts for what is in memory."""
        self.header = b""  # As far as it came; see `Content.header`.
        self.size = 0
        self._blobs = blobs
        self._hold = hold
        self._pieces: list[bytes] = []  # What is in memory.
        self._header_ended = False
        self._writer: BlobWriter | None = None

    async def add(self, piece: bytes) -> None:
        """Take more of the mail. Raises Refused where memory or disk have no room for it, StorageBroken."""
        if not self._hold.grow(len(piece)):
            raise Refused("452 4.3.1 Too many mails at once, try again later")
        self.size += len(piece)
        self._pieces.append(piece)
        self._look(piece)
        if self.size > MAX_RECORD:
            try:
                await self._write_down()
            except Temporary as error:
                raise Refused("452 4.3.1 No room for the mail now, try again later") from error

    async def finish(self) -> Content:
        """The mail; a large one is durable then. Raises Temporary, StorageBroken."""
        if self._writer is None:
            return Content(b"".join(self._pieces), self.header)
        return Content(KeptBlob(await self._writer.finish(), self.size), self.header)

    async def drop(self) -> None:
        """Let go of memory and of what is not finished."""
        self._pieces.clear()
        self._hold.release()
        if self._writer is not None:
            await self._writer.abandon()

    async def _write_down(self) -> None:
        if self._writer is None:
            self._writer = await self._blobs.begin()
        pieces, self._pieces = self._pieces, []
        for piece in pieces:
            await self._writer.write(piece)
            self._hold.shrink(len(piece))

    def _look(self, piece: bytes) -> None:
        if self._header_ended:
            return
        before = max(0, len(self.header) - 3)  # The empty line may have begun in the piece before.
        self.header += piece[: MAX_HEADER - len(self.header)]
        end = self.header.find(b"\r\n\r\n", before)
        if end >= 0:
            self.header = self.header[:end]
        self._header_ended = end >= 0 or len(self.header) == MAX_HEADER

"""Large payloads, kept by the hash of their content."""

from typing import NamedTuple, Protocol


class KeptBlob(NamedTuple):
    """A payload that is in the blobs already, and durable."""

    key: str
    size: int  # Bytes.


class BlobWriter(Protocol):
    """A blob that comes piece by piece. End it with one of `finish` and `abandon`; until then it is nobody's.

    What a crash leaves of it is cleared away. Not to be used by two tasks at once.
    """

    async def write(self, piece: bytes) -> None:
        """Add a piece. Raises Temporary where it cannot be kept now; the blob is then to be abandoned."""

    async def finish(self) -> str:
        """The key of the whole; durable on return. Raises Temporary where it cannot be kept now."""

    async def abandon(self) -> None:
        """Forget it. After `finish` nothing happens, nor the second time."""


class Blobs(Protocol):
    """A store of immutable bytes; the key of a blob is the SHA-256 of its content, hexadecimal."""

    async def put(self, content: bytes) -> str:
        """Keep the content and return its key; durable on return. Raises Temporary where it cannot be kept now."""

    async def begin(self) -> BlobWriter:
        """A new blob, to be written piece by piece. Raises Temporary where none can be kept now."""

    async def get(self, key: str) -> bytes:
        """The content. Raises Permanent where there is none, or where what is there has another hash."""

    async def close(self) -> None:
        """Let go of connections."""

"""Large payloads, kept by the hash of their content."""

from typing import Protocol


class Blobs(Protocol):
    """A store of immutable bytes; the key of a blob is the SHA-256 of its content, hexadecimal."""

    async def put(self, content: bytes) -> str:
        """Keep the content and return its key; durable on return. Raises Temporary where it cannot be kept now."""

    async def get(self, key: str) -> bytes:
        """The content. Raises Permanent where there is none, or where what is there has another hash."""

    async def close(self) -> None:
        """Let go of connections."""

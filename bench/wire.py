"""One SMTP connection of the load client: no more protocol than it takes to send, and hardly any work per mail."""

import asyncio
import time


class Refused(Exception):
    """The server answered something else than was expected."""


class Wire(asyncio.Protocol):
    """A connection that sends one mail after the other."""

    def __init__(self) -> None:
        """Made by `connect`."""
        self._heard = bytearray()
        self._replies: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._transport: asyncio.WriteTransport | None = None

    @classmethod
    async def connect(cls, port: int) -> "Wire":
        """Connected and greeted. Raises OSError, Refused."""
        _, wire = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        await wire.greet()
        return wire

    async def greet(self) -> None:
        """Hear the server's greeting, and say who we are. Raises OSError, Refused."""
        await self._expect(b"220")
        await self._say(b"EHLO bench.example\r\n", b"250")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The loop's call."""
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Collect whole replies; only the last line of one has a space after its code (RFC 5321, 4.2.1)."""
        self._heard += data
        while (end := self._heard.find(b"\n")) >= 0:
            line = bytes(self._heard[:end])
            del self._heard[: end + 1]
            if line[3:4] != b"-":
                self._replies.put_nowait(line)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        """Whoever waits hears of it."""
        self._replies.put_nowait(None)

    async def send(self, sender: str, recipient: str, payload: bytes) -> float:
        """Send one mail; returns when DATA was said, once the server has said 250. Raises OSError, Refused."""
        await self._say(f"MAIL FROM:<{sender}>\r\n".encode(), b"250")
        await self._say(f"RCPT TO:<{recipient}>\r\n".encode(), b"250")
        began = time.monotonic()
        await self._say(b"DATA\r\n", b"354")
        await self._say(payload, b"250")
        return began

    def close(self) -> None:
        """Leave without a word, as a client may that has had its 250."""
        if self._transport is not None:
            self._transport.close()

    async def _say(self, words: bytes, expected: bytes) -> None:
        if self._transport is None:
            raise ConnectionError("the connection was never made")
        self._transport.write(words)
        await self._expect(expected)

    async def _expect(self, expected: bytes) -> None:
        reply = await self._replies.get()
        if reply is None:
            raise ConnectionError("the server has closed the connection")
        if not reply.startswith(expected):
            raise Refused(reply.decode("ascii", "replace"))

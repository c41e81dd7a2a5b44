"""A real listener on loopback, and a client that says exactly the bytes that a test wants."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from ingest.smtp import SmtpListener, SmtpMail, SmtpSettings

ADDRESS = "help@desk.example"


class Client:
    """A connection to the listener, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def reply(self) -> str:
        """The next reply, all of its lines; empty where the connection was closed."""
        lines: list[str] = []
        while True:
            line = (await asyncio.wait_for(self.reader.readline(), 10)).decode()
            lines.append(line.rstrip("\r\n"))
            if line[3:4] != "-":
                return "\n".join(lines)

    async def say(self, data: bytes) -> str:
        self.writer.write(data + b"\r\n")
        return await self.reply()

    async def begin(self, recipient: str = ADDRESS) -> None:
        """Up to where the mail itself comes."""
        await self.say(b"MAIL FROM:<sara@customer.example>")
        await self.say(b"RCPT TO:<" + recipient.encode() + b">")
        assert (await self.say(b"DATA")).startswith("354")

    async def mail(self, content: bytes, recipient: str = ADDRESS) -> str:
        await self.begin(recipient)
        return await self.say(content + b"\r\n.")

    async def closed(self) -> bool:
        """Whether the other side has closed the connection, or does within a moment."""
        try:
            return await asyncio.wait_for(self.reader.read(), 5) is not None
        except ConnectionError:
            return True


class Desk:
    """A listener that runs, and what it took."""

    def __init__(self, listener: SmtpListener) -> None:
        self.listener = listener
        self.taken: list[SmtpMail] = []
        self.task: asyncio.Task[None] | None = None
        self.clients: list[Client] = []

    async def accept(self, mail: SmtpMail) -> str:
        self.taken.append(mail)
        return f"id-{len(self.taken)}"

    async def connect(self, greet: bool = True) -> Client:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.listener.port, limit=2**20)
        client = Client(reader, writer)
        self.clients.append(client)
        if greet:
            assert (await client.reply()).startswith("220")
            assert (await client.say(b"EHLO client.example")).startswith("250")
        return client


Serve = Callable[..., "asynccontextmanager[AsyncIterator[Desk]]"]


@asynccontextmanager
async def _serving(
    accept: Callable[[SmtpMail], Awaitable[str]] | None = None,
    addresses: tuple[str, ...] = (ADDRESS,),
    **changes: object,
) -> AsyncIterator[Desk]:
    settings = SmtpSettings(**{"listen": "127.0.0.1:0", "refusal_delay": "0s", "drain": "2s", **changes})
    desk = Desk(SmtpListener(settings))
    desk.task = asyncio.create_task(desk.listener.serve())
    await asyncio.wait_for(desk.listener.listening.wait(), 10)
    try:
        with desk.listener.claim(desk.listener.reserve(addresses), accept or desk.accept):
            yield desk
    finally:
        desk.task.cancel()
        await asyncio.gather(desk.task, return_exceptions=True)
        for client in desk.clients:
            client.writer.close()
            await asyncio.gather(client.writer.wait_closed(), return_exceptions=True)


@pytest.fixture
def serving() -> Serve:
    """`async with serving(accept, **settings) as desk`."""
    return _serving

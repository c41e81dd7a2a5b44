"""A real listener on loopback, and a client that says exactly the bytes that a test wants."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ingest.smtp import SmtpListener, SmtpMail, SmtpSettings
from store.blobs import Blobs
from store.blobs_file import FileBlobs

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

    def __init__(self, listener: SmtpListener, blobs: Blobs) -> None:
        self.listener = listener
        self.blobs = blobs
        self.taken: list[SmtpMail] = []
        self.task: asyncio.Task[None] | None = None
        self.clients: list[Client] = []

    async def accept(self, mail: SmtpMail) -> str:
        self.taken.append(mail)
        return f"id-{len(self.taken)}"

    async def contents(self) -> list[bytes]:
        """The mails that were taken, whole."""
        wholes = [mail.content.whole for mail in self.taken]
        return [whole if isinstance(whole, bytes) else await self.blobs.get(whole.key) for whole in wholes]

    async def connect(self, greet: bool = True, host: str = "127.0.0.1") -> Client:
        """`host`: where the client is; all of 127.0.0.0/8 is this machine."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.listener.port, limit=2**20, local_addr=(host, 0)
        )
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
    *,
    blobs: Blobs | None = None,
    **changes: object,
) -> AsyncIterator[Desk]:
    hurried = {"listen": "127.0.0.1:0", "refusal_delay": "0s", "greeting_delay": "0s", "drain": "2s", **changes}
    folder = Path(tempfile.mkdtemp())
    kept = blobs or FileBlobs(folder)
    desk = Desk(SmtpListener(SmtpSettings(**hurried), kept, folders=[folder]), kept)
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
        shutil.rmtree(folder)


@pytest.fixture
def serving() -> Serve:
    """`async with serving(accept, **settings) as desk`."""
    return _serving

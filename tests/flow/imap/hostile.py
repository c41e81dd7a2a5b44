"""An IMAP server on a loopback port that does what a script tells it: as a good one, until the script interferes."""

import asyncio
import base64
import contextlib
import re
import ssl
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass
class Mail:
    uid: int
    content: bytes
    at: datetime = NOW
    flags: set[str] = field(default_factory=set)
    size: int | None = None  # What the server says of it, where that is a lie.
    hidden: bool = False  # There, and in no listing.


class Hang(Exception):
    """Raised by a script: the server falls silent, and keeps the connection open."""


class Drop(Exception):
    """Raised by a script: the connection breaks."""


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.news = asyncio.Event()

    async def say(self, *parts: bytes | str) -> None:
        for part in parts:
            self.writer.write(part.encode() if isinstance(part, str) else part)
        self.writer.write(b"\r\n")
        await self.writer.drain()


# Given the client, the tag and the whole line of a command; returns whether it has answered it.
Script = Callable[[Client, str, str], "asyncio.Future[bool] | object"]


class Hostile:
    """A mailbox, the commands that came, and the script."""

    def __init__(self, *contents: bytes, capabilities: str = "IDLE UIDPLUS MOVE AUTH=XOAUTH2") -> None:
        self.mails = [Mail(number, content) for number, content in enumerate(contents, 1)]
        self.folders: dict[str, list[bytes]] = {}
        self.validity = 7
        self.capabilities = capabilities
        self.commands: list[str] = []
        self.scripts: list[Script] = []  # The first one that answers a command is done with.
        self.always: Script | None = None
        self.clients: list[Client] = []
        self.passwords = {"secret"}
        self.tls: ssl.SSLContext | None = None  # For STARTTLS.
        self.injected = ""  # What a man in the middle adds before encryption.
        self.port = 0

    @contextlib.asynccontextmanager
    async def serving(self, tls: ssl.SSLContext | None = None) -> AsyncIterator["Hostile"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**20, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for client in self.clients:
                client.writer.transport.abort()
            await asyncio.sleep(0.05)

    def deliver(self, content: bytes, **more: object) -> None:
        """New mail, of which idle clients are told."""
        self.mails.append(Mail(self.mails[-1].uid + 1 if self.mails else 1, content, **more))
        for client in self.clients:
            client.news.set()

    def count(self, word: str) -> int:
        return sum(word in command for command in self.commands)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(reader, writer)
        self.clients.append(client)
        try:
            await client.say("* OK here")
            while line := (await reader.readline()).decode("latin-1").rstrip("\r\n"):
                tag, _, command = line.partition(" ")
                self.commands.append(command)
                if not await self._scripted(client, tag, command):
                    await self._obey(client, tag, command)
        except Hang:
            await asyncio.sleep(3600)
        except (Drop, ConnectionError):
            pass
        finally:
            self.clients.remove(client)
            writer.transport.abort()

    async def _scripted(self, client: Client, tag: str, command: str) -> bool:
        if self.always is not None and await self.always(client, tag, command):
            return True
        if not self.scripts:
            return False
        try:
            answered = await self.scripts[0](client, tag, command)
        except (Hang, Drop):
            self.scripts.pop(0)
            raise
        if answered:
            self.scripts.pop(0)
        return bool(answered)

    async def _obey(self, client: Client, tag: str, command: str) -> None:
        words = command.split(" ")
        if words[0] == "STARTTLS" and self.tls is not None:
            client.writer.write(f"{tag} OK begin\r\n{self.injected}".encode())
            await client.writer.start_tls(self.tls)
            return
        name = "_".join(words[:2] if words[0] == "UID" else words[:1]).lower()
        handler = getattr(self, f"do_{name}", None)
        if handler is None:
            await client.say(tag, " BAD what is ", words[0])
            return
        said = await handler(client, command)
        await client.say(tag, " ", said or "OK done")

    async def do_capability(self, client: Client, command: str) -> None:
        await client.say("* CAPABILITY IMAP4rev1 ", self.capabilities)

    async def do_login(self, client: Client, command: str) -> str:
        return "OK in" if command.split('"')[-2] in self.passwords else "NO [AUTHENTICATIONFAILED] no"

    async def do_authenticate(self, client: Client, command: str) -> str:
        await client.say("+ ")
        said = base64.b64decode(await client.reader.readline()).decode()
        if (match := re.search("Bearer ([^\x01]*)\x01", said)) and match[1] in self.passwords:
            return "OK in"
        await client.say("+ ", base64.b64encode(b'{"status":"401"}'))
        assert await client.reader.readline() == b"\r\n"
        return "NO [AUTHENTICATIONFAILED] no"

    async def do_select(self, client: Client, command: str) -> str:
        await client.say(f"* {len(self.mails)} EXISTS")
        await client.say(f"* OK [UIDVALIDITY {self.validity}] fine")
        await client.say("* OK [UIDNEXT 1] a lie")
        return "OK [READ-WRITE] open"

    do_examine = do_select

    async def do_noop(self, client: Client, command: str) -> None:
        await client.say(f"* {len(self.mails)} EXISTS")

    async def do_create(self, client: Client, command: str) -> None:
        self.folders[command.split('"')[1]] = []

    async def do_logout(self, client: Client, command: str) -> None:
        await client.say("* BYE")

    async def do_fetch(self, client: Client, command: str) -> None:
        first, last = map(int, command.split(" ")[1].split(":"))
        await self.fetched(client, list(range(first, last + 1)), command)

    async def do_uid_fetch(self, client: Client, command: str) -> None:
        wanted = command.split(" ")[2]
        first = int(wanted.split(":")[0])
        place = bisect_left(self.mails, first, key=lambda mail: mail.uid) + 1
        if ":*" in wanted:
            places = list(range(min(place, len(self.mails)), len(self.mails) + 1)) if self.mails else []
        else:
            places = [place] if place <= len(self.mails) and self.mails[place - 1].uid == first else []
        await self.fetched(client, places, command)

    async def fetched(self, client: Client, places: list[int], command: str) -> None:
        for place in places:
            mail = self.mails[place - 1]
            if part := re.search(r"BODY\.PEEK\[(HEADER)?\]<(\d+)\.(\d+)>", command):
                content = mail.content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if part[1] else mail.content
                data = content[int(part[2]) :][: int(part[3])]
                size = len(mail.content) if mail.size is None else mail.size
                head = f"* {place} FETCH (UID {mail.uid} RFC822.SIZE {size} BODY[{part[1] or ''}]<{part[2]}> "
                await client.say(head, f"{{{len(data)}}}\r\n", data, ")")
            elif not mail.hidden:
                await client.say(f'* {place} FETCH (UID {mail.uid} INTERNALDATE "{dated(mail.at)}")')

    async def do_idle(self, client: Client, command: str) -> None:
        client.news.clear()
        await client.say("+ idling")
        done = asyncio.ensure_future(client.reader.readline())
        while not done.done():
            news = asyncio.ensure_future(client.news.wait())
            await asyncio.wait((done, news), return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
            if client.news.is_set() and not done.done():
                client.news.clear()
                await client.say(f"* {len(self.mails)} EXISTS")
        if (await done) != b"DONE\r\n":
            raise Drop

    def named(self, command: str) -> list[Mail]:
        uids = {int(uid) for uid in command.split(" ")[2].split(",")}
        return [mail for mail in self.mails if mail.uid in uids]

    async def do_uid_store(self, client: Client, command: str) -> None:
        for mail in self.named(command):
            mail.flags.add(command.split("(")[1].rstrip(")"))

    async def do_uid_copy(self, client: Client, command: str) -> str:
        folder = command.split('"')[1]
        if folder not in self.folders:
            return "NO [TRYCREATE] no such folder"
        self.folders[folder] += [mail.content for mail in self.named(command)]
        return "OK copied"

    async def do_uid_expunge(self, client: Client, command: str) -> None:
        gone = [mail for mail in self.named(command) if "\\Deleted" in mail.flags]
        self.mails = [mail for mail in self.mails if mail not in gone]

    async def do_uid_move(self, client: Client, command: str) -> str:
        said = await self.do_uid_copy(client, command)
        if said.startswith("OK"):
            moved = self.named(command)
            self.mails = [mail for mail in self.mails if mail not in moved]
        return said


def dated(at: datetime) -> str:
    return f"{at.day:2d}-{MONTHS[at.month - 1]}-{at.year} {at:%H:%M:%S} +0000"

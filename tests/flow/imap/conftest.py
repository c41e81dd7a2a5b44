"""A mailbox that is read by IMAP, with all that stands around it."""

import asyncio
import contextlib
import itertools
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient

from ingest.channel import Parts, Site
from ingest.channels.mail.channel import MailChannel, Settings, open_channel
from ingest.channels.mail.decode import decode
from ingest.channels.mail.imap_account import Account
from ingest.channels.mail.imap_settings import ImapSettings
from ingest.intake import Intake
from store.blobs_file import FileBlobs
from store.bus import Entry
from store.bus_settings import BusSettings
from store.bus_sqlite import SqliteBus
from store.codec import decode as decode_record
from store.database import open_database
from store.records import RawMessage
from store.schema import metadata
from store.secrets import FromEnvironment
from store.topics import RAW
from tests.flow.imap.hostile import NOW

QUICK = {"poll": "1s", "read_timeout": "1s", "connect_timeout": "2s", "tls": "none"}


class WatchedBus(SqliteBus):
    """The embedded bus, with a moment before and after each publish in which a test can break things."""

    before: Callable[[], None] = staticmethod(lambda: None)
    after: Callable[[], None] = staticmethod(lambda: None)

    async def publish(self, topic: str, entries: Sequence[Entry]) -> None:
        self.before()
        await super().publish(topic, entries)
        self.after()


class Desk:
    """Stores that outlive the channels which are opened on them, as they outlive processes."""

    def __init__(self, folder: Path) -> None:
        self.bus = WatchedBus(folder / "log.db", BusSettings())
        self.database = open_database(f"sqlite:{folder / 'desk.db'}")
        self.max_payload = 30_000_000
        self.pauses: list[float] = []
        self.blobs = FileBlobs(folder / "blobs")
        self._numbers, self._readers = itertools.count(1), itertools.count(1)

    @property
    def intake(self) -> Intake:
        return Intake(
            self.bus,
            self.blobs,
            max_payload=self.max_payload,
            now=lambda: NOW,
            new_id=lambda: f"raw-{next(self._numbers)}",
        )

    def open(
        self, server: str, *, name: str = "mail-it", send: dict[str, object] | None = None, **receive: object
    ) -> MailChannel:
        reading = {"imap": server, "password": FromEnvironment("secret"), **QUICK, "poll": "1m", **receive}
        entry = {"address": f"{name}@desk.example", "receive": reading, "send": send}
        site = Site(name="Nordwind", url="", languages=("en",), time_zone="UTC")
        parts = Parts(site=site, key=b"k" * 32, database=self.database, smtp=None)
        return open_channel(name, Settings.model_validate(entry), parts)

    def account(self, server: str, *, name: str = "mail-it", now: datetime = NOW, **receive: object) -> Account:
        """The account alone, with a clock of the test's own and pauses that are noted and not waited for."""
        settings = {"imap": server, "password": FromEnvironment("secret"), **QUICK, **receive}

        async def pause(seconds: float) -> None:
            self.pauses.append(seconds)
            await asyncio.sleep(0.02)

        return Account(
            name,
            f"{name}@desk.example",
            ImapSettings.model_validate(settings),
            self.database,
            now=lambda: now,
            pause=pause,
        )

    @contextlib.asynccontextmanager
    async def reading(self, *readers: MailChannel | Account) -> AsyncIterator[None]:
        """Read for a while; a cancelled reader is what a killed process leaves behind."""
        runs = [one.run(self.intake) if isinstance(one, Account) else one.receive(self.intake) for one in readers]
        tasks = [asyncio.create_task(run) for run in runs]
        try:
            yield
        finally:
            ended = [task.exception() for task in tasks if task.done()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert ended == []

    async def accepted(self) -> list[RawMessage]:
        """What stands on `raw`, in the order in which it was accepted."""
        consumer = await self.bus.consumer(f"test-{next(self._readers)}", [RAW])
        for partition in consumer.assignment():
            await consumer.seek(partition, None)
        found = [decode_record(stored.value, RawMessage) for stored in await consumer.fetch(5000, 0.05)]
        return sorted(found, key=lambda raw: int(raw.id.removeprefix("raw-")))

    async def bodies(self) -> list[str]:
        return [raw.payload.partition(b"\r\n\r\n")[2].decode().strip() for raw in await self.accepted()]

    async def messages(self) -> list[str]:
        """The text of each mail, once for each fingerprint: what the router makes of `raw`."""
        decoding = self.open("127.0.0.1").decoding
        records = [decode(raw, decoding)[0] for raw in await self.accepted()]
        return sorted({record.fingerprint: record.text for record in records}.values())

    async def until(self, number: int, *, within: float = 15.0) -> None:
        """Wait until so many mails are on `raw`."""
        async with asyncio.timeout(within):
            while len(await self.accepted()) < number:
                await asyncio.sleep(0.02)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    opened = Desk(tmp_path)
    await opened.bus.start()
    await opened.database.write(metadata.create_all)
    yield opened
    await opened.bus.close()
    await opened.database.close()


class Owner:
    """A person at their mailbox, with a mail program of their own."""

    def __init__(self, server: str, user: str) -> None:
        self.server = server
        self.user = user
        host, port = server.split(":")
        self.client = IMAPClient(host, port=int(port), ssl=False, timeout=10)
        self.client.login(user, "secret")

    def deliver(self, text: str, folder: str = "INBOX", flags: Sequence[str] = ()) -> None:
        self.client.append(folder, mail(text), flags=flags)

    def texts(self, folder: str) -> list[str]:
        self.client.select_folder(folder)
        found = self.client.fetch(self.client.search(), ["BODY.PEEK[TEXT]"])
        return [found[uid][b"BODY[TEXT]"].decode().strip() for uid in sorted(found)]


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture
def owner(dovecot: str) -> Iterator[Owner]:
    """The owner of a new mailbox."""
    opened = Owner(dovecot, f"box{next(_BOXES)}-{id(object())}")
    yield opened
    with contextlib.suppress(OSError, IMAPClient.Error):
        opened.client.logout()


_BOXES = itertools.count(1)


def mail(text: str, *, author: str = "sara@customer.example") -> bytes:
    return (
        f"From: Sara <{author}>\r\nTo: mail-it@desk.example\r\nSubject: {text}\r\n"
        f"Message-ID: <{text.replace(' ', '-')[:60]}@customer.example>\r\n\r\n{text}\r\n"
    ).encode()

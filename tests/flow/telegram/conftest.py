"""A bot's channel on the embedded bus, against our own Bot API server with pretend people."""

import asyncio
import contextlib
import itertools
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from console.demo.botapi import BotApi, running
from console.demo.phones import Group, Person
from ingest.channel import Parts, Site
from ingest.channels.telegram.channel import Settings, Telegram, open_channel
from ingest.intake import Intake
from store.blobs_file import FileBlobs
from store.bus import Entry
from store.bus_settings import BusSettings
from store.bus_sqlite import SqliteBus
from store.codec import decode
from store.database import open_database
from store.records import RawMessage
from store.schema import metadata
from store.secrets import FromEnvironment
from store.topics import RAW

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class WatchedBus(SqliteBus):
    """The embedded bus, with a moment before and after each publish in which a test can break things."""

    before: Callable[[], None] = staticmethod(lambda: None)
    after: Callable[[], None] = staticmethod(lambda: None)

    async def publish(self, topic: str, entries: Sequence[Entry]) -> None:
        self.before()
        await super().publish(topic, entries)
        self.after()


@pytest.fixture
def sara() -> Person:
    return Person(611000011, "Sara", "fa")


@pytest.fixture
def tom() -> Person:
    return Person(611000014, "Tom", "en")


@pytest.fixture
def team() -> Group:
    return Group(-1002233445566, "Service Desk")


@pytest.fixture
def token() -> str:
    return "7000000001:" + "a" * 35


@pytest.fixture
def wrong_token() -> FromEnvironment:
    return FromEnvironment("7000000001:" + "b" * 35)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture
def api(token: str, sara: Person, tom: Person, team: Group) -> BotApi:
    return BotApi(token, [sara, tom, team], now=lambda: NOW)


class Desk:
    """One bot's channel with all that stands around it; each `open` is another process with the same stores."""

    def __init__(self, api: BotApi, token: str, base_url: str, folder: Path) -> None:
        self.api = api
        self.base_url = base_url
        self.bus = WatchedBus(folder / "log.db", BusSettings())
        self.database = open_database(f"sqlite:{folder / 'desk.db'}")
        numbers = itertools.count(1)
        self.intake = Intake(
            self.bus,
            FileBlobs(folder / "blobs"),
            max_payload=10_000_000,
            now=lambda: NOW,
            new_id=lambda: f"raw-{next(numbers)}",
        )
        quick = {"poll_timeout": "1s", "send_timeout": "2s"}
        self._entry = {"token": FromEnvironment(token), "base_url": base_url, **quick}
        self._readers = itertools.count(1)

    def open(self, **changes: object) -> Telegram:
        """The channel, with these changes to its settings."""
        site = Site(name="Nordwind", url="", languages=("en",), time_zone="UTC")
        parts = Parts(site=site, key=b"k" * 32, database=self.database, smtp=None)
        return open_channel("support_bot", Settings.model_validate(self._entry | changes), parts)

    @contextlib.asynccontextmanager
    async def receiving(self) -> AsyncIterator[asyncio.Task[None]]:
        """Runs `receive` for a while; a cancelled one is what a killed process leaves behind."""
        task = asyncio.create_task(self.open().receive(self.intake))
        try:
            yield task
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def until(self, true: Callable[[], bool]) -> None:
        """Waits for something to become true."""
        async with asyncio.timeout(20):
            while not true():
                await asyncio.sleep(0.01)

    async def confirmed(self) -> None:
        """Waits until the bot has confirmed all updates."""
        await self.until(lambda: not self.api.phones.updates.numbers)

    async def accepted(self) -> list[RawMessage]:
        """What stands on `raw`, in the order in which it was accepted."""
        consumer = await self.bus.consumer(f"test-{next(self._readers)}", [RAW])
        for partition in consumer.assignment():
            await consumer.seek(partition, None)
        found = [decode(stored.value, RawMessage) for stored in await consumer.fetch(1000, 0.05)]
        return sorted(found, key=lambda raw: int(raw.id.removeprefix("raw-")))

    async def words(self) -> list[str]:
        """The texts of what was accepted."""
        return [msgspec.json.decode(raw.payload)["message"]["text"] for raw in await self.accepted()]


@pytest.fixture
async def desk(api: BotApi, token: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with running(api) as base_url:
        opened = Desk(api, token, base_url, tmp_path)
        await opened.bus.start()
        await opened.database.write(metadata.create_all)
        yield opened
        await opened.bus.close()
        await opened.database.close()

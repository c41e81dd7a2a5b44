"""A form on a real HTTP listener, over the embedded log and database; the router's part is played by hand."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
from selectolax.lexbor import LexborHTMLParser

from config.http_settings import HttpSettings
from config.serve import HttpListener
from ingest.channel import Parts, Site
from ingest.channels.web.channel import Settings, WebChannel, open_channel
from ingest.channels.web.decode import decode as decode_submission
from ingest.channels.web.submission import fingerprint_of
from ingest.intake import Intake
from store.blobs_file import FileBlobs
from store.bus_settings import BusSettings
from store.bus_sqlite import SqliteBus
from store.codec import decode
from store.database import Database, open_database
from store.inbox import record
from store.records import Message, RawMessage
from store.rows import Settled
from store.schema import metadata
from store.topics import RAW

SITE = Site(
    name="Nordwind Help Desk",
    url="https://desk.example.org",
    languages=("en", "fa", "pl", "ru"),
    time_zone="UTC",
)
ENTRY: dict[str, object] = {
    "fields": ["topic", "message", "email", "name"],
    "topics": {"access": {"en": "Sign-in and passwords", "fa": "ورود و رمز عبور"}, "other": {"en": "Something else"}},
    "reply_through": "mail-support",
    "wait": "0.3s",
}
TYPED = {"topic": "access", "message": "Cannot log in", "email": "sara@acme.example", "name": "Sara"}


class Desk(NamedTuple):
    """What a test of the form needs."""

    client: httpx2.AsyncClient
    port: int
    channel: WebChannel
    bus: SqliteBus
    database: Database
    folder: Path

    async def page(self, path: str = "/f/help", **headers: str) -> LexborHTMLParser:
        """A page, which must be there."""
        answer = await self.client.get(path, headers=headers)
        assert answer.status_code == 200
        return LexborHTMLParser(answer.text)

    async def submission(self) -> str:
        """The id of a page that was just opened."""
        return submission_in(await self.page())

    async def post(self, fields: dict[str, str], path: str = "/f/help", **headers: str) -> httpx2.Response:
        """Press "Send"."""
        return await self.client.post(path, data=fields, headers=headers)

    async def accepted(self) -> list[RawMessage]:
        """All that stands on topic `raw`."""
        found: list[RawMessage] = []
        for at, (first, end) in (await self.bus.ends(RAW)).items():
            for offset in range(first, end):
                stored = await self.bus.read(RAW, at.partition, offset)
                found.append(decode(stored.value, RawMessage))
        return found

    def decoded(self, raw: RawMessage) -> Message:
        """What the child makes of it."""
        (message,) = decode_submission(raw, self.channel.decoding)
        return message

    async def settle(self, reference: str, outcome: str, ticket: int | None) -> None:
        """What the router does with it."""
        fingerprint = fingerprint_of("help", reference)
        settled = Settled(id=f"record-{reference}", outcome=outcome, ticket=ticket, fingerprint=fingerprint)
        await self.database.write(lambda connection: record(connection, [settled], datetime.now(UTC)))


def submission_in(page: LexborHTMLParser) -> str:
    value = page.css_first("input[name=submission]").attributes["value"]
    assert value
    return value


Opens = Callable[..., AsyncIterator[Desk]]


@pytest.fixture
def open_desk(tmp_path: Path) -> Opens:
    """Opens a desk; `entry` changes the form's settings, `http` the listener's, `bus` the log's, `database_url` where
    the desk is; `categories` are the desk's, which a test may change while it is open."""

    @asynccontextmanager
    async def opened(
        entry: dict[str, object] | None = None,
        http: dict[str, object] | None = None,
        bus: dict[str, object] | None = None,
        *,
        receiving: bool = True,
        database_url: str = "",
        categories: Mapping[str, Mapping[str, str]] | None = None,
    ) -> AsyncIterator[Desk]:
        database = open_database(database_url or f"sqlite:{tmp_path / 'desk.db'}")
        if not database_url:
            await database.write(metadata.create_all)
        log = SqliteBus(tmp_path / "log.db", BusSettings.model_validate({"partitions": 4} | (bus or {})))
        await log.start()
        count = itertools.count()
        intake = Intake(
            log,
            FileBlobs(tmp_path / "blobs"),
            max_payload=1024 * 1024,
            now=lambda: datetime.now(UTC),
            new_id=lambda: f"raw-{next(count)}",
        )
        parts = Parts(site=SITE, key=b"k" * 32, database=database, smtp=None, categories=lambda: categories or {})
        channel = open_channel("help", Settings.model_validate(ENTRY | (entry or {})), parts)
        listener = HttpListener(
            HttpSettings.model_validate({"listen": "127.0.0.1:0"} | (http or {})),
            channel.routes(),
            languages=SITE.languages,
            ready=lambda: "" if receiving else "the form is closed",
        )
        bound = listener.bind()
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(bound.serve(stop))
            door = group.create_task(channel.receive(intake) if receiving else asyncio.sleep(0))
            async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{bound.port}", timeout=20) as client:
                yield Desk(client, bound.port, channel, log, database, tmp_path)
            stop.set()
            door.cancel()
        await log.close()
        await database.close()

    return opened


@pytest.fixture
async def desk(open_desk: Opens) -> AsyncIterator[Desk]:
    """A desk with the usual settings."""
    async with open_desk() as opened:
        yield opened

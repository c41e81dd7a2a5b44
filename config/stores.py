"""Opens what a desk is kept in: its database, log, blobs and key; waits for those that do not answer yet."""

import asyncio
import contextlib
import random
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple, TypeVar

import structlog

from config.folder import signing_key
from config.settings import Configuration
from store.blobs import Blobs
from store.blobs_url import open_blobs
from store.bus import Log
from store.bus_kafka import KafkaBus
from store.bus_sqlite import SqliteBus
from store.canary import check_canary, write_canary
from store.database import Database, open_database
from store.errors import Permanent, Temporary
from store.kafka_names import kafka_address
from store.migrate import check_migrated, migrate
from store.originals import Originals

log = structlog.get_logger()

Result = TypeVar("Result")

FIRST_PAUSE = 1.0  # Seconds between the first two tries to reach a server; doubled up to the last.
LAST_PAUSE = 30.0


class Stores(NamedTuple):
    """What a process of a desk works on."""

    database: Database
    bus: Log
    blobs: Blobs
    originals: Originals
    key: bytes  # Signs tokens and forms.


def code_version() -> str:
    """The release of this program."""
    return version("deskwire")


def desk_file(configuration: Configuration) -> Path:
    """The file of a desk's database on one machine."""
    path = configuration.settings.backend.store.removeprefix("sqlite:").removeprefix("///")
    return configuration.folder / path


def data_folder(configuration: Configuration) -> Path:
    """The folder of a desk on one machine: where its database is."""
    return desk_file(configuration).parent


def model_file(configuration: Configuration) -> Path:
    """Where the learned model is kept, whether there is one or not."""
    return configuration.folder / configuration.settings.classify.model.file


def database_of(configuration: Configuration) -> Database:
    """The desk's database; connects when it is first used."""
    url = configuration.settings.backend.store
    if configuration.embedded:
        path = desk_file(configuration)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        url = f"sqlite:{path}"
    return open_database(url)


def blobs_of(configuration: Configuration) -> Blobs:
    """The desk's blobs; nothing is read or written yet."""
    url = configuration.settings.backend.blobs
    return open_blobs(f"file:{configuration.folder / url.removeprefix('file:')}" if url.startswith("file:") else url)


def disks(configuration: Configuration) -> list[Path]:
    """Folders of this machine that grow with mail: an embedded log's, and the blobs' or where they wait for S3."""
    url = configuration.settings.backend.blobs
    blobs = configuration.folder / url.removeprefix("file:") if url.startswith("file:") else Path(tempfile.gettempdir())
    return [data_folder(configuration), blobs] if configuration.embedded else [blobs]


def bus_of(configuration: Configuration) -> SqliteBus | KafkaBus:
    """The desk's log, not started."""
    url, settings = configuration.settings.backend.bus, configuration.settings.bus
    if url.startswith("kafka://"):
        servers, desk = kafka_address(url)
        return KafkaBus(servers, settings, desk=desk)
    path = configuration.folder / url.removeprefix("sqlite:").removeprefix("///")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SqliteBus(path, settings)


@contextlib.asynccontextmanager
async def opened(configuration: Configuration) -> AsyncIterator[Stores]:
    """The desk's stores, started. Waits for servers that do not answer yet; raises Permanent for what is wrong."""
    database, blobs, bus = database_of(configuration), blobs_of(configuration), bus_of(configuration)
    async with contextlib.AsyncExitStack() as closing:
        closing.push_async_callback(database.close)
        closing.push_async_callback(blobs.close)
        await reached(bus.start)
        closing.push_async_callback(bus.close)
        yield Stores(database, bus, blobs, Originals(database, bus, blobs), key_of(configuration))


async def prepared(stores: Stores) -> bool:
    """Bring tables and blobs to what this release works with; returns whether the database was changed.

    Raises Permanent where a newer release has them.
    """
    changed = await reached(lambda: migrate(stores.database))
    await reached(lambda: write_canary(stores.database, stores.blobs, new_id=uuid.uuid4().hex))
    return changed


async def ready_to_work(stores: Stores) -> None:
    """Make sure that tables and blobs are this desk's and this release's; raises Permanent with what to do."""
    await reached(lambda: check_migrated(stores.database))
    await reached(lambda: check_canary(stores.database, stores.blobs))


def key_of(configuration: Configuration) -> bytes:
    """What the desk signs with. Raises Permanent where several machines need one and none is set."""
    secret = configuration.settings.site.secret
    if secret is not None:
        return secret.get_secret_value().encode()
    if not configuration.embedded:
        raise Permanent(
            "site.secret is not set, and processes on several machines must sign with the same one: write "
            "secret: ${DESKWIRE_SECRET} under site: and set the variable to 32 random characters or more"
        )
    return signing_key(data_folder(configuration))


async def reached(try_it: Callable[[], Awaitable[Result]]) -> Result:
    """Try until it answers; each failure is said once with the server's address, without a traceback."""
    pause = FIRST_PAUSE
    while True:
        try:
            return await try_it()
        except Temporary as error:
            log.warning("waiting for a server", seconds=round(pause, 1), detail=str(error))
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 (spreads retries)
            pause = min(pause * 2, LAST_PAUSE)

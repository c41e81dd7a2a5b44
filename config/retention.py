"""Forgets what is over: old records of the embedded log (Kafka forgets by itself), and rows that nobody waits for."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Connection

from store import arrivals, awaited, caps
from store.bus_sqlite import SqliteBus
from store.database import Database
from store.errors import Temporary
from store.topics import RAW, TOPICS

log = structlog.get_logger()

EVERY = timedelta(hours=1)


async def retain(bus: SqliteBus, keep: timedelta, keep_raw: timedelta, stop: asyncio.Event) -> None:
    """Forget old records now and every hour until `stop`; `raw` holds the originals, which stay longer."""
    while not stop.is_set():
        for topic in TOPICS:
            before = datetime.now(UTC) - (keep_raw if topic == RAW else keep)
            try:
                count = await bus.forget(topic, before)
            except Temporary as error:
                log.warning("log not trimmed", topic=topic, detail=str(error))
            else:
                if count:
                    log.info("log trimmed", topic=topic, records=count)
        await _rest(stop)


async def tidy(database: Database, stop: asyncio.Event) -> None:
    """Forget now and every hour what was awaited or counted and is over; any process may."""
    while not stop.is_set():
        try:
            await database.write(_tidied)
        except Temporary as error:
            log.warning("rows not tidied", detail=str(error))
        await _rest(stop)


def _tidied(connection: Connection) -> None:
    now = datetime.now(UTC)
    awaited.forget(connection, now)
    arrivals.forget(connection, now)
    caps.forget(connection, now)


async def _rest(stop: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), EVERY.total_seconds())

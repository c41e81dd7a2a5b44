"""Lets the embedded log forget what is older than the settings keep; Kafka forgets by itself."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import structlog

from store.bus_sqlite import SqliteBus
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
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY.total_seconds())

"""Waits until everything that stands in the log is applied, so that nothing comes due before what was done about it."""

import asyncio
from collections.abc import Mapping, Sequence

import structlog
from sqlalchemy import Connection

from store import outbox
from store.audit_flow import Reader, read_up_to
from store.bus import Bus, TopicPartition
from store.database import Database
from store.topics import ACTIONS, MESSAGES, RAW

log = structlog.get_logger()

WARN_EVERY = 60.0  # Seconds.

Ends = Mapping[TopicPartition, tuple[int, int]]


class Barrier:
    """What stood in the log when it was asked, followed through the stages."""

    def __init__(self, bus: Bus, database: Database, *, poll: float) -> None:
        """`poll`, in seconds, is the time between looks at how far the stages are."""
        self._bus = bus
        self._database = database
        self._poll = poll

    async def passed(self) -> None:
        """Return once all that stood in the log at the call is applied, and all that came of it.

        A technician's mail is a payload first, then a message, then an action: so each topic's end is noted when the
        one before it has been read. Records that are held back count as read. While a stage stands still this waits,
        for as long as that takes, and says once a minute what for. Raises Temporary.
        """
        await self._read("normalize", [RAW])
        await self._read("router", [MESSAGES])
        await self._carried(ACTIONS)
        await self._read("router", [ACTIONS, MESSAGES])

    async def _read(self, group: str, topics: Sequence[str]) -> None:
        ends = {at: span for topic in topics for at, span in (await self._bus.ends(topic)).items()}
        patience = _Patience(group=group, topics=topics)
        while behind := await self._database.read(lambda connection: _behind(connection, group, ends)):
            patience.tell(behind)
            await asyncio.sleep(self._poll)

    async def _carried(self, topic: str) -> None:
        """What transactions publish must have left the outbox."""
        newest = await self._database.read(lambda connection: outbox.newest(connection, topic))
        patience = _Patience(group="outbox", topics=[topic])
        while newest and await self._database.read(lambda connection: _waits(connection, topic, newest)):
            patience.tell(1)
            await asyncio.sleep(self._poll)


class _Patience:
    """Says what is waited for, once a minute."""

    def __init__(self, *, group: str, topics: Sequence[str]) -> None:
        self._group = group
        self._topics = topics
        self._clock = asyncio.get_running_loop().time
        self._since = self._told = self._clock()

    def tell(self, records: int) -> None:
        now = self._clock()
        if now - self._told >= WARN_EVERY:
            self._told = now
            waited = round(now - self._since)
            log.warning("timers wait", stage=self._group, topics=list(self._topics), records=records, seconds=waited)


def _behind(connection: Connection, group: str, ends: Ends) -> int:
    """How many of the records up to these ends a group has not read."""
    read = read_up_to(connection)
    left = (end - max(start, read.get(Reader(group, at), start)) for at, (start, end) in ends.items())
    return sum(max(0, records) for records in left)


def _waits(connection: Connection, topic: str, newest: int) -> bool:
    return 0 < outbox.oldest(connection, topic) <= newest

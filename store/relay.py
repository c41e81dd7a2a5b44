"""Carries the outbox to the bus, in order, one process at a time.

A row is deleted after the bus has it, so a crash in between publishes it again: readers know duplicates by their ids.

On PostgreSQL a row's id is drawn before its transaction commits, so a row may appear below others that have left
already. Nothing is lost by that, because exactly the rows that were read are deleted, never "all up to". Nor is any
promised order: transactions whose records depend on each other's come one after the other (those that change tickets
under the desk's lock, a sender's under its lease), and so their ids rise in the order of their commits.
"""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

import structlog
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from store import outbox
from store.bus import Bus
from store.database import Database
from store.durations import Duration
from store.errors import Permanent, Temporary
from store.lease_holder import TTL, while_held
from store.leases import Lease, assert_held
from store.outbox import Waiting
from store.sizes import Size

log = structlog.get_logger()


class RelaySettings(BaseModel):
    """How the outbox is carried to the bus."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    poll: Duration = Field(
        default=timedelta(seconds=0.2),
        le=timedelta(minutes=1),
        description="The time between looks for records that another process has written.",
    )
    batch: int = Field(default=500, ge=1, le=5000, description="The most records that are published together.")
    batch_size: Size = Field(
        default=8 * 1024 * 1024, description="Once a batch holds this much, no more records are taken into it."
    )
    shortest_pause: Duration = Field(
        default=timedelta(seconds=0.2), description="The first pause while the bus or the database is in trouble."
    )
    longest_pause: Duration = Field(default=timedelta(seconds=30), description="The longest such pause.")


class Relay:
    """The process's part in carrying the outbox: works whenever it has the lease."""

    def __init__(
        self, database: Database, bus: Bus, *, settings: RelaySettings, owner: str, lease_ttl: float = TTL
    ) -> None:
        """`owner` names this process among all that run a relay."""
        self._database = database
        self._bus = bus
        self._settings = settings
        self._owner = owner
        self._lease_ttl = lease_ttl
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look at the outbox now: call it, in the event loop, after a transaction that added to it."""
        self._woken.set()

    async def run(self) -> None:
        """Carry until cancelled. Raises StorageBroken."""
        await while_held(self._database, "outbox", self._owner, self._carry, ttl=self._lease_ttl)

    async def _carry(self, lease: Lease) -> None:
        pause = shortest = self._settings.shortest_pause.total_seconds()
        while True:
            self._woken.clear()
            try:
                carried = await self._carry_batch(lease)
            except (Temporary, Permanent) as error:
                # What the bus refuses for good (a topic's limit is set too low, say) is not skipped: it would be lost
                # to its readers, and the order with it. It stays at the head until an operator has mended the bus.
                level = log.error if isinstance(error, Permanent) else log.warning
                level("outbox is not carried", seconds=round(pause, 1), detail=str(error))
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 (spreads retries)
                pause = min(pause * 2, self._settings.longest_pause.total_seconds())
                continue
            pause = shortest
            if not carried:
                await self._rest()

    async def _carry_batch(self, lease: Lease) -> int:
        """Publish the oldest rows and delete them; returns how many there were."""
        limit, most_bytes = self._settings.batch, self._settings.batch_size
        rows = await self._database.read(lambda connection: outbox.read(connection, limit, most_bytes))
        if not rows:
            return 0
        for topic, entries in groupby(sorted(rows, key=_topic), key=_topic):  # The sort keeps each topic's order.
            await self._bus.publish(topic, [row.entry for row in entries])
        await self._database.write(lambda connection: _remove(connection, lease, rows))
        log.info("outbox carried", records=len(rows))
        return len(rows)

    async def _rest(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), self._settings.poll.total_seconds())


def _topic(row: Waiting) -> str:
    return row.topic


def _remove(connection: Connection, lease: Lease, rows: Sequence[Waiting]) -> None:
    assert_held(connection, lease)
    outbox.remove(connection, rows)

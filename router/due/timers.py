"""The service that lets things come due by themselves: one process at a time, and never before what was done."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection

from router.due.barrier import Barrier
from router.due.firing import Firing
from router.due.timer_settings import TimerSettings
from router.policy import Policy
from store import timers
from store.bus import Bus
from store.database import Database
from store.errors import Temporary
from store.lease_holder import TTL, while_held
from store.leases import Lease, assert_held

log = structlog.get_logger()

LEASE = "timers"


class Timers:
    """This process's part in it: works whenever it has the lease, which another process has within 30 s of a death."""

    def __init__(
        self,
        policy: Policy,
        *,
        bus: Bus,
        database: Database,
        settings: TimerSettings,
        owner: str,
        now: Callable[[], datetime],
        after: Callable[[], None],
        lease_ttl: float = TTL,
    ) -> None:
        """`owner` names this process among all; `after` is called after each commit, to wake who reads on."""
        self._next = policy
        self._firing = Firing(policy, settings, now)
        self._database = database
        self._settings = settings
        self._owner = owner
        self._now = now
        self._after = after
        self._lease_ttl = lease_ttl
        self._barrier = Barrier(bus, database, poll=min(1.0, settings.poll.total_seconds()))

    def use(self, policy: Policy) -> None:
        """Decide by another policy from the next look on."""
        self._next = policy

    async def run(self) -> None:
        """Work until cancelled. Raises StorageBroken."""
        await while_held(self._database, LEASE, self._owner, self._work, ttl=self._lease_ttl)

    async def _work(self, lease: Lease) -> None:
        planned: Policy | None = None
        while True:
            try:
                policy = self._next
                if planned is not policy:
                    self._firing.use(policy)
                    await self._plan(lease)
                    planned = policy
                fired = await self._look(lease)
            except Temporary as error:
                log.warning("timers pause", detail=str(error))
                fired = 0
            if not fired:
                await asyncio.sleep(self._settings.poll.total_seconds())

    async def _look(self, lease: Lease) -> int:
        """Fire what is due; returns how many fired.

        Only what had come due when the log's ends were noted: what comes due while the stages catch up may be about
        records that came meanwhile.
        """
        until = self._now()
        due = await self._database.read(lambda connection: timers.due(connection, until, 1))
        if not due:
            return 0
        await self._barrier.passed()
        fired = await self._database.write(lambda connection: self._fire(connection, lease, until))
        if fired:
            log.info("timers fired", count=fired)
            self._after()
        return fired

    def _fire(self, connection: Connection, lease: Lease, until: datetime) -> int:
        assert_held(connection, lease)
        return self._firing.fire(connection, until)

    async def _plan(self, lease: Lease) -> None:
        """Bring what is planned in line with the settings: digests, and the timers of tickets that stood before."""
        await self._database.write(lambda connection: self._planned(connection, lease))
        after: int | None = 0
        while after is not None:
            after = await self._database.write(partial(self._renewed, lease=lease, after=after))

    def _planned(self, connection: Connection, lease: Lease) -> None:
        assert_held(connection, lease)
        self._firing.plan(connection)

    def _renewed(self, connection: Connection, lease: Lease, after: int) -> int | None:
        assert_held(connection, lease)
        return self._firing.renew(connection, after)

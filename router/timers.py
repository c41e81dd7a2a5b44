"""The service that lets things come due by themselves: one process at a time, and never before what was done."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import Connection

from router.barrier import Barrier
from router.firing import Firing
from router.policy import Policy
from router.timer_settings import TimerSettings
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
        """Decide by another policy from the next look on; a ticket's timers follow when it changes or one is due."""
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
                    await self._database.write(lambda connection: self._plan(connection, lease))
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

    def _plan(self, connection: Connection, lease: Lease) -> None:
        assert_held(connection, lease)
        self._firing.plan(connection)

"""Holds a lease for as long as its work runs: waits for it, renews it, and stops the work when it is lost."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from store.database import Database
from store.errors import Fenced, Temporary
from store.leases import Lease, release, renew, take

log = structlog.get_logger()

TTL = 15.0  # Seconds. A dead owner's work goes on within 30 s: after this, and at most a fifth more of waiting.

Work = Callable[[Lease], Awaitable[None]]


async def while_held(database: Database, name: str, owner: str, work: Work, *, ttl: float = TTL) -> None:
    """Run `work` whenever the lease is ours, until `work` ends by itself; at most one owner's runs at a time.

    Where the lease is lost, or cannot be renewed in time, `work` is cancelled and begins anew once the lease is ours
    again. What `work` raises ends this too, except Fenced, which means that the lease is lost.
    """
    while True:
        lease, until = await _wait_for(database, name, owner, ttl)
        log.info("lease taken", lease=name, owner=owner, fence=lease.fence)
        try:
            await _work_while_kept(database, lease, until, work, ttl)
        except Fenced as error:
            log.warning("lease lost", lease=name, owner=owner, detail=str(error))
        else:
            return
        finally:
            await _give_back(database, lease, ttl)
        await asyncio.sleep(ttl / 5)


async def _wait_for(database: Database, name: str, owner: str, ttl: float) -> tuple[Lease, float]:
    """The lease, and the moment of the loop's clock up to which it is surely ours."""
    clock = asyncio.get_running_loop().time
    while True:
        begun = clock()  # Before the database's own reading of its clock, so that we never believe too long.
        try:
            lease = await database.write(lambda connection: take(connection, name, owner, ttl))
        except Temporary as error:
            log.warning("lease cannot be taken", lease=name, owner=owner, detail=str(error))
        else:
            if lease is not None:
                return lease, begun + ttl
        await asyncio.sleep(ttl / 5)


async def _work_while_kept(database: Database, lease: Lease, until: float, work: Work, ttl: float) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(_keep(database, lease, until, ttl))
            await work(lease)
            keeping.cancel()
    except BaseExceptionGroup as errors:
        # Of the two tasks one failed, and the other was cancelled for it.
        raise errors.exceptions[0] from None


async def _keep(database: Database, lease: Lease, until: float, ttl: float) -> None:
    """Renew the lease until cancelled; raises Fenced once it is lost, or may be soon."""
    clock = asyncio.get_running_loop().time
    pause = ttl / 3
    while True:
        await asyncio.sleep(pause)
        begun = clock()
        try:
            # The last fifth is for the work to come to its end in.
            async with asyncio.timeout_at(until - ttl / 5):
                await database.write(lambda connection: renew(connection, lease, ttl))
        except TimeoutError:
            raise Fenced(
                f"the lease {lease.name!r} could not be renewed in time: another process may take it"
            ) from None
        except Temporary as error:
            log.warning("lease cannot be renewed", lease=lease.name, owner=lease.owner, detail=str(error))
            pause = ttl / 15
        else:
            until = begun + ttl
            pause = ttl / 3


async def _give_back(database: Database, lease: Lease, ttl: float) -> None:
    """Let the next owner begin at once; it need not work, because the lease runs out anyway."""
    with contextlib.suppress(Temporary, TimeoutError):
        async with asyncio.timeout(ttl / 5):
            await database.write(lambda connection: release(connection, lease))

"""The command `deskwire run`: the desk, or some of its roles, until it is told to stop."""

import asyncio
import sys
from collections.abc import Sequence

import structlog

from config import logs
from config.app import stop_on_signals
from config.build import build
from config.folder import FolderLock
from config.settings import Configuration
from config.stores import data_folder, opened, prepared, ready_to_work
from store.leases import end_all

log = structlog.get_logger()


async def run(configuration: Configuration, roles: Sequence[str], *, http: str) -> None:
    """Work until SIGTERM or SIGINT. Raises Permanent, StorageBroken; Temporary where another process has the folder."""
    logs.configure(sys.stderr)
    stop = asyncio.Event()
    stop_on_signals(stop)
    lock = FolderLock(data_folder(configuration)) if configuration.embedded else None
    try:
        async with opened(configuration) as stores:
            if lock is None:
                await ready_to_work(stores)
            else:
                await prepared(stores)
                await stores.database.write(end_all)  # The lock is ours, so whoever held a lease is dead.
            app = build(configuration, stores, roles, http=http)
            log.info("deskwire runs", roles=list(roles), config=configuration.version)
            await app.run(stop)
    finally:
        if lock is not None:
            lock.release()
    log.info("deskwire has stopped")

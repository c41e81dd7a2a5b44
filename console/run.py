"""The command `deskwire run`: the desk, or some of its roles, until it is told to stop."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Sequence

import structlog

from config import logs
from config.app import App, stop_on_signals, until_set
from config.build import build
from config.folder import FolderLock
from config.memory import return_large_blocks
from config.reload import ignore_hangup
from config.settings import Configuration
from config.stores import data_folder, opened, prepared, ready_to_work
from console.words import complain
from store.leases import end_all

log = structlog.get_logger()


async def run(
    configuration: Configuration, roles: Sequence[str], *, http: str, reread: Callable[[], Configuration]
) -> None:
    """Work until SIGTERM or SIGINT; from a SIGHUP on by what `reread` returns.

    Raises Permanent, StorageBroken; Temporary where another process has the folder.
    """
    complain(configuration.warnings)
    logs.configure(sys.stderr)
    return_large_blocks()
    stop = asyncio.Event()
    stop_on_signals(stop)
    ignore_hangup()  # Until there is something to reload.
    lock = FolderLock(data_folder(configuration)) if configuration.embedded else None
    try:
        async with contextlib.AsyncExitStack() as stack:
            app = await until_set(stop, _built(configuration, roles, http, reread, stack))
            if app is not None:
                log.info("deskwire runs", roles=list(roles), config=configuration.version)
                await app.run(stop)
    finally:
        if lock is not None:
            lock.release()
    log.info("deskwire has stopped")


async def _built(
    configuration: Configuration,
    roles: Sequence[str],
    http: str,
    reread: Callable[[], Configuration],
    stack: contextlib.AsyncExitStack,
) -> App:
    """The app on its stores, which `stack` closes; waits for servers that do not answer yet."""
    stores = await stack.enter_async_context(opened(configuration))
    if configuration.embedded:
        await prepared(stores)
        await stores.database.write(end_all)  # The folder's lock is ours, so whoever held a lease is dead.
    else:
        await ready_to_work(stores)
    return build(configuration, stores, roles, http=http, reread=reread)

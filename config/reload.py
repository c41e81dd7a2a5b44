"""Takes a changed settings file over while the desk runs: as a whole between two batches, or not at all."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence

import structlog

from config.app import until_set
from config.changes import changed, fixed
from config.load import NOT_STARTED, BadSettings
from config.settings import Configuration
from store.errors import Permanent

log = structlog.get_logger()

Commit = Callable[[], None]
Taker = Callable[[Configuration], Commit]
"""Makes what a stage needs of new settings, and returns what puts it in place; raises Permanent where it cannot."""


class Reloader:
    """The settings that a process runs by."""

    def __init__(
        self, configuration: Configuration, reread: Callable[[], Configuration], takers: Sequence[Taker]
    ) -> None:
        """`reread` reads the file again; it raises BadSettings."""
        self._configuration = configuration
        self._reread = reread
        self._takers = takers
        self._one_at_a_time = asyncio.Lock()

    @property
    def configuration(self) -> Configuration:
        """The settings as they are now."""
        return self._configuration

    async def reload(self) -> str:
        """Work by the file as it is now from the next batch on; returns what is different.

        Raises BadSettings for a file that does not pass, Permanent for one that needs a restart; nothing has changed
        then.
        """
        async with self._one_at_a_time:
            fresh, commits = await asyncio.to_thread(self._prepared)
            for commit in commits:
                commit()
            before, self._configuration = self._configuration, fresh
            told = changed(before, fresh)
            log.info("settings reloaded", config=fresh.version, before=before.version, changes=told)
            return told

    async def on_signal(self, stop: asyncio.Event) -> None:
        """Reload at each SIGHUP until `stop`; a failure is told in the log."""
        loop, asked = asyncio.get_running_loop(), asyncio.Event()
        loop.add_signal_handler(signal.SIGHUP, asked.set)
        try:
            while not stop.is_set():
                await until_set(stop, asked.wait())
                if asked.is_set() and not stop.is_set():
                    asked.clear()
                    with contextlib.suppress(Permanent):
                        await self.told_in_log()
        finally:
            loop.remove_signal_handler(signal.SIGHUP)
            ignore_hangup()

    async def told_in_log(self) -> str:
        """As `reload`, with a failure in the log as well."""
        try:
            return await self.reload()
        except Permanent as error:
            log.error("settings not reloaded", config=self._configuration.version, detail=str(error))  # noqa: TRY400
            raise

    def _prepared(self) -> tuple[Configuration, list[Commit]]:
        try:
            fresh = self._reread()
        except BadSettings as error:
            told = str(error).removesuffix(NOT_STARTED)
            raise BadSettings(f"{told}Nothing was taken over: the desk goes on as before.", error.problems) from error
        if keys := fixed(self._configuration, fresh):
            raise Permanent(
                f"a restart is needed for what has changed in {', '.join(keys)}: nothing was taken over; "
                "restart, or take those changes back and reload again"
            )
        return fresh, [take(fresh) for take in self._takers]


def ignore_hangup() -> None:
    """Let SIGHUP do nothing: whoever started this process may close the terminal."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

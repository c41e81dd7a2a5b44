"""Keeps one mailbox read: its thread, its lease, and the pauses after trouble, which are no other mailbox's concern."""

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog

from ingest.channels.mail.imap_client import LoginRefused
from ingest.channels.mail.imap_line import Line
from ingest.channels.mail.imap_patience import LOUD, pause_after, pause_after_refusals
from ingest.channels.mail.imap_reader import Owner, Reader
from ingest.channels.mail.imap_settings import ImapSettings
from ingest.channels.mail.imap_token import secret_of
from ingest.intake import Intake
from store.database import Database
from store.errors import Temporary
from store.lease_holder import while_held
from store.leases import Lease

log = structlog.get_logger()

Result = TypeVar("Result")


class Account:
    """One mailbox, read by one process at a time."""

    def __init__(
        self,
        channel: str,
        address: str,
        settings: ImapSettings,
        database: Database,
        *,
        now: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`address` is what mail in it counts as sent to, and the login where the settings name none."""
        self._channel = channel
        self._address = address
        self._settings = settings
        self._database = database
        self._now = now
        self._chance = chance
        self._pause = pause

    async def run(self, intake: Intake) -> None:
        """Read the mailbox whenever no other process does, until cancelled."""

        async def read(lease: Lease) -> None:
            owner = Owner(self._channel, self._address, self._settings, self._database, lease, now=self._now)
            await self._read(owner, intake)

        await while_held(self._database, f"imap:{self._channel}", uuid.uuid4().hex, read)

    async def _read(self, owner: Owner, intake: Intake) -> None:
        """One connection after the other; each trouble is told, and answered with a pause."""
        failures = refusals = 0
        with _Thread(f"imap-{self._channel}") as thread:
            while True:
                connection = _Session(owner, thread, intake)
                try:
                    await connection.run()
                except LoginRefused as error:
                    refusals += 1
                    pause = pause_after_refusals(refusals, self._chance())
                    self._tell_refusal(refusals, pause, error)
                except Temporary as error:
                    failures = 1 if connection.reading else failures + 1
                    refusals = 0 if connection.logged_in else refusals
                    pause = pause_after(failures, self._chance())
                    log.warning(
                        "mailbox is not read", channel=self._channel, seconds=round(pause, 1), detail=str(error)
                    )
                else:
                    failures = refusals = 0
                    owner.tries.clear()
                    continue  # It is time to look through the whole window.
                await self._pause(pause)

    def _tell_refusal(self, refusals: int, pause: float, error: LoginRefused) -> None:
        tell = log.error if refusals >= LOUD else log.warning
        tell(
            "login to the mailbox is refused: correct `user`, `password` or `token` of this channel, and see that the "
            "account is not locked",
            channel=self._channel,
            refusals=refusals,
            seconds=round(pause),
            detail=str(error),
        )


class _Thread:
    """The account's own thread: a slow server holds up nobody else's work."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)

    def __enter__(self) -> "_Thread":
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(wait=False)

    def later(self, work: Callable[[], None]) -> None:
        """Do this after what is at hand; nobody waits for it."""
        self._executor.submit(work)

    async def __call__(self, work: Callable[[], Result]) -> Result:
        """What the work returns or raises; cancelled, it goes on in the thread until its connection is hung up."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


class _Session:
    """One connection from login to its end."""

    def __init__(self, owner: Owner, thread: _Thread, intake: Intake) -> None:
        self.logged_in = False
        self._owner = owner
        self._thread = thread
        self._intake = intake
        self._reader: Reader | None = None

    @property
    def reading(self) -> bool:
        """Whether the mailbox was read up to its end."""
        return self._reader is not None and self._reader.reading

    async def run(self) -> None:
        """Raises as `Reader.run` does, and LoginRefused."""
        settings = self._owner.settings
        secret = await secret_of(settings)
        line = Line(settings)
        try:
            await self._thread(partial(line.connect, settings.user or self._owner.address, secret))
            self.logged_in = True
            self._reader = Reader(self._owner, line, self._thread, self._intake)
            await self._reader.run()
        finally:
            line.hang_up()
            self._thread.later(line.close)

"""Keeps a copy of each answer in the account's folder for sent mail, beside the work and never in its way.

It has its own connection, because answers may leave from another process than the one that reads the mailbox.
"""

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import structlog

from ingest.channels.mail.headers import Headers, split_header
from ingest.channels.mail.imap_line import Line
from ingest.channels.mail.imap_settings import AUTO, NONE, ImapSettings
from ingest.channels.mail.imap_token import secret_of
from store.errors import Temporary

log = structlog.get_logger()

_MOST = 100  # Copies that wait at once ...
_MOST_BYTES = 64 * 1024 * 1024  # ... and their size together.
_PAUSES = (5.0, 60.0, 300.0)  # Seconds before each further attempt; then the copies at hand are given up.
_LAST_WORDS = 10.0  # Seconds that copies at hand may take at the end.


class SentFolder:
    """Copies for one account."""

    def __init__(self, channel: str, user: str, settings: ImapSettings) -> None:
        """`user` logs in. Does no I/O."""
        self._channel = channel
        self._user = user
        self._settings = settings
        self._waiting: deque[bytes] = deque()
        self._work: asyncio.Task[None] | None = None

    def keep(self, mail: bytes) -> None:
        """Copy a mail that has left, where a person wrote it; returns at once, and fails for nothing."""
        if self._settings.sent == NONE or Headers(split_header(mail)[0]).first("auto-submitted"):
            return
        if len(self._waiting) >= _MOST or sum(map(len, self._waiting)) + len(mail) > _MOST_BYTES:
            log.warning(
                "sent mail is not copied: too many copies wait", channel=self._channel, waiting=len(self._waiting)
            )
            return
        self._waiting.append(mail)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._empty(), name=f"sent {self._channel}")

    async def close(self) -> None:
        """Give the copies at hand a moment, then give them up."""
        if self._work is not None:
            await asyncio.wait([self._work], timeout=_LAST_WORDS)
            self._work.cancel()
            await asyncio.wait([self._work])

    async def _empty(self) -> None:
        """Copy what waits, with pauses between attempts."""
        executor = ThreadPoolExecutor(1, thread_name_prefix=f"sent-{self._channel}")
        try:
            for pause in (*_PAUSES, None):
                try:
                    await self._copy_all(executor)
                except Temporary as error:
                    left = len(self._waiting)
                    log.warning("sent mail is not copied yet", channel=self._channel, waiting=left, detail=str(error))
                    if pause is None:
                        self._give_up(str(error))
                        return
                    await asyncio.sleep(pause)
                else:
                    return
        finally:
            executor.shutdown(wait=False)

    def _give_up(self, detail: str) -> None:
        log.error(
            "sent mail is not copied: see to the mailbox, or write `sent: none`; the answers themselves have left",
            channel=self._channel,
            mails=len(self._waiting),
            detail=detail,
        )
        self._waiting.clear()

    async def _copy_all(self, executor: ThreadPoolExecutor) -> None:
        loop, settings = asyncio.get_running_loop(), self._settings
        secret = await secret_of(settings)
        line = Line(settings)
        try:
            await loop.run_in_executor(executor, partial(line.connect, self._user, secret))
            folder = settings.sent
            if folder == AUTO:
                folder = await loop.run_in_executor(executor, line.sent_folder)
            if not folder:
                raise Temporary("the account has no folder for sent mail: name one in `sent`")
            await loop.run_in_executor(executor, partial(line.open, folder, changing=True))
            while self._waiting:
                await loop.run_in_executor(executor, partial(_copy, line, folder, self._waiting[0]))
                self._waiting.popleft()
            await loop.run_in_executor(executor, line.log_out)
        finally:
            line.hang_up()
            executor.submit(line.close)


def _copy(line: Line, folder: str, mail: bytes) -> None:
    """Once, however often it is tried and to however many recipients the same mail went."""
    message_id = next(iter(Headers(split_header(mail)[0]).ids("message-id")), "")
    if not line.holds(message_id):
        line.append(folder, mail)

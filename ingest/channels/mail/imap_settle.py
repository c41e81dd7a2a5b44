"""Flags or moves mail that is durable with us; each step can be done again without harm."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol, TypeVar

from ingest.channels.mail.imap_line import Line
from ingest.channels.mail.imap_progress import Marks
from ingest.channels.mail.imap_settings import ImapSettings
from ingest.channels.mail.imap_uids import UidSet

Result = TypeVar("Result")

_MOST = 200  # Mails in one command, whose line is bounded (RFC 2683, 3.2.1.5: 1,000 bytes at the least).


class InThread(Protocol):
    """Runs what blocks in the account's own thread."""

    def __call__(self, work: Callable[[], Result]) -> Awaitable[Result]: ...  # noqa: D102


class Settling:
    """What one mailbox owes its people: flags, or a move."""

    def __init__(
        self, line: Line, in_thread: InThread, settings: ImapSettings, commit: Callable[[Marks], Awaitable[None]]
    ) -> None:
        """`commit` makes the marks durable."""
        self._line = line
        self._in_thread = in_thread
        self._settings = settings
        self._commit = commit

    async def settle(self, marks: Marks) -> None:
        """Do what is owed. Raises Refused where the server says NO, with what it refused still owed."""
        settings, line = self._settings, self._line
        while uids := UidSet.of(uid for uid, _ in zip(marks.owed, range(_MOST), strict=False)):
            if settings.after == "flag":
                await self._in_thread(partial(line.flag, uids, settings.flag))
            elif settings.after == "move" and line.can_move:
                await self._in_thread(partial(line.move, uids, settings.move_to))
            elif settings.after == "move":
                await self._copy_and_remove(marks, uids)
            marks.settled(uids)
        await self._commit(marks)

    async def _copy_and_remove(self, marks: Marks, uids: UidSet) -> None:
        """For servers without MOVE. That a copy is made is committed at once, so that a failure makes no second one."""
        if missing := uids - marks.copied:
            await self._in_thread(partial(self._line.copy, missing, self._settings.move_to))
            marks.copied_over(missing)
            await self._commit(marks)
        await self._in_thread(partial(self._line.remove, uids))

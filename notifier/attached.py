"""The files of answers and alerts: read before anything is written, and left out in words where they cannot go."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from msgspec.structs import replace

from notifier.notification import Absent, Notification
from notifier.plan import unsent_files
from notifier.policy import Policy
from notifier.settings import NotifySettings
from store.errors import DeskwireError, Permanent, Temporary, Withheld
from store.events import TicketEvent
from store.outgoing import OutgoingFile, Purpose
from store.records import SentFile

ReadFile = Callable[[SentFile], Awaitable[bytes]]  # Raises Permanent for a file that is gone, Temporary.

log = structlog.get_logger()


class TooHeavy(DeskwireError):
    """The files of a batch weigh too much together: the event is handled by itself, when it is tried again."""


class Batch:
    """The files of one batch of events, whose weight in memory is bounded."""

    def __init__(self, read: ReadFile | None, settings: NotifySettings) -> None:
        self._read = read
        self._most = settings.files
        self._at_once = settings.files_at_once
        self._alerts_wait = settings.alert_files_wait.total_seconds()
        self._weight = 0

    async def attach(
        self, event: TicketEvent, planned: Sequence[Notification], able: frozenset[str], policy: Policy
    ) -> tuple[Notification, ...]:
        """The notifications with the files that go out, and an alert about those that do not.

        `able` are the channels that can send files. Raises Temporary where the files of an answer cannot be read now,
        and TooHeavy where this batch holds so many that it must be handled by itself; for files of an alert neither.
        """
        return await self._answered(event, [await self._alerted(one, able) for one in planned], able, policy)

    async def _answered(
        self, event: TicketEvent, planned: Sequence[Notification], able: frozenset[str], policy: Policy
    ) -> tuple[Notification, ...]:
        answers = [one for one in planned if one.purpose is Purpose.ANSWER]
        if not event.files or not answers:
            return tuple(planned)
        chosen = self._chosen(event.files)
        weight = sum(one.file.size for one in chosen)
        takers = [one.effect for one in answers if one.channel in able]
        if weight * len(takers) > self._at_once:
            takers = takers[:1]  # The customer comes first; everybody else is told what there was.
        self._admit(weight * len(takers))
        files, gone = await self._loaded(chosen) if takers else ((), ())
        every = tuple(one.file.name for one in event.files)
        missing = (*(one.file.name for one in event.files if one not in chosen), *gone)
        done = [
            one
            if one.purpose is not Purpose.ANSWER
            else replace(one, files=files, unsent=missing)
            if one.effect in takers
            else replace(one, unsent=every)
            for one in planned
        ]
        missed = tuple(dict.fromkeys(name for one in done for name in one.unsent))
        return (*done, unsent_files(event, policy, missed)) if missed else tuple(done)

    async def _alerted(self, alert: Notification, able: frozenset[str]) -> Notification:
        """With the files that can be had at once: a team must hear of a ticket whatever becomes of them."""
        if alert.channel not in able or self._read is None:
            return alert
        files: list[OutgoingFile] = []
        absent: list[Absent] = []
        before, weight = self._weight, 0
        for one in alert.carries:
            found: OutgoingFile | str = self._no_room(before, weight + one.file.size)
            if not found:
                found = await self._had_at_once(self._read, one)
            if isinstance(found, OutgoingFile):  # Of a whole original the size may not have been known.
                found = self._no_room(before, weight + len(found.content)) or found
            if isinstance(found, str):
                absent.append(Absent(one.file.name, found))
                log.warning("file of an alert stays behind", raw=one.raw, part=one.file.part, why=found)
            else:
                files.append(found)
                weight += len(found.content)
        self._weight += weight
        return replace(alert, files=tuple(files), absent=tuple(absent))

    def _no_room(self, before: int, weight: int) -> str:
        """Why an alert cannot have files of this weight, after `before` in its batch; empty: it can."""
        if weight > self._most:
            return "too-large"
        return "later" if before and before + weight > self._at_once // 2 else ""

    async def _had_at_once(self, read: ReadFile, one: SentFile) -> OutgoingFile | str:
        """The file, or why it is not there."""
        clock = asyncio.get_running_loop()
        begun = clock.time()
        try:
            async with asyncio.timeout(self._alerts_wait):
                content = await read(one)
        except Withheld as error:
            return error.why
        except Permanent:
            return "unreadable"
        except (Temporary, TimeoutError):
            return "later"
        finally:
            self._alerts_wait -= clock.time() - begun
        return OutgoingFile(name=one.file.name, content_type=one.file.content_type, content=content)

    def _chosen(self, files: Sequence[SentFile]) -> list[SentFile]:
        """As many as fit, in their order."""
        chosen: list[SentFile] = []
        room = self._most
        for one in files:
            if one.file.size <= room:
                chosen.append(one)
                room -= one.file.size
        return chosen

    def _admit(self, weight: int) -> None:
        if self._weight and self._weight + weight > self._at_once:
            raise TooHeavy("the files of the answers in a batch weigh too much together: this one is handled by itself")
        self._weight += weight

    async def _loaded(self, chosen: Sequence[SentFile]) -> tuple[tuple[OutgoingFile, ...], tuple[str, ...]]:
        """The files with their bytes, and the names of those that are gone."""
        files: list[OutgoingFile] = []
        gone: list[str] = []
        for one in chosen:
            content = await self._content(one)
            if content is None:
                gone.append(one.file.name)
            else:
                files.append(OutgoingFile(name=one.file.name, content_type=one.file.content_type, content=content))
        return tuple(files), tuple(gone)

    async def _content(self, one: SentFile) -> bytes | None:
        try:
            content = await self._read(one) if self._read is not None else None
        except Permanent as error:
            log.warning("file of an answer is gone", raw=one.raw, part=one.file.part, detail=str(error))
            return None
        return content if content is not None and len(content) <= self._most else None

"""The files of an answer: read before anything is written, and left out in words where they cannot go."""

from collections.abc import Awaitable, Callable, Sequence

import structlog
from msgspec.structs import replace

from notifier.notification import Notification
from notifier.plan import unsent_files
from notifier.policy import Policy
from notifier.settings import NotifySettings
from store.errors import DeskwireError, Permanent
from store.outgoing import OutgoingFile, Purpose
from store.records import SentFile, TicketEvent

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
        self._weight = 0

    async def attach(
        self, event: TicketEvent, planned: Sequence[Notification], able: frozenset[str], policy: Policy
    ) -> tuple[Notification, ...]:
        """The notifications with the files that go out, and an alert about those that do not.

        `able` are the channels that can send files. Raises Temporary where the files cannot be read now, and
        TooHeavy where this batch holds so many that the event must be handled by itself.
        """
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

"""The parser's children: payloads go in, records and files come out, and a killed one costs one message alone."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import structlog

from normalize.child_process import ChildProcess, Death
from normalize.settings import NormalizeSettings
from normalize.wire import Decoder, Errand, Failure, Found, Outcome
from store.durations import written
from store.errors import Permanent, Temporary
from store.records import RawMessage

log = structlog.get_logger()

_BLAMELESS_DEATHS = 3  # Children in a row that somebody else may have killed before the trouble is the machine's.
_FRAME = 4 * 1024 * 1024  # Bytes of payloads in one round trip; a larger payload goes alone.


class Sandbox:
    """Reads strangers' payloads in killable processes.

    Each message has its own limits of time and memory; one that exceeds them fails alone, after its limit, and its
    neighbours are read by a child that stood ready. `start` first, `close` at the end; both may be left to
    `async with`.
    """

    def __init__(self, decoders: Sequence[Decoder], settings: NormalizeSettings) -> None:
        """One decoder for each channel; no process is started yet."""
        self._decoders = tuple(decoders)
        self._settings = settings
        self._idle: asyncio.Queue[ChildProcess | None] = asyncio.Queue(settings.children)
        self._spares: deque[ChildProcess] = deque()
        self._living: set[ChildProcess] = set()

    async def start(self) -> None:
        """Start the children and wait until one can work; raises as `decode`, Permanent for a decoder that is none."""
        try:
            for _ in range(self._settings.children):
                self._idle.put_nowait(self._hire())
            async with self._child():
                pass
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """End all children; nothing can be decoded after."""
        for child in self._living:
            child.bury()
        self._living.clear()
        self._spares.clear()
        while not self._idle.empty():  # So that it can be started anew, also after a start that failed.
            self._idle.get_nowait()

    async def __aenter__(self) -> "Sandbox":
        """Started."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Closed."""
        await self.close()

    @property
    def pids(self) -> frozenset[int]:
        """The processes that run now."""
        return frozenset(child.pid for child in self._living)

    async def decode(self, raws: Sequence[RawMessage]) -> Sequence[Outcome]:
        """An outcome for each payload, in their order.

        Raises Temporary where no child can be had within `wait_seconds`, or none starts; Permanent where a decoder
        cannot be imported.
        """
        outcomes: dict[int, Outcome] = {}
        shares = deque(_shares(raws, self._settings.batch))
        try:
            async with asyncio.TaskGroup() as lanes:
                for _ in range(min(self._settings.children, len(shares))):
                    lanes.create_task(self._serve(raws, shares, outcomes))
        except ExceptionGroup as group:
            raise group.exceptions[0] from group
        return [outcomes[index] for index in range(len(raws))]

    async def extract(self, channel: str, payload: bytes, part: int, member: int, *, most: int) -> bytes:
        """The bytes of a file in a payload, which `part` and `member` number as `Attachment` does; at most `most`.

        Raises Permanent where there is no such file, or none that can be had; Temporary as `decode` does.
        """
        errand = Errand(channel, part, member, most, len(payload))
        blameless = 0
        async with self._child() as seat:
            while True:
                child = await self._seated(seat)
                fresh = child.served == 0
                answer = await child.extract(errand, payload)
                if isinstance(answer, Found) and answer.content is not None:
                    return answer.content
                if isinstance(answer, Found):
                    raise Permanent(f"the message has no file in part {part}.{member}")
                if isinstance(answer, Failure) or answer.certain or (fresh and answer.at is not None):
                    raise Permanent(f"a file cannot be taken out of its message: {answer.reason}")
                self._dismiss(seat)
                blameless += answer.at is None
                if blameless > _BLAMELESS_DEATHS:
                    raise Temporary(f"parser processes end as soon as they get work ({answer.reason})")

    async def _serve(self, raws: Sequence[RawMessage], shares: deque[list[int]], outcomes: dict[int, Outcome]) -> None:
        """Have shares read by one child until none is left."""
        async with self._child() as seat:
            while shares:
                await self._read(seat, raws, shares.popleft(), outcomes)

    async def _read(
        self, seat: list[ChildProcess], raws: Sequence[RawMessage], share: list[int], outcomes: dict[int, Outcome]
    ) -> None:
        """Have a share read. After a death the suspect is read alone by a fresh child, unless it is guilty already."""
        waiting = deque([share])
        blameless = 0
        while waiting:
            part = waiting.popleft()
            child = await self._seated(seat)
            fresh = child.served == 0
            result = await child.work([raws[index] for index in part])
            outcomes.update(zip(part, result.outcomes, strict=False))
            if result.death is None:
                continue
            self._dismiss(seat)
            left = part[len(result.outcomes) :]
            if result.death.at is None:
                waiting.appendleft(left)
                blameless += 1
                if blameless > _BLAMELESS_DEATHS:
                    raise Temporary(f"parser processes end as soon as they get work ({result.death.reason})")
                continue
            suspect = part[max(result.death.at, len(result.outcomes))]
            if len(left) > 1:
                waiting.appendleft([index for index in left if index != suspect])
            if result.death.certain or (fresh and len(part) == 1):
                outcomes[suspect] = self._convict(raws[suspect], result.death)
            else:
                waiting.appendleft([suspect])

    def _convict(self, raw: RawMessage, death: Death) -> Failure:
        log.warning("message too hard to read", id=raw.id, channel=raw.channel, reason=death.reason)
        return Failure("killed", death.reason)

    @asynccontextmanager
    async def _child(self) -> AsyncIterator[list[ChildProcess]]:
        """A seat with a child that works for nobody else; one that is left in the middle of its work is replaced."""
        try:
            async with asyncio.timeout(self._settings.wait.total_seconds()):
                idle = await self._idle.get()
        except TimeoutError as error:
            raise Temporary(
                f"no parser process was free within {written(self._settings.wait)}; trying again"
            ) from error
        seat = [idle] if idle is not None else []
        whole = False
        try:
            await self._seated(seat)
            yield seat
            whole = True
        finally:
            if not whole:
                self._dismiss(seat)
            self._idle.put_nowait(seat[0] if seat else None)

    async def _seated(self, seat: list[ChildProcess]) -> ChildProcess:
        """The child of a seat, ready to work; in place of one that is gone comes a spare, or a new one."""
        if seat and not seat[0].is_alive:
            self._dismiss(seat)
        while self._spares and not seat:
            child = self._spares.popleft()
            if child.is_alive:
                seat.append(child)
            else:
                self._dismiss([child])
        if not seat:
            seat.append(self._hire())  # Where it died at once `ready` says so: a further one would die, too.
        self._stock()
        await seat[0].ready()
        return seat[0]

    def _dismiss(self, seat: list[ChildProcess]) -> None:
        while seat:
            child = seat.pop()
            self._living.discard(child)
            child.bury()

    def _hire(self) -> ChildProcess:
        child = ChildProcess(self._decoders, self._settings)
        self._living.add(child)
        return child

    def _stock(self) -> None:
        while len(self._spares) < self._settings.spares:
            self._spares.append(self._hire())


def _shares(raws: Sequence[RawMessage], most: int) -> Iterator[list[int]]:
    """Which payloads go together: at most `most`, and no more bytes than a frame takes."""
    share: list[int] = []
    size = 0
    for index, raw in enumerate(raws):
        if share and (len(share) == most or size + len(raw.payload) > _FRAME):
            yield share
            share, size = [], 0
        share.append(index)
        size += len(raw.payload)
    if share:
        yield share

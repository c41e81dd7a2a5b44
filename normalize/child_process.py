"""One parser's child, seen from its parent: started, given work, listened to, buried."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from normalize import wire
from normalize.confinement import OUT_OF_MEMORY
from normalize.settings import NormalizeSettings
from normalize.wire import Answer, Batch, Decoder, Errand, Orders, Outcome
from store import sizes
from store.durations import written
from store.errors import Permanent, Temporary
from store.records import RawMessage

_LAST_WORDS = 2000  # Bytes of a child's own error that are repeated.
_LAST_BREATH = 1.0  # Seconds between the end of a child's socket and its own.
_CHUNK = 256 * 1024  # Bytes that are read at once.
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR")  # Nothing that could hold a secret.


class Death(NamedTuple):
    """A child's end in the middle of its work."""

    at: int | None  # The place in the batch of the message that it was working on; None: it had not got them.
    certain: bool  # Whether that message is guilty for certain, whatever went before it.
    reason: str  # In plain words.


class Result(NamedTuple):
    """What a child made of a batch: an outcome for each message, or fewer and how it died."""

    outcomes: list[Outcome]
    death: Death | None


class ChildProcess:
    """A fresh interpreter that reads payloads. Not to be used by two tasks at once."""

    def __init__(self, decoders: Sequence[Decoder], settings: NormalizeSettings) -> None:
        """Starts the process and does not wait for it. Raises Temporary where the system starts none now."""
        self._settings = settings
        self.served = 0  # Messages that were handed to it.
        self._ready = False
        self._heard = bytearray()
        self._notes = tempfile.TemporaryFile()  # noqa: SIM115 (closed in `bury`)
        self._socket, theirs = socket.socketpair()
        self._socket.setblocking(False)
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603 (our own module, in our own interpreter)
                    [sys.executable, "-P", "-s", "-m", "normalize.child", str(theirs.fileno())],
                    cwd="/",
                    env=_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=self._notes,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                )
            except OSError as error:
                self._close()
                raise Temporary(f"no parser process could be started ({error}); trying again") from error
        with contextlib.suppress(OSError):  # It has died already, which `ready` tells with its last words.
            self._socket.send(wire.frame(_orders(decoders, settings)))  # Far below what a socket's buffer takes.

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it runs still."""
        return self._process.poll() is None

    async def ready(self) -> None:
        """Wait until it can work.

        Raises Permanent where a decoder cannot be imported, Temporary where it is not ready in time.
        """
        if self._ready:
            return
        try:
            async with asyncio.timeout(self._settings.start.total_seconds()):
                told = wire.read_ready(await self._receive())
        except TimeoutError as error:
            raise Temporary(
                f"a parser process was not ready within {written(self._settings.start)}: "
                "the machine is overloaded, or `normalize.start` is too short"
            ) from error
        except (EOFError, OSError) as error:
            raise Temporary(f"a parser process ended while it started: {self._last_words()}") from error
        if told.trouble:
            raise Permanent(f"a decoder cannot be used ({told.trouble}): correct the type of its channel")
        self._ready = True

    async def work(self, raws: Sequence[RawMessage]) -> Result:
        """Have all of these read, in order."""
        outcomes: list[Outcome] = []

        async def read_all() -> None:
            await self._send(wire.batch_of(raws), *(raw.payload for raw in raws))
            while len(outcomes) < len(raws):
                outcomes.extend(wire.read_outcomes(await self._patiently()))

        return Result(outcomes, await self._survives(read_all, len(raws)))

    async def extract(self, errand: Errand, payload: bytes) -> Answer | Death:
        """Have a file cut out of a payload."""
        answers: list[Answer] = []

        async def read_one() -> None:
            await self._send(errand, payload)
            answers.append(wire.read_answer(await self._patiently()))

        return await self._survives(read_one, 1) or answers[0]

    async def _survives(self, deed: Callable[[], Awaitable[None]], messages: int) -> Death | None:
        """Do something that takes it so many messages; how it died of that, None where it did not."""
        before = self.served
        self.served += messages
        try:
            await deed()
        except TimeoutError:
            stall = f"reading it did not go on for {written(self._settings.stall)}"
            return Death(self._place(before), certain=True, reason=stall)
        except (EOFError, OSError):
            return self._autopsy(self._place(before))
        return None

    def bury(self) -> None:
        """End the process, whatever it does, and let go of everything. It costs nothing to do it twice."""
        self._process.kill()
        self._process.wait()
        self._close()

    async def _patiently(self) -> memoryview:
        """The next frame. Raises TimeoutError when no message was begun or finished for as long as settings allow."""
        begun = -1
        while True:
            try:
                async with asyncio.timeout(self._settings.stall.total_seconds()):
                    return await self._receive()
            except TimeoutError:
                if begun == self._begun():
                    raise
                begun = self._begun()

    async def _send(self, work: Batch | Errand, *payloads: bytes) -> None:
        """Small payloads go with their frame, large ones as they are."""
        together = bytearray(wire.frame(work))
        async with asyncio.timeout(self._settings.stall.total_seconds()):
            for payload in payloads:
                if len(payload) > _CHUNK:
                    await self._give(together)
                    await self._give(payload)
                    together.clear()
                else:
                    together += payload
            await self._give(together)

    async def _give(self, content: bytes | bytearray) -> None:
        await asyncio.get_running_loop().sock_sendall(self._socket, content)

    async def _receive(self) -> memoryview:
        """The next frame's body; raises EOFError when the child is gone. When cancelled, what was heard is kept."""
        while (missing := self._missing()) > 0:
            chunk = await asyncio.get_running_loop().sock_recv(self._socket, min(_CHUNK, missing))
            if not chunk:
                raise EOFError
            self._heard += chunk
        body, self._heard = memoryview(self._heard)[wire.LENGTH :], bytearray()
        return body

    def _missing(self) -> int:
        """Bytes of the next frame that were not heard yet: first of its length, then of the rest."""
        length = wire.LENGTH
        if len(self._heard) >= length:
            length += int.from_bytes(self._heard[: wire.LENGTH], "big")
        return length - len(self._heard)

    def _begun(self) -> int:
        return int.from_bytes(os.pread(self._notes.fileno(), wire.NOTE, 0), "big")

    def _place(self, before: int) -> int | None:
        """The place in its batch of the message that it was at."""
        begun = self._begun() - before
        return begun - 1 if begun > 0 else None

    def _autopsy(self, at: int | None) -> Death:
        try:
            status = self._process.wait(timeout=_LAST_BREATH)  # Blocks for microseconds: its socket is closed already.
        except subprocess.TimeoutExpired:
            return Death(at, certain=False, reason="the parser process hung up")
        if status == -signal.SIGPROF:
            limit = f"{written(self._settings.cpu)} of computing time"
            return Death(at, certain=True, reason=f"reading it took more than {limit}, which is the limit")
        if status in (OUT_OF_MEMORY, -signal.SIGKILL):
            limit = f"{sizes.written(self._settings.memory)} of memory"
            return Death(at, certain=False, reason=f"reading it took more than {limit}, which is the limit")
        how = f"signal {-status}" if status < 0 else f"status {status}"
        return Death(at, certain=False, reason=f"the parser process ended with {how} while it read it")

    def _last_words(self) -> str:
        size = os.fstat(self._notes.fileno()).st_size
        words = os.pread(self._notes.fileno(), _LAST_WORDS, max(0, size - _LAST_WORDS))
        return words.decode("utf-8", "replace").strip() or "it said nothing"

    def _close(self) -> None:
        self._socket.close()
        self._notes.close()


def _orders(decoders: Sequence[Decoder], settings: NormalizeSettings) -> Orders:
    return Orders(
        decoders=tuple(wire.order_of(decoder) for decoder in decoders),
        cpu_seconds=settings.cpu.total_seconds(),
        memory=settings.memory,
        parent=os.getpid(),
    )


def _environment() -> dict[str, str]:
    """What the child may know of ours: where programs and modules are found, and nothing that holds a secret."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in sys.path)}  # noqa: PTH100 ("" too)

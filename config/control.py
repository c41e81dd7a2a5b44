"""The private socket of a running desk on one machine: commands hand it their actions and hear what became of them."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import structlog

from store.codec import decode, encode
from store.errors import DeskwireError, Permanent, Temporary
from store.records import Action

log = structlog.get_logger()

SOCKET = "control.sock"
MAX_LINE = 1024 * 1024  # Bytes of an action with its text, and of an answer.
WAIT = 15.0  # Seconds for an answer; the desk itself waits 5 s for the router.
LONGEST_NAME = 100  # Bytes of a socket's path, which the system holds in 108 (unix(7)).


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller hears of its action."""

    outcome: str  # Of the inbox; empty: accepted, and not yet applied.
    ticket: int | None = None
    detail: str = ""  # Why it was refused; empty: it was done.
    error: str = ""  # Why it was not even accepted.


Perform = Callable[[Action], Awaitable[Told]]
Reload = Callable[[], Awaitable[str]]

_RELOAD = b"reload\n"  # In the place of an action.


async def listen(folder: Path, perform: Perform, reload: Reload, stop: asyncio.Event) -> None:
    """Serve actions, and the wish to reload, until `stop`; only this machine's owner of the folder can reach it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await asyncio.wait_for(reader.readline(), WAIT)
            writer.write(msgspec.json.encode(await _answered(line, perform, reload)) + b"\n")
            await asyncio.wait_for(writer.drain(), WAIT)
        except (OSError, ValueError, TimeoutError) as error:  # ValueError: a line over the limit.
            log.warning("command not heard", cause=type(error).__name__)
        finally:
            writer.close()

    path = folder / SOCKET
    path.unlink(missing_ok=True)
    with _Reachable(path) as name:
        server = await asyncio.start_unix_server(serve, name, limit=MAX_LINE)
        path.chmod(0o600)
        async with server:
            await stop.wait()
    path.unlink(missing_ok=True)


async def ask(folder: Path, action: Action) -> Told | None:
    """Hand an action to the desk that runs in this folder; None where none runs. Raises Temporary."""
    return await _exchange(folder, encode(action) + b"\n")


async def ask_to_reload(folder: Path) -> Told | None:
    """Let the desk that runs in this folder read its settings again; None where none runs. Raises Temporary.

    `detail` says what is different, `error` why they were not taken over.
    """
    return await _exchange(folder, _RELOAD)


async def _exchange(folder: Path, question: bytes) -> Told | None:
    try:
        with _Reachable(folder / SOCKET) as name:
            reader, writer = await asyncio.wait_for(asyncio.open_unix_connection(name, limit=MAX_LINE), WAIT)
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    try:
        writer.write(question)
        line = await asyncio.wait_for(reader.readline(), WAIT)
        return msgspec.json.decode(line, type=Told)
    except (OSError, TimeoutError, ValueError, msgspec.DecodeError) as error:
        raise Temporary(
            f"the running deskwire did not answer within {WAIT:.0f} s ({type(error).__name__}): "
            "look at its log; the action may have been taken, so look at the ticket before you repeat it"
        ) from error
    finally:
        writer.close()


async def _answered(line: bytes, perform: Perform, reload: Reload) -> Told:
    try:
        if line == _RELOAD:
            return Told(outcome="reloaded", detail=await reload())
        return await perform(decode(line, Action))
    except DeskwireError as error:
        return Told(outcome="", error=str(error))


class _Reachable:
    """A name for a socket that fits into the system's limit, for as long as it is used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder: int | None = None

    def __enter__(self) -> str:
        if len(os.fsencode(self._path)) <= LONGEST_NAME:
            return str(self._path)
        if not Path("/proc/self/fd").is_dir():
            raise Permanent(f"the path {self._path} is too long for a socket: use a data folder with a shorter one")
        self._folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        return f"/proc/self/fd/{self._folder}/{self._path.name}"

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            os.close(self._folder)

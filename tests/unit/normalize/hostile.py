"""Decoders that do what hostile mail makes a parser do; the children of the sandbox's tests import them by name.

What a payload begins with says what happens.
"""

import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from store.codec import derived_id, digest_of
from store.records import MAX_TEXT, Action, Address, Fact, Inbound, Message, RawMessage

KEPT: list[bytearray] = []  # A leak.


class Settings(msgspec.Struct, frozen=True):
    greeting: str = ""


def decode(raw: RawMessage, settings: Settings) -> Sequence[Inbound | Action]:
    command, _, argument = raw.payload.decode("utf-8", "surrogateescape").partition(" ")
    text = DEEDS[command](argument) if command in DEEDS else raw.payload.decode("utf-8", "surrogateescape")
    return [
        Message(
            id=derived_id(raw.id, "0"),
            raw=raw.id,
            channel=raw.channel,
            sender=Address(kind="mail", value="customer@example.org"),
            text=settings.greeting + text,
            received_at=raw.received_at,
            fingerprint=digest_of(raw.payload),
        )
    ]


def act(raw: RawMessage, settings: Settings) -> Sequence[Inbound | Action]:
    return [Action(id=derived_id(raw.id, "0"), kind="note", actor="person:ola", text="\x00noted", at=raw.received_at)]


def both(raw: RawMessage, settings: Settings) -> Sequence[Inbound | Action]:
    return [*decode(raw, settings), *act(raw, settings)]


def nothing(raw: RawMessage, settings: Settings) -> Sequence[Inbound | Action]:
    return []


def huge(raw: RawMessage, settings: Settings) -> Sequence[Inbound | Action]:
    (message,) = decode(raw, settings)
    assert isinstance(message, Message)
    facts = tuple(Fact(name=str(number), value="\U0001f600" * 1000) for number in range(1000))
    return [msgspec.structs.replace(message, text="\U0001f600" * MAX_TEXT, facts=facts)]


def extract(payload: bytes, part: int, member: int) -> bytes | None:
    """The word of that number; a word with a command in it is obeyed."""
    words = payload.split(b"|")
    if part >= len(words):
        return None
    command, _, argument = words[part].decode().partition(" ")
    return DEEDS[command](argument).encode() if command in DEEDS else words[part] + b"#%d" % member


def _spin(_: str) -> str:
    while True:
        pass


def _sleep(argument: str) -> str:
    time.sleep(float(argument))
    return "slept"


def _hog(_: str) -> str:
    hoard = []
    while True:
        hoard.append(bytearray(16 * 1024 * 1024))


def _take(argument: str) -> str:
    return str(len(bytearray(int(argument) * 1024 * 1024)))


def _keep(argument: str) -> str:
    KEPT.append(bytearray(int(argument) * 1024 * 1024))
    return "kept"


def _core(_: str) -> str:
    return str(max(resource.getrlimit(resource.RLIMIT_CORE)))


def _exit(argument: str) -> str:
    os._exit(int(argument))


def _leave(_: str) -> str:
    sys.exit("bye")


def _crash(_: str) -> str:
    ctypes.string_at(0)
    return "alive"


def _recurse(argument: str) -> str:
    return _recurse(argument) + "."


def _raise(argument: str) -> str:
    raise ValueError(argument)


def _print(argument: str) -> str:
    print(argument)  # noqa: T201
    print(argument, file=sys.stderr)  # noqa: T201
    os.write(1, argument.encode())
    return "printed"


def _environment(_: str) -> str:
    return " ".join(sorted(os.environ))


def _files(_: str) -> str:
    """What its open descriptors beyond the standard ones are."""
    numbers = [entry for number in range(3, 64) if (entry := Path(f"/proc/self/fd/{number}")).is_symlink()]
    links = [str(entry.readlink()) for entry in numbers]
    return " ".join(sorted("deleted" if "(deleted)" in link else link.partition(":")[0] for link in links))


def _status(_: str) -> str:
    return " ".join(Path("/proc/self/status").read_text(encoding="ascii").split())


def _write(argument: str) -> str:
    return _refusal(lambda: Path(argument).write_bytes(b"x" * 100_000))


def _fork(_: str) -> str:
    return _refusal(lambda: subprocess.run(["/bin/true"], check=True))


def _interrupt(_: str) -> str:
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(os.getpid(), number)
    return "still here"


def _refusal(deed: Callable[[], object]) -> str:
    try:
        deed()
    except OSError as error:
        return type(error).__name__
    return "done"


def _deafen(_: str) -> str:
    """Close every socket, as a parser gone wild might; the parent's may have any number that the parent gave it."""
    for number in range(3, 4096):
        try:
            socket.socket(fileno=number).close()
        except OSError:
            continue
    return "deaf"


DEEDS = {
    "spin": _spin,
    "sleep": _sleep,
    "hog": _hog,
    "take": _take,
    "keep": _keep,
    "core": _core,
    "exit": _exit,
    "leave": _leave,
    "crash": _crash,
    "recurse": _recurse,
    "raise": _raise,
    "print": _print,
    "environment": _environment,
    "files": _files,
    "status": _status,
    "write": _write,
    "fork": _fork,
    "interrupt": _interrupt,
    "deafen": _deafen,
}

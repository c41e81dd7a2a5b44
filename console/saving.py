"""Writes strangers' files into a folder: under safe names, never outside it, never over another file."""

import contextlib
import os
from itertools import count
from pathlib import Path

from ingest.channels.mail.names import safe_name
from store.errors import Permanent

_LONGEST = 200  # Bytes of a name in UTF-8; file systems take 255 (limits.h, NAME_MAX), and a number may come to it.
_LONGEST_ENDING = 40  # Bytes.
_MOST = 10_000  # Files of one name, after which something is wrong.


def saving_folder(path: Path) -> Path:
    """The folder, made where it is missing; raises Permanent where it cannot be one."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Permanent(f"files cannot be saved in {path} ({error.strerror}): name a folder that is yours") from error
    return path


def save(folder: Path, name: str, content: bytes) -> Path:
    """Write a file that only its owner can read, and return where it is.

    A name that is taken gets a number before its ending. Raises Permanent where it cannot be written.
    """
    stem, ending = _parted(safe_name(name) or "file")
    for number in count():
        path = folder / (f"{stem}-{number}{ending}" if number else f"{stem}{ending}")
        try:
            # Whatever stands there, a link as well, is left alone (open(2), O_EXCL).
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            if number >= _MOST:
                raise Permanent(f"{folder} is full of files named {stem}{ending}: name another folder") from None
            continue
        except OSError as error:
            raise _unwritten(path, error) from error
        _write(descriptor, path, content)
        return path
    raise AssertionError("counting does not end")


def _write(descriptor: int, path: Path, content: bytes) -> None:
    """Raises Permanent; what was written of it is then gone again."""
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        with contextlib.suppress(OSError):
            path.unlink()
        raise _unwritten(path, error) from error


def _unwritten(path: Path, error: OSError) -> Permanent:
    return Permanent(f"{path} cannot be written ({error.strerror}): make room, or name a folder that is yours")


def _parted(name: str) -> tuple[str, str]:
    """The name's stem, cut where it is too long, and its ending with the dot."""
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or len(ending.encode()) > _LONGEST_ENDING:
        stem, ending = name, ""
    else:
        ending = dot + ending
    room = _LONGEST - len(ending.encode())
    return stem.encode()[:room].decode("utf-8", "ignore"), ending

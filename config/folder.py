"""The data folder of a desk on one machine: who may write in it, and the key that it signs with."""

import fcntl
import os
import secrets
from pathlib import Path

from store.errors import Permanent, Temporary

KEY_FILE = "secret.key"
LOCK_FILE = "deskwire.lock"
SHORTEST_KEY = 32  # Characters: a key that can be guessed signs nothing.


class FolderLock:
    """The right to write in a data folder, held by one process at a time and let go by its death."""

    def __init__(self, folder: Path) -> None:
        """Takes the lock; raises Temporary where another process holds it."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._handle = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._handle)
            raise Temporary(
                f"another deskwire process works in {folder}: stop it first, or give this one a data folder of its own"
            ) from error

    def release(self) -> None:
        """Let another process write."""
        os.close(self._handle)


def signing_key(folder: Path) -> bytes:
    """The key of this folder's desk; made at the first start, and readable by its owner alone.

    Raises Permanent where the file is too short or readable by others.
    """
    path = folder / KEY_FILE
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _checked(path)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(SHORTEST_KEY) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return _checked(path)


def _checked(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise Permanent(f"the signing key {path} can be read by other users: run chmod 600 {path}")
    key = path.read_bytes().strip()
    if len(key) < SHORTEST_KEY:
        raise Permanent(
            f"the signing key {path} has {len(key)} characters, and {SHORTEST_KEY} are the least: "
            "delete it, and a new one is made; links and reply addresses that were sent before stop working"
        )
    return key

"""Blobs in a folder: `ab/cd/<sha256>`, each on the disk whole before its key is known."""

import asyncio
import contextlib
import errno
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from store.blobs_spool import Spool
from store.errors import Permanent, StorageBroken, Temporary

_KEY = re.compile(r"[0-9a-f]{64}")
_UNFINISHED_FOR = 24 * 3600  # Seconds; nobody is still writing a file that was last written to a day ago.


class FileBlobs:
    """Keeps blobs in a folder of this machine, or one that several machines share."""

    def __init__(self, folder: Path) -> None:
        """The folder is made when the first blob is put."""
        self._folder = folder
        self._prepared = False

    async def put(self, content: bytes) -> str:
        """As `Blobs.put`; also raises StorageBroken where the disk failed."""
        return await asyncio.to_thread(self._put, content)

    async def begin(self) -> "FileWriter":
        """As `Blobs.begin`; also raises StorageBroken where the disk failed, as the writer does."""
        return await asyncio.to_thread(self._begin)

    async def get(self, key: str) -> bytes:
        """As `Blobs.get`; also raises Temporary where the file is there and cannot be read."""
        return await asyncio.to_thread(self._get, key)

    async def close(self) -> None:
        """Nothing is held open."""

    def _put(self, content: bytes) -> str:
        key = hashlib.sha256(content).hexdigest()
        with _sorting(self._folder):
            self._prepare()
            if _holds(self._path(key), content):
                self._sync(key)
                return key
        writer = self._begin()
        try:
            writer.fill(content)
            return writer.keep()
        finally:
            writer.forget()

    def _begin(self) -> "FileWriter":
        with _sorting(self._folder):
            self._prepare()
            descriptor, unfinished = tempfile.mkstemp(dir=self._folder, suffix=".part")
            return FileWriter(self, Spool(os.fdopen(descriptor, "wb", buffering=0)), Path(unfinished))

    def adopt(self, unfinished: Path, key: str) -> None:
        """Give a writer's whole file its name, for a thread; what is there already is replaced by its like."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.replace(path)
        self._sync(key)

    def _sync(self, key: str) -> None:
        """A file in a folder that is lost is lost too.

        Also for what was there already: another process may have made it a moment ago, and not synced it yet.
        """
        parent = self._path(key).parent
        for folder in (parent, parent.parent, self._folder):
            _sync_folder(folder)

    def _prepare(self) -> None:
        """Make the folder, and clear away what crashes have left in it."""
        if self._prepared:
            return
        if not self._folder.is_dir():
            self._folder.mkdir(parents=True, exist_ok=True)
            _sync_folder(self._folder.parent)
        for unfinished in self._folder.glob("*.part"):
            with contextlib.suppress(FileNotFoundError):  # Another blob was finished meanwhile.
                if time.time() - unfinished.stat().st_mtime > _UNFINISHED_FOR:
                    unfinished.unlink()
        self._prepared = True

    def _get(self, key: str) -> bytes:
        path = self._path(key)
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise Permanent(f"there is no blob {key} in {self._folder}: restore it from a backup") from error
        except OSError as error:
            raise Temporary(f"the blob {key} in {self._folder} cannot be read ({error.strerror})") from error
        if hashlib.sha256(content).hexdigest() != key:
            raise Permanent(f"the blob {key} in {self._folder} is damaged: its content has another hash; restore it")
        return content

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise Permanent(f"a blob's key is 64 hexadecimal digits, and this is {key[:80]!r}")
        return self._folder / key[:2] / key[2:4] / key


class FileWriter:
    """A blob of a folder on its way; see `BlobWriter`.

    A crash leaves either the whole file under its name, or none; of an unfinished one only `*.part` stays.
    """

    def __init__(self, blobs: FileBlobs, spool: Spool, unfinished: Path) -> None:
        """`FileBlobs.begin` makes it."""
        self._blobs = blobs
        self._spool = spool
        self._unfinished = unfinished

    async def write(self, piece: bytes) -> None:
        """As `BlobWriter.write`."""
        await asyncio.to_thread(self.fill, piece)

    async def finish(self) -> str:
        """As `BlobWriter.finish`."""
        return await asyncio.to_thread(self.keep)

    async def abandon(self) -> None:
        """As `BlobWriter.abandon`."""
        await asyncio.to_thread(self.forget)

    def fill(self, piece: bytes) -> None:
        """`write`, for a thread."""
        with _sorting(self._unfinished.parent):
            self._spool.add(piece)

    def keep(self) -> str:
        """`finish`, for a thread."""
        with _sorting(self._unfinished.parent):
            key = self._spool.seal()
            self._blobs.adopt(self._unfinished, key)
        self._spool.close()
        return key

    def forget(self) -> None:
        """`abandon`, for a thread."""
        self._spool.close()
        self._unfinished.unlink(missing_ok=True)


def _holds(path: Path, content: bytes) -> bool:
    """Whether the file is there and undamaged; a damaged one is written anew."""
    try:
        return path.read_bytes() == content
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _sorting(folder: Path) -> Iterator[None]:
    """After a failed write or sync nobody knows what is on the disk; any other trouble may pass."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EIO:
            raise StorageBroken(
                f"the disk of {folder} failed ({error.strerror}): check the disk, then start again"
            ) from error
        raise Temporary(
            f"a blob cannot be kept in {folder} ({error.strerror}): check its space and permissions"
        ) from error

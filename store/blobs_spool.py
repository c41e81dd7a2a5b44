"""A blob's unfinished file: filled piece by piece, and hashed on the way."""

import hashlib
import os
import threading
from typing import BinaryIO


class Spool:
    """The file of one blob that is being written. Its methods block: call them from threads.

    A caller that is cancelled leaves its thread at work, so each method waits for the one before it.
    """

    def __init__(self, file: BinaryIO) -> None:
        """`file` is open for reading and writing, without a buffer, and empty; it is the spool's from now on."""
        self.size = 0  # Bytes.
        self.file = file
        self._hash = hashlib.sha256()
        self._lock = threading.Lock()

    def add(self, piece: bytes) -> None:
        """Write a piece; raises OSError."""
        with self._lock:
            left = memoryview(piece)
            while left:  # A file without a buffer may take less than it is given.
                left = left[self.file.write(left) :]
            self._hash.update(piece)
            self.size += len(piece)

    def seal(self) -> str:
        """The key of all that was written, which is on the disk then; raises OSError."""
        with self._lock:
            os.fsync(self.file.fileno())
            return self._hash.hexdigest()

    def close(self) -> None:
        """Let go of the file; it may be done again."""
        with self._lock:
            self.file.close()

"""How this process's allocator treats large blocks."""

import ctypes
import sys

_M_MMAP_THRESHOLD = -3  # malloc.h
_LARGE = 1024 * 1024  # Bytes; above the pieces that mail comes in, below what goes through as one.


def return_large_blocks() -> None:
    """Give a large block back to the system as soon as it is free.

    By itself glibc learns from the first large mail to keep such blocks, in each thread's arena, and a desk that read
    a few would stay as large as all its threads together (mallopt(3), M_MMAP_THRESHOLD). Elsewhere nothing is changed.
    """
    if sys.platform == "linux" and hasattr(allocator := ctypes.CDLL(None), "mallopt"):
        allocator.mallopt(_M_MMAP_THRESHOLD, _LARGE)

"""What a parser's child gives up before it reads a stranger's bytes, and the limits of each message."""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

OUT_OF_MEMORY = 77  # The status with which a child ends that hit its limit of memory.

# linux/prctl.h
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38

_LARGEST_FILE = 4096  # Bytes: room for the note of what is being worked on, and for nothing else.
_OPEN_FILES = 32  # Modules and code tables that Python still loads are opened one at a time.


def leave_signals_to_parent() -> None:
    """The parent drains on SIGINT and SIGTERM; a child ends when its socket closes, or when its limit kills it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)


def die_with_parent(parent: int) -> None:
    """End at once when the process `parent` ends, even in the middle of a message (Linux; else by the socket)."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # It ended before the line above.
        os._exit(0)


def confine(memory: int) -> None:
    """From here on: no new privileges, processes or core dumps, no file written, `memory` bytes above the present."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    sys.dont_write_bytecode = True
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, _LARGEST_FILE)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_AS, _address_space() + memory)


def allow_cpu(seconds: float) -> None:
    """Kill this process once it has computed for so long from now; 0 lifts the limit.

    SIGPROF counts the time of this process alone, so that a busy machine makes nobody guilty.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def _address_space() -> int:
    """Bytes of address space that this process has; 1 GiB where the system does not say."""
    table = Path("/proc/self/statm")  # proc(5): the first number, in pages.
    return int(table.read_text(encoding="ascii").split()[0]) * resource.getpagesize() if table.exists() else 1 << 30


def _prctl(option: int, argument: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, argument, 0, 0, 0)

"""Starts, ends and weighs processes. What they cost is read from Linux's /proc."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
START = 30.0  # Seconds in which a process must take connections.
END = 60.0  # Seconds in which it must end when it is asked to.
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Failed(Exception):
    """A process of the benchmark did not do what it had to; the text says which, and what it wrote."""


class Weight(NamedTuple):
    """What one process has cost so far."""

    name: str
    cpu: float  # Seconds, user and system.
    rss: float  # MiB.


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def python(module: str, *arguments: object) -> list[str]:
    """The command that runs a module of ours."""
    return [sys.executable, "-m", module, *map(str, arguments)]


def start(command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a process that writes to `log`."""
    with log.open("ab") as output:
        return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the process takes connections. Raises Failed."""
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Failed(f"{process.args!r} ended at its start; {log} says:\n{tail(log)}")
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise Failed(f"{process.args!r} took no connection within {START:g} s; {log} says:\n{tail(log)}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, and wait. Raises Failed where it does not."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(END)
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.wait()
        raise Failed(f"{process.args!r} did not end within {END:g} s of SIGTERM") from error


@contextmanager
def running(command: Sequence[str], port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that takes connections on `port`, until the block ends."""
    process = start(command, log)
    try:
        wait_for(port, process, log)
        yield process
    finally:
        stop(process)


def tree(pid: int) -> list[int]:
    """The process and all that it has started, itself first."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # It has ended meanwhile.
            continue
        parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found = [pid]
    for one in found:
        found.extend(parents.get(one, []))
    return found


def weights(pid: int) -> list[Weight]:
    """What the process and each of its children have cost; nothing where there is no /proc."""
    found = []
    for one in tree(pid):
        folder = Path("/proc") / str(one)
        try:
            fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            pages = int((folder / "statm").read_text(encoding="ascii").split()[1])
        except OSError:
            continue
        name = "main" if one == pid else "parser"
        found.append(Weight(name, (int(fields[11]) + int(fields[12])) / _TICK, pages * _PAGE / 2**20))
    return found


def tail(log: Path, size: int = 3000) -> str:
    """The end of what a process wrote."""
    return log.read_bytes()[-size:].decode("utf-8", "replace") if log.exists() else ""

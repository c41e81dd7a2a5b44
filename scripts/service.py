"""What the scripts share that run a service for tests: ports, refusals, and a note of what was started."""

import os
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from typing import NoReturn


def refuse(text: str) -> NoReturn:
    """Say why not, and end."""
    print(text, file=sys.stderr)
    raise SystemExit(2)


def tail(file: Path) -> str:
    """The end of a log, to show with an error."""
    return file.read_text(encoding="utf-8", errors="replace")[-3000:]


def free_port() -> int:
    """A loopback port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def refuse_second(note: Path) -> None:
    """End where a service is noted as running already."""
    if note.exists():
        refuse(f"{note} says that it runs already: end that one with the command `stop`")


def remember(note: Path, pid: int, folder: Path) -> None:
    """Note what was started, for `stop_remembered`."""
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(f"{pid}\n{folder}\n", encoding="utf-8")


def stop_remembered(note: Path, asking: signal.Signals) -> None:
    """Ask the process that was noted to stop, kill it after half a minute, and delete its folder."""
    if not note.exists():
        refuse("nothing was started from here")
    pid, folder = note.read_text(encoding="utf-8").splitlines()
    end = time.monotonic() + 30.0
    try:
        os.kill(int(pid), asking)
        while time.monotonic() < end:
            time.sleep(0.1)
            os.kill(int(pid), 0)
        os.kill(int(pid), signal.SIGKILL)
    except ProcessLookupError:
        pass  # It has ended.
    shutil.rmtree(folder, ignore_errors=True)
    note.unlink()

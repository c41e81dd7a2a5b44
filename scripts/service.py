"""What the scripts share that run a service for tests: commands, ports, refusals, and a note of what was started."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

# Starts a service that keeps all it has in a folder; returns it once it is ready, with its address.
Launch = Callable[[Path], tuple[subprocess.Popen[bytes], str]]


def obey(usage: str, prefix: str, note: Path, launch: Launch) -> None:
    """Run the command that the arguments name: `start`, `stop` or `run`. Folders of the service begin with `prefix`."""
    commands = {
        "start": lambda: start(prefix, note, launch),
        "stop": lambda: stop_remembered(note, signal.SIGTERM),
        "run": lambda: run(prefix, launch),
    }
    if sys.argv[1:] not in [[name] for name in commands]:
        refuse(usage)
    commands[sys.argv[1]]()


def start(prefix: str, note: Path, launch: Launch) -> None:
    """Leave a service running in the background."""
    refuse_second(note)
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        service, address = launch(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    remember(note, service.pid, folder)
    print(address, flush=True)


def run(prefix: str, launch: Launch) -> None:
    """Keep a service until this process is interrupted or whoever started it is gone, which closes its input."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        service, address = launch(folder)
        try:
            print(address, flush=True)
            sys.stdin.read()
        finally:
            service.terminate()
            service.wait(30)
    except KeyboardInterrupt:
        pass
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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

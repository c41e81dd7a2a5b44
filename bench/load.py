"""Runs the load client, and reads what it did."""

import json
import subprocess
from pathlib import Path
from typing import NamedTuple

from bench.processes import ROOT, Failed, python
from bench.workload import Workload

PATIENCE = 600.0  # Seconds that a load may take.


class Sent(NamedTuple):
    """One mail that the server said 250 to."""

    message_id: str
    due: float  # When it was to be sent; in a closed loop the start of everything.
    data_at: float
    taken_at: float


class Load(NamedTuple):
    """What the client did. Times are those of the monotonic clock, in seconds."""

    began: float
    ended: float
    cpu: float  # The client's own computing time.
    sent: tuple[Sent, ...]

    @property
    def rate(self) -> float:
        """Mails a second, from the first byte to the last 250."""
        return len(self.sent) / (self.ended - self.began)

    @property
    def cpu_share(self) -> float:
        """Of one core."""
        return self.cpu / (self.ended - self.began)


class Loader:
    """A client process: ready at once, sending once it is told to."""

    def __init__(self, workload: Workload, port: int, out: Path, *flags: object) -> None:
        """Waits until it is ready. `flags` are `bench.client`'s. Raises Failed."""
        self._out = out
        fixed = ("--cache", workload.folder.parent, "--mails", len(workload.listed), "--port", port, "--out", out)
        self._process = subprocess.Popen(
            python("bench.client", *fixed, *flags),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "ready\n":
            _, complaint = self._process.communicate()
            raise Failed(f"the load client failed before it began:\n{complaint[-3000:]}")

    def go(self) -> None:
        """Begin to send."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    @property
    def sending(self) -> bool:
        """Whether it is not done yet."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.communicate()

    def result(self) -> Load:
        """Wait until everything was sent. Raises Failed."""
        try:
            _, complaint = self._process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired as error:
            self.kill()
            raise Failed(f"the load client was not done within {PATIENCE:g} s") from error
        if self._process.returncode:
            raise Failed(f"the load client failed:\n{complaint[-3000:]}")
        told = json.loads(self._out.read_text(encoding="utf-8"))
        sent = tuple(Sent(*line) for line in told["lines"])
        return Load(told["began"], told["ended"], told["cpu"], sent)

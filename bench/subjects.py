"""What is measured, each in a process of its own, started afresh for each round."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from bench import peers
from bench.desk import Desk
from bench.gate import wrong_in
from bench.ledger import Ledger
from bench.load import PATIENCE, Load, Loader
from bench.processes import Failed, Weight, free_port, python, running, weights
from bench.workload import WARM_UP, Workload

LOOK = 0.05  # Seconds between looks at the database: little load, and a hundredth of the shortest run.


class Setup(NamedTuple):
    """What all subjects get."""

    workload: Workload
    folder: Path  # Emptied for each.
    cache: Path
    connections: int


class Measured(NamedTuple):
    """One subject in one round."""

    rate: float  # Mails a second.
    cpu: float  # Computing time of all its processes, in milliseconds per mail.
    client: float  # The load client's share of one core; 0: it had none.
    weights: tuple[Weight, ...]  # Its processes at the end.
    wrong: tuple[str, ...] = ()  # What it got wrong: its figure does not count.


Subject = Callable[[Setup], Measured]


def calibration() -> float:
    """Seconds that a fixed piece of Python takes: what the machine is worth at this moment."""
    began = time.perf_counter()
    total = 0
    for number in range(3_000_000):
        total += number * number & 0xFF
    return time.perf_counter() - began


def null_receiver(setup: Setup) -> Measured:
    """R1: aiosmtpd with a handler that keeps nothing."""
    port = free_port()
    with running(python("bench.null_receiver", port), port, setup.folder / "null.log") as process:
        loader = _loader(setup, port)
        before = weights(process.pid)
        loader.go()
        load = loader.result()
        after = weights(process.pid)
    return _measured(load.rate, load, before, after)


def acceptance(setup: Setup) -> Measured:
    """O1: Deskwire up to its 250, the mail durable; only the role `ingest` runs."""
    desk = Desk(setup.folder / "desk")
    with desk.run("ingest"):
        loader = _loader(setup, desk.port)
        before = desk.weights()
        loader.go()
        load = loader.result()
        after = desk.weights()
    expected = len(setup.workload.listed) + WARM_UP
    with closing(sqlite3.connect(desk.folder / "data" / "log.db")) as log:
        (kept,) = log.execute("SELECT count(*) FROM records WHERE topic = 'deskwire.raw'").fetchone()
    wrong = () if kept == expected else (f"{kept} mails are in the log, and {expected} got a 250",)
    return _measured(load.rate, load, before, after, wrong)


def tickets(setup: Setup, *, profile: Path | None = None) -> Measured:
    """O2: Deskwire up to the committed ticket with its acknowledgement queued; all roles in one process."""
    desk = Desk(setup.folder / "desk")
    with desk.with_relay(), desk.run(profile=profile), closing(Ledger(desk.database)) as ledger:
        loader = _loader(setup, desk.port)
        _until(ledger, WARM_UP)
        before = desk.weights()
        loader.go()
        _until(ledger, WARM_UP + setup.workload.tickets)
        done = time.monotonic()
        after = desk.weights()
        load = loader.result()
        _until_routed(ledger, setup.workload)
        wrong = wrong_in(ledger, setup.workload)
    return _measured(len(load.sent) / (done - load.began), load, before, after, tuple(wrong))


def stock_peer(setup: Setup) -> Measured:
    """P1: django-helpdesk on SQLite as it comes."""
    return _peer(setup, tuned=False)


def tuned_peer(setup: Setup) -> Measured:
    """P2: django-helpdesk on SQLite in WAL mode with synchronous FULL, one transaction for each mail."""
    return _peer(setup, tuned=True)


SUBJECTS: dict[str, Subject] = {
    "R1": null_receiver,
    "O1": acceptance,
    "O2": tickets,
    "P1": stock_peer,
    "P2": tuned_peer,
}


def _peer(setup: Setup, *, tuned: bool) -> Measured:
    told = peers.run(setup.workload, setup.cache, setup.folder / "helpdesk", tuned=tuned)
    weight = Weight("main", told.cpu, told.rss)
    wrong = []
    if (told.tickets, told.messages) != (setup.workload.tickets, len(setup.workload.listed)):
        wrong.append(f"it has {told.tickets} tickets with {told.messages} messages")
    mails = len(setup.workload.listed)
    return Measured(mails / told.seconds, 1000 * told.cpu / mails, 0.0, (weight,), tuple(wrong))


def _loader(setup: Setup, port: int) -> Loader:
    return Loader(setup.workload, port, setup.folder / "load.json", "--connections", setup.connections, "--warm")


def _measured(
    rate: float, load: Load, before: list[Weight], after: list[Weight], wrong: tuple[str, ...] = ()
) -> Measured:
    spent = sum(one.cpu for one in after) - sum(one.cpu for one in before)
    return Measured(rate, 1000 * spent / len(load.sent), load.cpu_share, tuple(after), wrong)


def _until(ledger: Ledger, acknowledgements: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while (seen := ledger.look()) < acknowledgements:
        if time.monotonic() > deadline:
            raise Failed(f"{seen} of {acknowledgements} acknowledgements were queued within {PATIENCE:g} s")
        time.sleep(LOOK)


def _until_routed(ledger: Ledger, workload: Workload) -> None:
    """A reply opens nothing, so the last acknowledgement may come before the last message."""
    deadline = time.monotonic() + PATIENCE
    while ledger.incoming() < len(workload.listed) and time.monotonic() < deadline:
        time.sleep(LOOK)

"""Latency in open loop: mails come at their own times, whether or not the last one was answered."""

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from bench.desk import Desk
from bench.ledger import Ledger
from bench.load import PATIENCE, Loader
from bench.processes import Failed
from bench.workload import WARM_UP, Workload

LOOK = 0.005  # Seconds between looks at the database: what a row's time is known to.
LONGEST = 15.0  # Seconds of one level.
CONNECTIONS = 20  # As many as the listener's default lets one client have.


class Latency(NamedTuple):
    """How long mails took at one rate, in milliseconds."""

    rate: float  # Mails a second that came.
    mails: int
    late: float  # 99th percentile of how much too late the client sent: it must be small for the rest to count.
    accepted: tuple[float, float]  # From DATA to 250, median and 99th percentile.
    queued: tuple[float, float]  # From 250 to the acknowledgement's row, seen from another connection.


def latency(workload: Workload, folder: Path, rate: float) -> Latency:
    """Send mails at this rate to a fresh desk. Raises Failed."""
    mails = max(1, min(len(workload.listed), round(rate * LONGEST)))
    desk = Desk(folder / "latency")
    flags = ("--connections", CONNECTIONS, "--warm", "--rate", rate, "--limit", mails)
    tickets = sum(one["reply_to"] is None for one in workload.listed[:mails])
    with desk.with_relay(), desk.run(), closing(Ledger(desk.database)) as ledger:
        loader = Loader(workload, desk.port, folder / "load.json", *flags)
        _watch(ledger, WARM_UP)
        loader.go()
        _watch(ledger, WARM_UP + tickets)
        load = loader.result()
        number_of = ledger.tickets_of()
    waited = [
        ledger.seen[number_of[sent.message_id]] - sent.taken_at
        for sent in load.sent
        if sent.message_id not in workload.replies
    ]
    return Latency(
        rate=rate,
        mails=mails,
        late=_percentile([sent.data_at - sent.due for sent in load.sent], 0.99),
        accepted=_both([sent.taken_at - sent.data_at for sent in load.sent]),
        queued=_both(waited),
    )


def _watch(ledger: Ledger, acknowledgements: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while (seen := ledger.look()) < acknowledgements:
        if time.monotonic() > deadline:
            raise Failed(f"{seen} of {acknowledgements} acknowledgements were queued within {PATIENCE:g} s")
        time.sleep(LOOK)


def _both(seconds: Sequence[float]) -> tuple[float, float]:
    return _percentile(seconds, 0.5), _percentile(seconds, 0.99)


def _percentile(seconds: Sequence[float], share: float) -> float:
    """In milliseconds; the smallest value that this share does not exceed."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

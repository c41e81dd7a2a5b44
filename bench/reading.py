"""What reading a mail costs: `python -m bench.reading`, the median and p99 of the decoder and of each step, and shares.

It runs in one thread of this process, as the parser's child does, and counts computing time: what other programs do on
the machine is not in it. The goal is a median of at most 1 ms for decoding and all steps together.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple

from bench.intake import CACHE
from bench.workload import Mail, prepared
from ingest.channels.mail.decode import Decoding, decode
from normalize.pipeline import STEPS
from store.records import Envelope, Message, RawMessage

GOAL = 1.0  # Milliseconds in the median.
_SETTINGS = Decoding(addresses=("support@desk.example",))
_RECEIVED = datetime(2024, 5, 1, 8, tzinfo=UTC)


class Reading(NamedTuple):
    """Milliseconds that one mail took."""

    decode: float
    steps: tuple[float, ...]  # In the order of STEPS.

    @property
    def whole(self) -> float:
        """All of it."""
        return self.decode + sum(self.steps)


def main() -> int:
    """Measure and print; 1 where the goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3, help="the best of them counts, mail by mail")
    asked = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    mails = prepared(CACHE, asked.mails).mails
    rounds = [[_read(mail) for mail in mails] for _ in range(asked.rounds)]
    best = [min(readings, key=lambda reading: reading.whole) for readings in zip(*rounds, strict=True)]
    print(told(best))
    return 0 if statistics.median(reading.whole for reading in best) <= GOAL else 1


def _read(mail: Mail) -> Reading:
    raw = RawMessage(
        id="raw",
        channel="mail",
        received_at=_RECEIVED,
        content_type="message/rfc822",
        payload=mail.content,
        envelope=Envelope(sender=mail.sender),
    )
    started = time.thread_time()
    (message,) = decode(raw, _SETTINGS)
    decoded = time.thread_time()
    if not isinstance(message, Message):
        raise TypeError(f"{mail.message_id} was read as a report; the workload holds none: make it anew")
    times = [decoded]
    for step in STEPS:
        message = step(message)
        times.append(time.thread_time())
    steps = tuple((after - before) * 1000 for before, after in pairwise(times))
    return Reading((decoded - started) * 1000, steps)


def told(readings: Sequence[Reading]) -> str:
    """The table."""
    rows = [("decode", [reading.decode for reading in readings])]
    rows += [(step.__name__, [reading.steps[place] for reading in readings]) for place, step in enumerate(STEPS)]
    rows.append(("all", [reading.whole for reading in readings]))
    total = sum(rows[-1][1])
    lines = [f"{len(readings)} mails, milliseconds of computing time", f"{'':24}{'median':>9}{'p99':>9}{'share':>8}"]
    for name, times in rows:
        p99 = statistics.quantiles(times, n=100)[98]
        lines.append(f"{name:24}{statistics.median(times):9.3f}{p99:9.3f}{sum(times) / total:8.1%}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

"""The load: an SMTP client in a process of its own, with payloads encoded beforehand, so that it costs little.

It loads the mails, sends the warm-up, writes "ready", waits for a line on standard input, then sends. At the end it
writes one JSON document with a line for each mail. Times are those of the machine's monotonic clock, which all
processes share.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bench.gen_workload import RECIPIENT
from bench.wire import Refused, Wire
from bench.workload import Mail, prepared, warm_up

PAUSE = 0.05  # Seconds before a client that was sent away comes again.
GAP_SEED = 7


class Sending(NamedTuple):
    """A mail on its way: its place in the plan, when it is due, and its bytes on the wire."""

    mail: Mail
    due: float  # Seconds after the start; 0 in a closed loop.
    payload: bytes


@dataclass
class Client:
    """Sends a plan over a number of connections."""

    port: int
    plan: Iterator[Sending]
    patient: bool  # Whether a refusal or a broken connection is tried again, as mail servers do.
    lines: list[tuple[str, float, float, float]] = field(default_factory=list)  # Message-ID, due, DATA, 250.

    async def run(self, connections: int) -> tuple[float, float]:
        """Send everything; returns when it began and ended."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for _ in range(connections):
                group.create_task(self._work(began))
        return began, time.monotonic()

    async def _work(self, began: float) -> None:
        wire: Wire | None = None
        for sending in self.plan:
            due = began + sending.due
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            while True:
                try:
                    wire = wire or await Wire.connect(self.port)
                    data_at = await wire.send(sending.mail.sender, RECIPIENT, sending.payload)
                except (OSError, Refused):
                    if not self.patient:
                        raise
                    if wire is not None:
                        wire.close()
                    wire = None
                    await asyncio.sleep(PAUSE)
                    continue
                self.lines.append((sending.mail.message_id, due, data_at, time.monotonic()))
                break
        if wire is not None:
            wire.close()


def dotted(content: bytes) -> bytes:
    """A mail as it goes over the wire after DATA (RFC 5321, 4.5.2)."""
    whole = content if content.endswith(b"\r\n") else content + b"\r\n"
    return (b"." if whole.startswith(b".") else b"") + whole.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def planned(mails: tuple[Mail, ...], *, rate: float, again: float) -> Iterator[Sending]:
    """The mails in order; `again` is the share of them that comes a second time, somewhere later."""
    chance = random.Random(GAP_SEED)
    order = list(mails)
    for mail in chance.sample(mails, round(len(mails) * again)):
        order.insert(chance.randint(order.index(mail) + 1, len(order)), mail)
    due = 0.0
    for mail in order:
        yield Sending(mail, due, dotted(mail.content))
        due += chance.expovariate(rate) if rate else 0.0  # Strangers do not wait for each other.


async def drive(options: argparse.Namespace) -> None:
    """Everything in its order."""
    workload = prepared(options.cache, options.mails)
    mails = workload.mails[: options.limit or None]
    plan = list(planned(mails, rate=options.rate, again=options.again))
    warm = [Sending(mail, 0.0, dotted(mail.content)) for mail in warm_up()]
    if options.warm:
        await Client(options.port, iter(warm), patient=True).run(1)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    client = Client(options.port, iter(plan), patient=options.patient)
    cpu = time.process_time()
    began, ended = await client.run(options.connections)
    document = {"began": began, "ended": ended, "cpu": time.process_time() - cpu, "lines": client.lines}
    options.out.write_text(json.dumps(document), encoding="utf-8")


def main() -> None:
    """Read the arguments and send."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--mails", type=int, required=True, help="of the workload")
    parser.add_argument("--limit", type=int, default=0, help="send only so many of them")
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--rate", type=float, default=0.0, help="mails a second, whatever the answers; 0: closed loop")
    parser.add_argument("--again", type=float, default=0.0, help="share of the mails that is sent twice")
    parser.add_argument("--warm", action="store_true", help="send the warm-up first")
    parser.add_argument("--patient", action="store_true", help="try refused mails again")
    asyncio.run(drive(parser.parse_args()))


if __name__ == "__main__":
    main()

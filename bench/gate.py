"""The correctness gate: a rate counts only if, in the same run, nothing was lost, doubled or put in the wrong place."""

import random
import time
from contextlib import closing
from pathlib import Path

from bench.desk import Desk
from bench.ledger import Ledger
from bench.load import PATIENCE, Loader
from bench.processes import Failed
from bench.workload import Workload

AGAIN = 0.1  # The share of mails that is sent twice.


def wrong_in(ledger: Ledger, workload: Workload) -> list[str]:
    """What a desk that has got the whole workload has wrong; empty: nothing."""
    found = ledger.tickets_of()
    wrong = []
    lost = [one["mid"] for one in workload.listed if one["mid"] not in found]
    if lost:
        wrong.append(f"{len(lost)} mails that got a 250 are no message of any ticket, such as {lost[0]}")
    messages = ledger.incoming()
    if messages != len(workload.listed):
        wrong.append(f"there are {messages} messages, and {len(workload.listed)} are right")
    if len(set(found.values())) != workload.tickets:
        wrong.append(f"there are {len(set(found.values()))} tickets, and {workload.tickets} are right")
    strayed = [reply for reply, original in workload.replies.items() if found.get(reply) != found.get(original)]
    if strayed:
        wrong.append(f"{len(strayed)} of {len(workload.replies)} replies are not in the ticket that they answer")
    if twice := ledger.twice_acknowledged():
        wrong.append(f"{twice} tickets have more than one acknowledgement")
    return wrong


def faults(workload: Workload, folder: Path, connections: int, *, kills: int = 1) -> tuple[str, list[str]]:
    """Send every tenth mail twice and kill the desk at random moments; returns what was done, and what was wrong."""
    moments = sorted(random.SystemRandom().uniform(0.1, 0.95) for _ in range(kills))
    desk = Desk(folder / "killed")
    with desk.with_relay():
        desk.start()
        try:
            _send_through_kills(desk, workload, connections, moments)
            wrong = _settled(desk, workload)
        finally:
            desk.stop()
        if differences := desk.audit():
            wrong.append(f"deskwire audit says:\n{differences}")
    shares = ", ".join(f"{moment:.0%}" for moment in moments)
    done = f"{len(workload.listed)} mails, every tenth twice, kill -9 with {shares} of them in the database"
    return done, wrong


def _send_through_kills(desk: Desk, workload: Workload, connections: int, moments: list[float]) -> None:
    loader = Loader(
        workload, desk.port, desk.folder / "load.json", "--connections", connections, "--patient", "--again", AGAIN
    )
    loader.go()
    try:
        for moment in moments:
            _wait_for_messages(desk, loader, round(moment * len(workload.listed)))
            desk.kill()
            desk.start()
        loader.result()
    finally:
        loader.kill()


def _wait_for_messages(desk: Desk, loader: Loader, count: int) -> None:
    deadline = time.monotonic() + PATIENCE
    with closing(Ledger(desk.database)) as ledger:
        while loader.sending and ledger.incoming() < count:
            if time.monotonic() > deadline:
                raise Failed(f"there were not {count} messages within {PATIENCE:g} s")
            time.sleep(0.01)


def _settled(desk: Desk, workload: Workload) -> list[str]:
    """Wait until every mail has come out at the other end, then look."""
    deadline = time.monotonic() + PATIENCE
    with closing(Ledger(desk.database)) as ledger:
        while ledger.incoming() < len(workload.listed) or not ledger.is_at_rest():
            if time.monotonic() > deadline:
                return [f"the desk did not come to rest within {PATIENCE:g} s", *wrong_in(ledger, workload)]
            time.sleep(0.2)
        return wrong_in(ledger, workload)

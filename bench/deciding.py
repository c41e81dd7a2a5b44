"""What deciding costs: `python -m bench.deciding`, in microseconds of computing time, with what it may cost at most.

Three questions: what finding the first of many rules costs for a text of 2 KB, and how that grows with the rules; what
`decide` costs for one message with 200 rules and full facts; and what the facts for a batch of 100 messages cost where
the desk has a thousand tickets and where it has a million.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, event

from bench.big_store import address_of, filled, message_id
from bench.rule_books import policy_with, written_text
from router.anew import nothing_known
from router.decide import decide
from router.facts import gather
from router.policy import Policy
from router.rules.phrases import normalised
from router.rules.traits import traits_of
from store.database import Database, open_database
from store.metadata import metadata
from store.records import Address, Fact, Message, Proof, ReplyPath

RULES = (10, 100, 1000)
TICKETS = (1_000, 10_000, 100_000)
MOST_MATCHING = 1_000.0  # Microseconds for 1,000 rules and 2 KB (issue 4) ...
MOST_DECIDING = 200.0  # ... and for one decision with 200 rules and full facts.
FLAT = 1.5  # How much more the facts may cost in the largest store than in the smallest: caches are not free.
BATCH = 100
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
_REPEATED = 300
_LOOKS = 15


def main() -> int:
    """Measure and print; 1 where a figure is above what it may be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--million", action="store_true", help="also a store of a million tickets, which takes minutes")
    asked = parser.parse_args()
    missed = [*_matching(), *_deciding(), *_gathering((*TICKETS, 1_000_000) if asked.million else TICKETS)]
    for line in missed:
        print(f"missed: {line}")
    return 1 if missed else 0


def _matching() -> list[str]:
    texts = [written_text(random.Random(seed), 2_000) for seed in range(20)]
    took = {}
    for many in RULES:
        desk = policy_with(many)
        facts = nothing_known(NOW)
        messages = [_message(n, text) for n, text in enumerate(texts)]
        took[many] = _median(lambda n: desk.categories.first(traits_of(messages[n % 20], facts, desk)))  # noqa: B023
        held = sum(desk.categories.first(traits_of(one, facts, desk)) is not None for one in messages)
        print(f"{many:>5} rules, text of 2 KB: {took[many]:8.1f} us, a rule held for {held} of {len(messages)} texts")
    alone = _median(lambda n: normalised(texts[n % 20]))
    print(f"      of it, to normalise the text: {alone:.1f} us")
    largest, smaller = took[RULES[-1]], took[RULES[-2]]
    missed = (
        [f"{RULES[-1]} rules take {largest:.0f} us, at most {MOST_MATCHING:.0f}"] if largest > MOST_MATCHING else []
    )
    if largest / smaller >= RULES[-1] / RULES[-2]:
        missed.append(f"ten times the rules take {largest / smaller:.1f} times as long")
    return missed


def _deciding() -> list[str]:
    desk = policy_with(200)
    with tempfile.TemporaryDirectory() as folder:
        database = _store(Path(folder), 1_000)
        messages = _batch(1_000)
        with database.engine.connect() as connection:
            facts = gather(connection, messages, desk, NOW)
        database.engine.dispose()
    took = _median(lambda n: decide(messages[n % BATCH], facts, desk))
    print(f"decide, 200 rules, facts of a batch of {BATCH}: {took:.1f} us")
    return [f"a decision takes {took:.0f} us, at most {MOST_DECIDING:.0f}"] if took > MOST_DECIDING else []


def _gathering(sizes: Sequence[int]) -> list[str]:
    desk, took, asked = policy_with(200), [], []
    for tickets in sizes:
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            database = _store(Path(folder), tickets)
            made = time.monotonic() - began
            times, statements = _gathered(database, _batch(tickets), desk)
            database.engine.dispose()
        took.append(times)
        asked.append(statements)
        print(
            f"facts for {BATCH}, {tickets:>9,} tickets: {times:8.0f} us in {statements} queries (made in {made:.0f} s)"
        )
    missed = [f"the number of queries grows: {asked}"] if len(set(asked)) > 1 else []
    if took[-1] > took[0] * FLAT:
        missed.append(f"the facts of {sizes[-1]:,} tickets take {took[-1] / took[0]:.1f} times those of {sizes[0]:,}")
    return missed


def _gathered(database: Database, messages: Sequence[Message], desk: Policy) -> tuple[float, int]:
    """Microseconds of computing time in the median, and the number of statements."""
    statements: list[str] = []

    def count(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    with database.engine.connect() as connection:
        gather(connection, messages, desk, NOW)  # What is read first comes from the disk.
        event.listen(connection, "before_cursor_execute", count)
        gather(connection, messages, desk, NOW)
        event.remove(connection, "before_cursor_execute", count)
        return _median(lambda _: gather(connection, messages, desk, NOW), _LOOKS), len(statements)


def _median(work: Callable[[int], object], times: int = _REPEATED) -> float:
    """Microseconds of computing time of one run."""
    took = []
    for n in range(times):
        began = time.thread_time_ns()
        work(n)
        took.append((time.thread_time_ns() - began) / 1000)
    return statistics.median(took)


def _store(folder: Path, tickets: int) -> Database:
    database = open_database(f"sqlite:{folder / 'desk.db'}")
    with database.engine.begin() as connection:
        metadata.create_all(connection)
        filled(connection, tickets)
    return database


def _batch(tickets: int) -> list[Message]:
    """Every second of somebody who is known, and every fourth answers something; texts differ."""
    steps = random.Random(7)
    return [
        _message(
            n,
            written_text(random.Random(n), 600),
            sender=address_of(steps.randrange(tickets // 10)) if n % 2 else f"new{n}@else{n}.example",
            references=(message_id(steps.randrange(tickets)),) if n % 4 == 0 else (),
        )
        for n in range(BATCH)
    ]


def _message(n: int, text: str, *, sender: str = "ann@acme.example", references: tuple[str, ...] = ()) -> Message:
    return Message(
        id=f"new-{n}",
        raw=f"raw-{n}",
        channel="mail-it",
        external_id=f"<new-{n}@else.example>",
        references=references,
        sender=Address(kind="mail", value=sender),
        proof=Proof.DOMAIN,
        reply_path=ReplyPath(channel="mail-it", address=sender),
        subject="Something is wrong",
        text=text,
        language="en",
        facts=(Fact(name="audience", value="customer"), Fact(name="topic", value=f"t{n % 7}")),
        sent_at=NOW,
        received_at=NOW,
        fingerprint=f"fingerprint-{n}",
        digest=f"digest-{n}",
    )


if __name__ == "__main__":
    sys.exit(main())

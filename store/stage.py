"""The one loop of consumers: fetch, handle in one transaction, retry, hold back, bury, move on."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Generic, NamedTuple, Protocol, TypeVar

import structlog
from sqlalchemy import Connection

from store import held, positions
from store.bus import Bus, Consumer, Stored, TopicPartition
from store.database import Database
from store.errors import Fenced, Temporary
from store.failures import Deadly, Failures, StageSettings, attempt
from store.held import Held
from store.positions import Claim, Span
from store.records import DeadLetter

Work = TypeVar("Work")
Facts = TypeVar("Facts")

log = structlog.get_logger()

HELD_AT_ONCE = 500  # Held records that are looked through in one round.


class Handler(Protocol[Work, Facts]):
    """What a stage does with records; the loop does everything else.

    A batch is prepared, then handled in one transaction that also moves the positions: gather once, then apply all
    records in one savepoint, or, where that fails, each in a savepoint of its own. A record may come again after a
    crash, so each method bears repetition.
    """

    async def prepare(self, records: Sequence[Stored]) -> Sequence[Work | Exception]:
        """Do what must wait for something else (a child, the bus) before the transaction; same length and order.

        An exception in a record's place is that record's failure. Raises Temporary where the environment fails.
        """

    def gather(self, connection: Connection, works: Sequence[Work]) -> Facts:
        """Read what all of these need, in a number of queries that does not grow with them."""

    def apply(self, connection: Connection, facts: Facts, works: Sequence[Work]) -> Facts:
        """Write the effects of these records, one after the other, and return the facts as they are now.

        What it raises undoes all of them; they are then given one by one, so that only the guilty one fails. Temporary
        undoes the batch.
        """

    def bury(self, connection: Connection, record: Stored, letter: DeadLetter) -> int | None:
        """Tell people of a record that will not be tried again, whose letter is stored already.

        Returns the number of the ticket that tells of it, None where there is none.
        """


class _Outcome(NamedTuple):
    """How a transaction left its records."""

    claims: list[Claim]
    failed: int


class Stage(Generic[Work, Facts]):
    """One group's consumer: `run` works until `stop` is set, then ends the batch it is in."""

    def __init__(
        self,
        name: str,
        *,
        bus: Bus,
        topics: Sequence[str],
        database: Database,
        handler: Handler[Work, Facts],
        failures: Failures,
        settings: StageSettings,
        now: Callable[[], datetime],
        after: Callable[[], None],
    ) -> None:
        """`topics` in the order of their urgency; `after` is called after each commit, to wake who reads on."""
        self.name = name
        self.ready = asyncio.Event()  # Set once the first partitions were claimed.
        self._bus = bus
        self._topics = tuple(topics)
        self._database = database
        self._handler = handler
        self._failures = failures
        self._settings = settings
        self._now = now
        self._after = after
        self._claims: dict[TopicPartition, Claim] = {}
        self._suspect: dict[TopicPartition, int] = {}  # Up to here records go one by one: a process died on them.
        self._begun: Sequence[Span] = ()  # What is being worked on.
        self._again: Held | None = None  # What is being tried again.
        self._holding = True  # Whether there may be held records.

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`. Raises Permanent where the log lost records that were not read, StorageBroken."""
        pause = shortest = self._settings.shortest_pause.total_seconds()
        consumer: Consumer | None = None
        try:
            while not stop.is_set():
                try:
                    consumer = consumer or await self._bus.consumer(self.name, self._topics)
                    await self._round(consumer)
                    pause = shortest
                except Fenced as error:
                    log.info("partition taken over", stage=self.name, detail=str(error))
                    self._claims.clear()
                except Temporary as error:
                    self._claims.clear()  # Whatever was fetched and not done is read again.
                    log.warning("stage pauses", stage=self.name, seconds=round(pause, 1), detail=str(error))
                    await _wait(stop, pause * random.uniform(0.5, 1.0))  # noqa: S311 (spreads retries)
                    pause = min(pause * 2, self._settings.longest_pause.total_seconds())
            if self._begun or self._again:
                with contextlib.suppress(Temporary):  # Else it counts as a death, which a stop in an outage is not.
                    await self._database.write(self._uncount)
        finally:
            if consumer is not None:
                await consumer.close()

    async def _round(self, consumer: Consumer) -> None:
        await self._follow(consumer)
        late = await self._retry() if self._holding else False
        fetched = await consumer.fetch(self._settings.batch, 0 if late else self._settings.wait.total_seconds())
        urgency = {topic: rank for rank, topic in enumerate(self._topics)}
        fetched = sorted(fetched, key=lambda record: urgency[record.at.topic])
        for _, records in groupby(fetched, key=lambda record: record.at.topic):
            for batch in self._batches(records):
                await self._handle(batch)

    async def _follow(self, consumer: Consumer) -> None:
        """Claim the partitions that are this member's since the last round, and let go of those that are not."""
        assigned = consumer.assignment()
        lasting = assigned - consumer.unsought()
        self._claims = {at: claimed for at, claimed in self._claims.items() if at in lasting}
        fresh = sorted(assigned - self._claims.keys())
        if not fresh:
            return

        def take(connection: Connection) -> list[Claim]:
            self._uncount(connection)
            self._suspect |= positions.unfinished(connection, self.name, fresh)
            return [positions.claim(connection, self.name, at) for at in fresh]

        claims = await self._database.write(take)
        self._begun, self._again = (), None
        for claimed in claims:
            await consumer.seek(claimed.at, claimed.next)
            self._claims[claimed.at] = claimed
        self._holding = True
        self.ready.set()

    def _uncount(self, connection: Connection) -> None:
        """Take back what was counted of work that the environment ended."""
        positions.uncount(connection, self.name, self._begun)
        if self._again is not None:
            held.uncount_try(connection, self.name, self._again)

    def _batches(self, records: Iterable[Stored]) -> list[list[Stored]]:
        """Each record alone that a process may have died of, then all the others together."""
        alone: list[list[Stored]] = []
        together: list[Stored] = []
        for record in records:
            if record.at not in self._claims:
                continue
            if record.offset < self._suspect.get(record.at, 0):
                alone.append([record])
            else:
                together.append(record)
        return [*alone, together] if together else alone

    async def _handle(self, records: list[Stored]) -> None:
        """Work on new records; the position stays where it is until all of them are done, held or buried."""
        spans = _spans(records, self._claims)
        self._begun = spans
        begun = await self._database.write(
            lambda connection: positions.begin(connection, self.name, spans, self._now())
        )
        tries = max(begun.values())
        works: Sequence[Work | Exception] = (
            [Deadly(tries - 1)]
            if len(records) == 1 and self._failures.is_last(tries - 1)
            else await self._handler.prepare(records)
        )
        outcome = await self._database.write(
            lambda connection: self._transact(connection, spans, list(zip(records, works, strict=True)))
        )
        self._begun = ()
        self._claims |= {claimed.at: claimed for claimed in outcome.claims}
        self._after()
        log.info("batch handled", stage=self.name, records=len(records), failed=outcome.failed)

    def _transact(
        self, connection: Connection, spans: Sequence[Span], batch: Sequence[tuple[Stored, Work | Exception]]
    ) -> _Outcome:
        claims = positions.advance(connection, self.name, [(self._claims[span.at], span.end) for span in spans])
        positions.end(connection, self.name, spans)
        waiting = held.keys(connection, self.name) if self._holding else set()
        facts = self._gathered(connection, batch)
        if not waiting and self._applied_at_once(connection, facts, batch):
            return _Outcome(claims, 0)
        failed = 0
        for number, (record, work) in enumerate(batch, start=1):
            now = self._now()
            if (record.at, record.key) in waiting:
                held.hold(connection, self.name, [Held(record, 0, "waits for its key", now, now)])
                continue
            facts, error = self._try(connection, facts, work)
            if error is None:
                continue
            failed += 1
            self._holding = True
            if self._failures.note(connection, self._handler.bury, Held(record, 1, "", now, now), error):
                waiting.add((record.at, record.key))
            else:
                facts = self._gathered(connection, batch[number:])  # A burial may open a ticket that they do not know.
        return _Outcome(claims, failed)

    def _gathered(self, connection: Connection, batch: Sequence[tuple[Stored, Work | Exception]]) -> Facts:
        return self._handler.gather(connection, [work for _, work in batch if not isinstance(work, Exception)])

    def _applied_at_once(
        self, connection: Connection, facts: Facts, batch: Sequence[tuple[Stored, Work | Exception]]
    ) -> bool:
        """Apply all records together, which costs a fraction; False where nothing was changed, as one of them fails."""
        works = [work for _, work in batch if not isinstance(work, Exception)]
        if len(works) < len(batch) or len(works) == 1:
            return False
        _, error = attempt(connection, lambda: self._handler.apply(connection, facts, works))
        return error is None

    def _try(self, connection: Connection, facts: Facts, work: Work | Exception) -> tuple[Facts, Exception | None]:
        """Apply one record; its failure leaves the facts as they were."""
        if isinstance(work, Exception):
            return facts, work
        folded, error = attempt(connection, lambda: self._handler.apply(connection, facts, [work]))
        return (facts if folded is None else folded), error

    async def _retry(self) -> bool:
        """Try held records that are due, the oldest of each key; returns whether there was one."""
        rows = await self._database.read(
            lambda connection: held.heads(connection, self.name, self._claims.keys(), HELD_AT_ONCE)
        )
        self._holding = bool(rows)
        due = [row for row in rows if row.due_at <= self._now()]
        for row in due:
            await self._retry_one(row)
        return bool(due)

    async def _retry_one(self, row: Held) -> None:
        self._again = row
        await self._database.write(lambda connection: held.count_try(connection, self.name, row))
        works: Sequence[Work | Exception] = (
            [Deadly(row.attempts)]
            if self._failures.is_last(row.attempts)
            else await self._handler.prepare([row.record])
        )
        row = row._replace(attempts=row.attempts + 1)

        def settle(connection: Connection) -> None:
            claimed = self._claims[row.record.at]
            positions.assert_mine(connection, self.name, claimed)
            facts = self._handler.gather(connection, [work for work in works if not isinstance(work, Exception)])
            _, error = self._try(connection, facts, works[0])
            held.release(connection, self.name, [row.record])
            if error is not None:
                self._failures.note(connection, self._handler.bury, row, error)

        await self._database.write(settle)
        self._again = None
        self._after()


def _spans(records: Sequence[Stored], claims: Mapping[TopicPartition, Claim]) -> list[Span]:
    """What the records cover, from each partition's position on: offsets may have gaps."""
    ends: dict[TopicPartition, int] = {}
    starts: dict[TopicPartition, int] = {}
    for record in records:
        starts.setdefault(record.at, record.offset)
        ends[record.at] = record.offset + 1
    return [Span(at, starts[at], end) for at, end in ends.items() if at in claims]


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not longer than until `stop`."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)

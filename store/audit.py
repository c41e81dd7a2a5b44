"""Proves that every accepted message is accounted for, or says which are not."""

from collections.abc import AsyncIterator, Iterable
from functools import partial
from itertools import islice

import msgspec
from sqlalchemy import Column, Connection, FromClause, func, select

from store import audit_flow
from store.audit_checks import Rule, rules
from store.audit_flow import PAGE, Ends, Gap, Reader
from store.blobs import Blobs
from store.bus import Bus, Log
from store.codec import id_of
from store.database import Database
from store.errors import Permanent
from store.schema import dead_letters, deliveries, held, inbox, messages, originals, outbox, parked, tickets
from store.topics import ACTIONS, EVENTS, MESSAGES, RAW

_NAMED = 5  # Rows that a difference names; the rest is counted.
_LOOKED_AT = 1000  # Places of the log that are looked at one by one: far more than anybody replays.


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """What the desk has accepted and what became of it, at one moment.

    Balanced means: each payload that the log keeps and normalize has read gave its records; each record has exactly
    one outcome or is on its way; each outcome has left what it says; tickets and deliveries add up in themselves.
    """

    accepted: int  # Payloads that the log keeps.
    unread: int  # Of them, those that normalize has not reached.
    originals: int  # Payloads that were normalized, those included that the log has forgotten.
    records: int  # What they were normalized into.
    in_flight: int  # Of these records, those that have no outcome yet.
    outcomes: tuple[tuple[str, int], ...]  # All records by outcome: those above, and those of our own making.
    tickets: int
    messages: int
    parked: int  # Records that wait for a person's word.
    dead: int  # Likewise.
    held: int  # Records that failed and are tried again, and those behind them.
    outbox: int  # Records that were written and are not on the bus yet.
    deliveries: tuple[tuple[str, int], ...]  # By state.
    differences: tuple[str, ...]  # What does not add up, in words; empty: everything does.

    @property
    def balanced(self) -> bool:
        """Whether everything adds up."""
        return not self.differences


async def audit(database: Database, bus: Log, *, blobs: Blobs | None = None) -> Audit:
    """Audit the desk, running or not; with `blobs` also read each blob that an original names, which takes long.

    Raises Temporary where the database, the bus or the blobs do not answer.
    """
    # The log's starts are read before the rows and its ends after them: what happens meanwhile is no difference.
    before = await _ends(bus)
    rows = await database.read(lambda connection: _look(connection, before))
    after = await _ends(bus)
    differences = [
        *audit_flow.outside_of_log(rows.read, after),
        *_of_flow(rows, after),
        *_of_gaps(await _without_repeated(database, bus, rows) if rows.replays else rows.gaps),
        *rows.differences,
    ]
    if blobs is not None:
        differences += [words async for words in _unreadable(database, blobs)]
    return Audit(
        accepted=sum(end - start for at, (start, end) in after.items() if at.topic == RAW),
        unread=audit_flow.lag("normalize", [RAW], rows.read, after),
        originals=rows.count["originals"],
        records=rows.records,
        in_flight=rows.missing,
        outcomes=rows.outcomes,
        tickets=rows.count["tickets"],
        messages=rows.count["messages"],
        parked=rows.parked,
        dead=rows.dead,
        held=rows.count["held"],
        outbox=rows.count["outbox"],
        deliveries=rows.deliveries,
        differences=tuple(differences),
    )


class _Rows(msgspec.Struct, frozen=True, kw_only=True):
    """What one snapshot of the database says."""

    read: dict[Reader, int]
    count: dict[str, int]  # By table.
    records: int
    missing: int  # Records without an outcome.
    missing_ids: list[str]  # The first of them.
    unknown: int  # Payloads with outcomes that are no originals.
    outcomes: tuple[tuple[str, int], ...]
    parked: int
    dead: int
    deliveries: tuple[tuple[str, int], ...]
    gaps: list[Gap]  # Payloads that are not accounted for where they stand.
    replays: int  # Payloads that died and were published again.
    differences: list[str]


async def _ends(bus: Bus) -> Ends:
    return {at: span for topic in (RAW, MESSAGES, ACTIONS, EVENTS) for at, span in (await bus.ends(topic)).items()}


def _look(connection: Connection, ends: Ends) -> _Rows:
    read = audit_flow.read_up_to(connection)
    missing, missing_ids = 0, list[str]()
    for record in audit_flow.without_outcome(connection):
        missing += 1
        if missing <= _NAMED:
            missing_ids.append(record)
    return _Rows(
        read=read,
        count={table.name: _count(connection, table) for table in (originals, tickets, messages, held, outbox)},
        records=connection.scalar(select(func.coalesce(func.sum(originals.c.records), 0))) or 0,
        missing=missing,
        missing_ids=missing_ids,
        unknown=audit_flow.unknown_payloads(connection),
        outcomes=_by(connection, inbox.c.outcome),
        parked=dict(_by(connection, parked.c.state)).get("waiting", 0),
        dead=dict(_by(connection, dead_letters.c.state)).get("waiting", 0),
        deliveries=_by(connection, deliveries.c.state),
        gaps=list(audit_flow.gaps(connection, read, ends)),
        replays=audit_flow.replays(connection),
        differences=[words for rule in rules() if (words := _broken(connection, rule))],
    )


async def _without_repeated(database: Database, log: Log, rows: _Rows) -> list[Gap]:
    """The gaps without those payloads that stand in the log once more, because their dead letters were replayed."""
    places = [(gap.partition, offset) for gap in rows.gaps for offset in range(gap.first, gap.last + 1)]
    ids = {place: id_of((await log.read(RAW, *place)).value) for place in islice(places, _LOOKED_AT)}
    known = await database.read(lambda connection: audit_flow.known_payloads(connection, ids.values()))
    return [Gap(partition, at, at) for partition, at in places if ids.get((partition, at)) not in known]


def _of_flow(rows: _Rows, ends: Ends) -> list[str]:
    """What was read and has left no outcome, and what has an outcome and was never read."""
    differences = []
    unrouted = audit_flow.lag("router", [MESSAGES, ACTIONS], rows.read, ends)
    on_the_way = unrouted + rows.count["held"] + rows.count["outbox"]
    if rows.missing > on_the_way:
        words = f"records without an outcome, of which at most {on_the_way} are on their way"
        differences.append(_said(rows.missing, words, rows.missing_ids, more=rows.missing > _NAMED))
    unread = audit_flow.lag("normalize", [RAW], rows.read, ends)
    if rows.unknown > unread:
        differences.append(
            f"payloads with outcomes that are no originals, of which at most {unread} are unread: {rows.unknown}"
        )
    return differences


def _of_gaps(gaps: Iterable[Gap]) -> list[str]:
    lost, spans, places = 0, 0, list[str]()
    for gap in gaps:
        lost += gap.last - gap.first + 1
        spans += 1
        if spans <= _NAMED:
            places.append(f"{RAW}[{gap.partition}] {gap.first} to {gap.last}")
    words = "payloads that were read and gave neither records nor a dead letter"
    return [_said(lost, words, places, more=spans > _NAMED)] if lost else []


def _broken(connection: Connection, rule: Rule) -> str:
    """What a rule's broken rows say; empty where there are none."""
    rows = connection.scalar(select(func.count()).select_from(rule.broken.subquery())) or 0
    if not rows:
        return ""
    names = connection.scalars(rule.broken.limit(_NAMED))
    return _said(rows, rule.words, map(str, names), more=rows > _NAMED)


def _said(count: int, words: str, names: Iterable[str], *, more: bool) -> str:
    return f"{words}: {count} ({', '.join(names)}{' and more' if more else ''})"


def _count(connection: Connection, table: FromClause) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _by(connection: Connection, column: Column[str]) -> tuple[tuple[str, int], ...]:
    """How many rows have each value, in the order of the values."""
    query = select(column, func.count()).group_by(column).order_by(column)
    return tuple((value, rows) for value, rows in connection.execute(query))


async def _unreadable(database: Database, blobs: Blobs) -> AsyncIterator[str]:
    """What is wrong with blobs that originals name."""
    last = ""
    while page := await database.read(partial(_blobs, after=last)):
        for key in page:
            try:
                await blobs.get(key)
            except Permanent as error:
                yield f"an original cannot be read: {error}"
        last = page[-1]


def _blobs(connection: Connection, after: str) -> list[str]:
    query = select(originals.c.blob).where(originals.c.blob > after).distinct().order_by(originals.c.blob).limit(PAGE)
    return list(connection.scalars(query))

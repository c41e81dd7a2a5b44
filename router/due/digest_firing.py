"""Fires digests: at the start of shifts, and after a time in which nothing could be told."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection

from router.due.digests import (
    DIGEST,
    DUE_TODAY,
    OVERDUE,
    OVERNIGHT,
    WAITING,
    Line,
    Reader,
    by_reader,
    day_of,
    digest_timer,
    nothing_told,
    sorted_lines,
    ticket_of,
    told,
)
from router.due.loudness import next_start
from router.due.occasions import HELD, LATE
from router.due.reached import address_of
from router.policy import Policy
from router.write import Pen
from store import digests, inbox, lookups, timers
from store.codec import derived_id
from store.rows import Timer

MOST = 5000  # Timers that are put off and told together.


def fire(connection: Connection, rows: Sequence[Timer], policy: Policy, now: datetime) -> None:
    """Tell each person or team once of all that is due for them; `rows` are timers of no ticket that are due."""
    starts = {row.name.partition(" ")[2]: row for row in rows if row.name.startswith(f"{DIGEST} ")}
    put_off = [
        row for kind in (LATE, HELD) for row in timers.of_desk(connection, f"{kind} ", MOST) if row.due_at <= now
    ]
    timers.remove(connection, [row.id for row in (*rows, *put_off)])
    done = inbox.outcomes(connection, [row.record for row in starts.values()])
    fresh = {person: row for person, row in starts.items() if row.record not in done}
    numbers = {ticket_of(row) for row in put_off}
    missed = by_reader(put_off, lookups.by_number(connection, numbers) if numbers else {})
    for reader in sorted({*missed, *(Reader(person, "") for person in fresh)}):
        start = fresh.get(reader.person) if reader.person else None
        _tell(connection, reader, start, missed.get(reader, []), policy, now=now)
    timers.add(connection, [timer for row in starts.values() for timer in _next(row, policy, now)])


def plan(connection: Connection, policy: Policy, now: datetime) -> None:
    """Let everybody who gets digests have the timer of their next one; whose is due already keep it."""
    planned = timers.of_desk(connection, f"{DIGEST} ", MOST)
    waiting = [row for row in planned if row.due_at > now]
    timers.remove(connection, [row.id for row in waiting])
    due = {row.name for row in planned if row.due_at <= now}
    people = policy.people if policy.loudness.digest else {}
    wanted = [digest_timer(person, at) for person in people if (at := next_start(person, policy.teams, now))]
    timers.add(connection, [timer for timer in wanted if timer.name not in due])


def _tell(
    connection: Connection,
    reader: Reader,
    start: Timer | None,
    missed: Sequence[Timer],
    policy: Policy,
    *,
    now: datetime,
) -> None:
    of_day = _of_day(connection, reader.person, policy, now) if start is not None else ()
    lines = sorted_lines([*_missed(connection, missed), *of_day], policy)
    timer = start or Timer(derived_id("overdue", *reader, *sorted(row.id for row in missed)), 0, "overdue", now)
    person = policy.people.get(reader.person)
    to = address_of(person, policy) if person is not None else None
    is_lost = reader.person != "" and to is None and start is not None and not missed
    pen = Pen(connection, now)
    if not lines or is_lost:  # A digest goes to its person or to nobody; what was put off goes to the team then.
        pen.write(nothing_told(timer))
    else:
        kind = DIGEST if start is not None else "overdue"
        pen.write(told(kind, lines, timer, to, policy, at=now))
    pen.flush()  # The next event may stand in the same ticket, which is read anew for it.


def _missed(connection: Connection, missed: Sequence[Timer]) -> Iterator[Line]:
    numbers = {ticket_of(row) for row in missed}
    found = lookups.by_number(connection, numbers) if numbers else {}
    return (Line(ticket, OVERDUE) for ticket in found.values())


def _of_day(connection: Connection, person: str, policy: Policy, now: datetime) -> Iterator[Line]:
    """What a person's digest names besides, as far as the settings want it."""
    known = policy.people.get(person)
    if known is None:
        return
    wanted = policy.loudness.digest
    teams = [team.name for team in policy.teams.values() if person in team.members]
    present = {f"person:{one}" for name in teams for one in policy.teams[name].on_shift(now)}
    at_work = digests.AtWork(known.actor, teams, present)
    day = day_of([shift for name in teams for shift in policy.teams[name].shifts if person in shift.people], now)
    if "due_today" in wanted:
        due = digests.due(connection, at_work, day.until)
        yield from (Line(one, OVERDUE if one.due_by and one.due_by < now else DUE_TODAY) for one in due)
    if "overnight" in wanted:
        yield from (Line(one, OVERNIGHT) for one in digests.opened(connection, at_work, day.since))
    if "waiting" in wanted:
        yield from (Line(one, WAITING) for one in digests.waiting(connection, known.actor))


def _next(row: Timer, policy: Policy, now: datetime) -> Iterator[Timer]:
    """The next digest, later than this one by any clock."""
    person = row.name.partition(" ")[2]
    at = next_start(person, policy.teams, max(now, row.due_at))
    if person in policy.people and policy.loudness.digest and at is not None:
        yield digest_timer(person, at)

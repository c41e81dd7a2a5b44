"""Digests: what a person's shift begins with, and what came due while nobody was told, as one event each."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from router.arrivals import DESKWIRE
from router.crew.teams import Shift
from router.draft import Draft, grown_by
from router.known import Changes
from router.policy import Policy
from store.codec import derived_id
from store.events import Beside
from store.records import Address, Decision, Reason
from store.rows import Settled, Ticket, Timer

DIGEST = "digest"  # How the names of timers begin that tell a person what their shift begins with: "digest ola".
MOST = 500  # Tickets that one event names; with their subjects they stay below what a record may hold.
LONGEST_SUBJECT = 200
OVERDUE, DUE_TODAY, WAITING, OVERNIGHT = "overdue", "due-today", "waiting", "overnight"
_LOOK_BACK = timedelta(days=4)  # Over a long weekend: further back no shift is looked for.
_DONE = ("solved", "closed")


class Line(NamedTuple):
    """A ticket of a digest, and why it is there."""

    ticket: Ticket
    word: str


class Reader(NamedTuple):
    """Whom a digest is for: a person by their key, or else a team."""

    person: str
    team: str


class Span(NamedTuple):
    """Since when a person was away, and until when their day goes."""

    since: datetime
    until: datetime


def digest_timer(person: str, at: datetime) -> Timer:
    """The timer of the digest that a person gets when their shift begins."""
    return Timer(derived_id(DIGEST, person, at.isoformat()), 0, f"{DIGEST} {person}", at)


def day_of(shifts: Sequence[Shift], at: datetime) -> Span:
    """A person's day at the start of a shift: from the end of the last one to midnight where they work."""
    ends = [span.ends for shift in shifts for span in shift.hours.spans(at - _LOOK_BACK, at) if span.ends < at]
    zone = shifts[0].hours.zone if shifts else ZoneInfo("UTC")
    local = at.astimezone(zone)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return Span(max(ends, default=at - timedelta(days=1)), midnight)


def sorted_lines(lines: Iterable[Line], policy: Policy) -> list[Line]:
    """Each ticket once, by the first word that it was given, without those that are done; the most urgent first."""
    first: dict[int, Line] = {}
    for line in lines:
        if line.ticket.state not in _DONE:
            first.setdefault(line.ticket.number, line)
    return sorted(first.values(), key=lambda line: _rank(line.ticket, policy))


def told(
    kind: str, lines: Sequence[Line], timer: Timer, to: Address | None, policy: Policy, *, at: datetime
) -> Changes:
    """One event about all these tickets, at least one; it stands in the first one's history.

    It makes a sound only where an urgent ticket is among them. `text` says how many there are.
    """
    first = lines[0].ticket
    why = Reason(part="timer", result=f"{len(lines)} tickets", rule=kind)
    draft = Draft(ticket=first).with_event(
        kind,
        cause=timer.record,
        actor=DESKWIRE,
        at=at,
        decision=Decision(outcome="acted", ticket=first.number, team=first.team, because=(why,)),
        text=str(len(lines)),
        to=to,
        silent=all(line.ticket.priority != policy.loudness.urgent for line in lines),
        beside=tuple(_beside(line) for line in lines[:MOST]),
    )
    # Nothing was done to the ticket itself.
    draft = msgspec.structs.replace(draft, ticket=msgspec.structs.replace(draft.ticket, changed_at=first.changed_at))
    return grown_by(Changes(settled=Settled(id=timer.record, outcome="acted", ticket=first.number)), draft)


def nothing_told(timer: Timer) -> Changes:
    """The outcome of a digest that had nothing to tell."""
    return Changes(settled=Settled(id=timer.record, outcome="acted"))


def by_reader(rows: Iterable[Timer], tickets: Mapping[int, Ticket]) -> dict[Reader, list[Timer]]:
    """The timers that were put off, for each person, or for each team where they are nobody's."""
    found: dict[Reader, list[Timer]] = {}
    for row in rows:
        _, person, number = row.name.split(" ")
        ticket = tickets.get(int(number))
        if ticket is not None:
            found.setdefault(Reader(person, "" if person else ticket.team), []).append(row)
    return found


def ticket_of(row: Timer) -> int:
    """The number of the ticket that a timer which was put off tells of."""
    return int(row.name.rpartition(" ")[2])


def _rank(ticket: Ticket, policy: Policy) -> tuple[bool, str, datetime, int]:
    due_by = ticket.due_by or datetime.max.replace(tzinfo=ticket.opened_at.tzinfo)
    return ticket.priority != policy.loudness.urgent, ticket.priority, due_by, ticket.number


def _beside(line: Line) -> Beside:
    ticket = line.ticket
    return Beside(
        number=ticket.number,
        subject=ticket.subject[:LONGEST_SUBJECT],
        priority=ticket.priority,
        team=ticket.team,
        state=ticket.state,
        due_at=ticket.due_by,
        word=line.word,
    )

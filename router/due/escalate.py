"""When the steps of a ladder come due for a ticket as it stands."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from router.crew.teams import Team
from router.due.ladders import WHOLE, Ladder, Share, Step, is_passed, ladder_of
from router.promises.sla import Sla, Within, due
from store.codec import derived_id
from store.rows import Ticket, Timer

STEP = "escalate"  # How the names of their timers begin.


class Coming(NamedTuple):
    """A timer, and what it is for."""

    timer: Timer
    step: Step | None = None  # None: it is none of a ladder.
    ladder: str = ""  # The name of the step's.


def coming_steps(
    ticket: Ticket, ladders: tuple[Ladder, ...], slas: Mapping[str, Sla], teams: Mapping[str, Team]
) -> Iterator[Coming]:
    """The steps that are not passed, those that have fired among them: who fires knows these by their ids.

    `after` counts by the clock of the ticket's priority: day and night, or while the team works. What waits for a
    solution stands still while the ticket waits for its customer. A step never comes due before its ladder began.
    """
    ladder = ladder_of(ticket, ladders)
    if ladder is None:
        return
    sla, team = slas.get(ticket.priority, Sla()), teams.get(ticket.team)
    for number, step in enumerate(ladder.steps, start=1):
        if is_passed(step, ticket) or (step.unless == "resolved" and ticket.state == "waiting"):
            continue
        found = _moment(step, ticket, sla, team)
        if found is not None:
            basis, at = found
            timer_id = derived_id("step", str(ticket.number), step.key, basis.isoformat())
            timer = Timer(timer_id, ticket.number, f"{STEP} {ladder.name.rpartition(' ')[2]}.{number}", at)
            yield Coming(timer, step, ladder.name)


def _moment(step: Step, ticket: Ticket, sla: Sla, team: Team | None) -> tuple[datetime, datetime] | None:
    """What a step counts from or to, by which it is told from the same step of another time, and when it comes due."""
    begin = ticket.ladder_at or ticket.opened_at
    if step.at is not None:
        by = _deadline(step.at, ticket)
        return None if by is None else (by, max(begin, _shared(step.at, ticket, by, sla, team)))
    after = step.after or timedelta(0)
    if step.unless == "resolved" and ticket.ladder_at is None:
        after += timedelta(seconds=ticket.waited)
    return begin, _later(begin, after, sla, team)


def _deadline(share: Share, ticket: Ticket) -> datetime | None:
    match share.of:
        case "first_answer":
            return ticket.answer_by
        case "update":
            return ticket.update_by
        case "resolve":
            return ticket.resolve_by


def _shared(share: Share, ticket: Ticket, by: datetime, sla: Sla, team: Team | None) -> datetime:
    """When so much of the time has passed; of `resolve`, the time that it waited for its customer counts at its end."""
    if share.percent == WHOLE:
        return by
    start = (ticket.asked_at or ticket.opened_at) if share.of == "update" else ticket.opened_at
    whole = _between(start, by, sla, team)
    promised = whole - timedelta(seconds=ticket.waited) if share.of == "resolve" else whole
    passed = whole - promised * (WHOLE - share.percent) / WHOLE
    return _later(start, max(passed, timedelta(0)), sla, team)


def _later(start: datetime, time: timedelta, sla: Sla, team: Team | None) -> datetime:
    """The moment itself for no time at all, whether or not anybody works then."""
    if time <= timedelta(0):
        return start
    return due(Within(time), start, sla, team) or start


def _between(start: datetime, end: datetime, sla: Sla, team: Team | None) -> timedelta:
    return end - start if sla.always or team is None else team.hours.between(start, end)

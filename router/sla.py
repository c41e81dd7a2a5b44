"""What is promised to customers, and when it is due: at opening, and after everything that moves the clocks."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from router.teams import Team
from store.rows import Ticket

Heard = Literal["customer", "answer", ""]
"""The customer wrote, a person answered them, or neither: a machine's words and automatic answers count for nothing."""

_SOLVED = ("solved", "closed")
_NOTHING = timedelta(0)


class Within(msgspec.Struct, frozen=True):
    """How long something may take: working time, or else days of work."""

    time: timedelta = _NOTHING
    days: int = 0


class Sla(msgspec.Struct, frozen=True, kw_only=True):
    """What is promised for tickets of one priority; None: nothing."""

    first_answer: Within | None = None  # From the arrival of the ticket to a person's first answer.
    update: Within | None = None  # After that: from the first message that nobody has answered to the next answer.
    resolve: Within | None = None  # From the arrival to the solution, without the time of waiting for the customer.
    always: bool = False  # All these run day and night, whatever the team's calendars say.


def due(within: Within | None, start: datetime, sla: Sla, team: Team | None) -> datetime | None:
    """When something is due that runs from `start`; None: it is not promised.

    A team that the settings do not know works always. Raises NeverOpen.
    """
    if within is None:
        return None
    if sla.always or team is None:
        return start + within.time + timedelta(days=within.days)
    return team.days.add(start, within.days) if within.days else team.hours.add(start, within.time)


def opened(ticket: Ticket, slas: Mapping[str, Sla], team: Team | None) -> Ticket:
    """A new ticket with its deadlines, which run from its arrival. Raises NeverOpen."""
    sla = slas.get(ticket.priority, Sla())
    return msgspec.structs.replace(
        ticket,
        answer_by=due(sla.first_answer, ticket.opened_at, sla, team),
        resolve_by=due(sla.resolve, ticket.opened_at, sla, team),
        asked_at=ticket.opened_at,
    )


def clocked(
    before: Ticket, after: Ticket, heard: Heard, at: datetime, slas: Mapping[str, Sla], team: Team | None
) -> Ticket:
    """The ticket with its clocks moved by what changed about it; `team` is the one that has it now.

    While it waits for the customer or is solved, `resolve` stands still, and nothing else does. Another priority runs
    from the arrival, but a first answer that was given or missed stays what it was. A move keeps all deadlines.
    Raises NeverOpen.
    """
    sla = slas.get(after.priority, Sla())
    ticket = _stopped(after, at, sla, team)
    if heard == "answer":
        ticket = msgspec.structs.replace(ticket, answered_at=ticket.answered_at or at, asked_at=None)
    elif ticket.state in _SOLVED:
        ticket = msgspec.structs.replace(ticket, asked_at=None)
    elif heard == "customer" and ticket.asked_at is None:
        ticket = msgspec.structs.replace(ticket, asked_at=at)
    is_other = before.priority != after.priority
    if is_other:
        ticket = _recounted(ticket, at, sla, team)
    if ticket.asked_at is None or ticket.answered_at is None:
        return msgspec.structs.replace(ticket, update_by=None)
    if ticket.update_by is not None and not is_other:
        return ticket
    return msgspec.structs.replace(ticket, update_by=due(sla.update, ticket.asked_at, sla, team))


def _stopped(ticket: Ticket, at: datetime, sla: Sla, team: Team | None) -> Ticket:
    """With `resolve` brought to a stand or set going again, as the state has it; what was missed stays missed."""
    is_solved = ticket.state in _SOLVED
    ticket = msgspec.structs.replace(ticket, solved_at=(ticket.solved_at or at) if is_solved else None)
    stands = is_solved or ticket.state == "waiting"
    if stands and ticket.waiting_since is None:
        return msgspec.structs.replace(ticket, waiting_since=at, waiting_left=_left(at, ticket.resolve_by, sla, team))
    if stands or ticket.waiting_since is None:
        return ticket
    if ticket.waiting_left is None:
        return msgspec.structs.replace(ticket, waiting_since=None)
    left = timedelta(seconds=ticket.waiting_left)
    return msgspec.structs.replace(
        ticket,
        resolve_by=due(Within(left), at, sla, team),
        waited=ticket.waited + _seconds(_worked(ticket.waiting_since, at, sla, team)),
        waiting_since=None,
        waiting_left=None,
    )


def _recounted(ticket: Ticket, at: datetime, sla: Sla, team: Team | None) -> Ticket:
    """With what another priority promises, from the arrival; the time that it waited is added to `resolve`."""
    is_missed = ticket.answer_by is not None and ticket.answer_by < at
    if ticket.answered_at is None and not is_missed:
        first = due(sla.first_answer, ticket.opened_at, sla, team)
        ticket = msgspec.structs.replace(ticket, answer_by=first)
    resolve = due(sla.resolve, ticket.opened_at, sla, team)
    if resolve is not None and ticket.waited:
        resolve = due(Within(timedelta(seconds=ticket.waited)), resolve, sla, team)
    since = ticket.waiting_since
    left = _left(since, resolve, sla, team) if since is not None else None
    return msgspec.structs.replace(ticket, resolve_by=resolve, waiting_left=left)


def _left(at: datetime, by: datetime | None, sla: Sla, team: Team | None) -> int | None:
    """The seconds of work until a deadline; None: there is none, or it was missed."""
    return _seconds(_worked(at, by, sla, team)) if by is not None and at <= by else None


def _worked(start: datetime, end: datetime, sla: Sla, team: Team | None) -> timedelta:
    return max(end - start, _NOTHING) if sla.always or team is None else team.hours.between(start, end)


def _seconds(time: timedelta) -> int:
    return round(time.total_seconds())

"""The clocks of a ticket: what its opening, answers, waiting, solution and another priority do to its deadlines."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from router.crew.teams import Team
from router.policy import Policy
from router.promises.sla import Sla, Within, due, worked
from store.records import Reason
from store.rows import Ticket

Heard = Literal["customer", "answer", ""]
"""The customer wrote, a person answered them, or neither: a machine's words and automatic answers count for nothing."""

_SOLVED = ("solved", "closed")


class Promised(NamedTuple):
    """What a new ticket is promised; None: nothing."""

    answer_by: datetime | None
    resolve_by: datetime | None
    because: tuple[Reason, ...]  # Empty where nothing is promised.


def promised(priority: str, team_name: str, arrived_at: datetime, policy: Policy) -> Promised:
    """The deadlines of a new ticket, which run from its arrival. Raises NeverOpen."""
    sla, team = policy.sla.get(priority, Sla()), policy.teams.get(team_name)
    answer_by = due(sla.first_answer, arrived_at, sla, team)
    resolve_by = due(sla.resolve, arrived_at, sla, team)
    told = [
        f"{what} {str(moment)[:16]} UTC"  # To the minute; several times as fast as a format.
        for what, moment in (("answer by", answer_by), ("solve by", resolve_by))
        if moment is not None
    ]
    if not told:
        return Promised(None, None, ())
    hours = "day and night" if sla.always or team is None else f"in the hours of {team_name}"
    reason = Reason(part="deadlines", result=", ".join(told), rule=f"sla {priority}", evidence=hours)
    return Promised(answer_by, resolve_by, (reason,))


def moved(before: Ticket, after: Ticket, heard: Heard, at: datetime, policy: Policy) -> Ticket:
    """The ticket as it is after a change, with its clocks moved by that change. Raises NeverOpen.

    While it waits for the customer or is solved, `resolve` stands still, and nothing else does. Another priority runs
    from the arrival, but a first answer that was given or missed stays what it was. Another team keeps all deadlines.
    """
    sla, team = policy.sla.get(after.priority, Sla()), policy.teams.get(after.team)
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
    resolve_by, waited = ticket.resolve_by, _seconds(worked(ticket.waiting_since, at, sla, team))
    if ticket.waiting_left is not None:
        again = due(Within(timedelta(seconds=ticket.waiting_left)), at, sla, team)
        # As much work as is left ends when they close, and what was promised may be when they next open.
        resolve_by = max(filter(None, (resolve_by, again)), default=None)
    elif resolve_by is not None:
        waited = 0
    return msgspec.structs.replace(
        ticket, resolve_by=resolve_by, waited=ticket.waited + waited, waiting_since=None, waiting_left=None
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
    return _seconds(worked(at, by, sla, team)) if by is not None and at <= by else None


def _seconds(time: timedelta) -> int:
    return round(time.total_seconds())

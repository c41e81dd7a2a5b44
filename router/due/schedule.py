"""All that comes due by itself for a ticket as it stands: steps of its ladder, reminders, waking and closing."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from router.due.escalate import Coming, coming_steps
from router.due.loudness import is_loud
from router.known import Changes, Facts
from router.policy import Policy
from store.codec import derived_id
from store.rows import KeptEvent, Ticket, Timer

CLOSE, REMIND, GIVE_UP, WAKE = "close", "remind", "give-up", "wake"  # Names of timers; so is `escalate.STEP`.

# Kinds of events whose loudness was decided with them.
DECIDED = frozenset({"escalated", "overdue", "digest"})


def timers_of(ticket: Ticket, policy: Policy) -> tuple[Timer, ...]:
    """All that will come due for a ticket as it stands, and what has come due; each fires once, by its id.

    Another priority, a move, an answer, a claim or a reopening changes the set.
    """
    return tuple(coming.timer for coming in comings(ticket, policy))


def comings(ticket: Ticket, policy: Policy) -> Iterator[Coming]:
    """The same, each with what it is for."""
    if ticket.state == "closed":
        return
    if ticket.state == "solved":
        if ticket.solved_at is not None:
            yield _own(CLOSE, ticket, ticket.solved_at, policy.lifecycle.close_after)
        return
    yield from coming_steps(ticket, policy.ladders, policy.sla, policy.teams)
    if ticket.state != "waiting" or ticket.waiting_since is None:
        return
    if ticket.wakes_at is not None:  # Whoever waits until a day has said what happens then.
        yield _own(WAKE, ticket, ticket.wakes_at, timedelta(0))
        return
    for number, after in enumerate(policy.patience.remind_after, start=1):
        yield _own(f"{REMIND} {number}", ticket, ticket.waiting_since, after)
    if policy.patience.close_after is not None:
        yield _own(GIVE_UP, ticket, ticket.waiting_since, policy.patience.close_after)


def _own(name: str, ticket: Ticket, since: datetime, after: timedelta) -> Coming:
    timer_id = derived_id(name, str(ticket.number), since.isoformat())
    return Coming(Timer(timer_id, ticket.number, name, since + after))


def with_what_comes(changes: Changes, facts: Facts, policy: Policy) -> Changes:
    """The changes of one record, with the timers that the ticket has from now on, and events as loud as they may be.

    What follows from a record passes through here last.
    """
    if changes.ticket is None:
        return changes
    before = facts.tickets.get(changes.ticket.number)
    after = _counted(before, changes.ticket, facts.now)
    # Most records change nothing that anything could come due by.
    timers = changes.timers
    if before is None:
        timers = timers_of(after, policy) or None
    elif _shape(before) != _shape(after):
        timers = timers_of(after, policy)
    return msgspec.structs.replace(
        changes,
        ticket=after,
        events=tuple(_as_loud(event, policy, facts.now) for event in changes.events),
        timers=timers,
    )


def _shape(ticket: Ticket) -> tuple[object, ...]:
    """All about a ticket that its timers follow from."""
    return (
        *(ticket.state, ticket.priority, ticket.category, ticket.team, ticket.channel, ticket.language),
        *(ticket.assignee, ticket.answered_at, ticket.asked_at, ticket.answer_by, ticket.update_by, ticket.resolve_by),
        *(ticket.waiting_since, ticket.waited, ticket.solved_at, ticket.wakes_at, ticket.ladder_at, ticket.opened_at),
    )


def _counted(before: Ticket | None, after: Ticket, now: datetime) -> Ticket:
    """With the beginning of its ladder and the end of its wait: another priority begins the ladder anew."""
    wakes_at = after.wakes_at if after.state == "waiting" else None
    ladder_at = after.ladder_at
    if before is not None and (before.priority != after.priority or _is_reopened(before, after)):
        ladder_at = now
    if (wakes_at, ladder_at) == (after.wakes_at, after.ladder_at):
        return after
    return msgspec.structs.replace(after, wakes_at=wakes_at, ladder_at=ladder_at)


def _is_reopened(before: Ticket, after: Ticket) -> bool:
    return before.state in ("solved", "closed") and after.state not in ("solved", "closed")


def _as_loud(kept: KeptEvent, policy: Policy, now: datetime) -> KeptEvent:
    event = kept.event
    if event.silent or event.kind in DECIDED or is_loud(event.ticket, policy.loudness, policy.teams, now):
        return kept
    return kept._replace(event=msgspec.structs.replace(event, silent=True))

"""Fires what is due, in one transaction: timers of tickets, then digests."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from router.due import digest_firing
from router.due.occasions import as_action, fired, standing
from router.due.schedule import timers_of, with_what_comes
from router.due.timer_settings import TimerSettings
from router.facts import gather
from router.known import Changes, Facts, folded
from router.policy import Policy
from router.write import Pen
from store import digests, progress, timers
from store.database import lock_desk
from store.failures import attempt
from store.rows import Timer

log = structlog.get_logger()

_RENEWED = "timers"  # Where it is kept by which settings all tickets have their timers.


class _Done(NamedTuple):
    changes: Changes
    later: tuple[Timer, ...]


class Firing:
    """Applies what came due through the router's own records: an outcome in the inbox lets each happen once."""

    def __init__(self, policy: Policy, settings: TimerSettings, now: Callable[[], datetime]) -> None:
        """`now` is what due moments are compared with."""
        self._policy = policy
        self._settings = settings
        self._now = now

    def use(self, policy: Policy) -> None:
        """Decide by another policy from now on."""
        self._policy = policy

    def plan(self, connection: Connection) -> None:
        """Let everybody who gets digests have the timer of their next one."""
        lock_desk(connection)
        digest_firing.plan(connection, self._policy, self._now())

    def renew(self, connection: Connection, after: int) -> int | None:
        """Let tickets that are not closed, with numbers above `after`, have the timers of today's settings.

        Returns the number to go on from; None: it was the last, or all of them have these timers since earlier.
        """
        if progress.get(connection, _RENEWED) == self._policy.config_version:
            return None
        lock_desk(connection)
        found = digests.unclosed(connection, after, self._settings.batch)
        timers.replace(connection, {one.number: timers_of(one, self._policy) for one in found}, self._now())
        if len(found) == self._settings.batch:
            return found[-1].number
        progress.put(connection, _RENEWED, self._policy.config_version)
        return None

    def fire(self, connection: Connection, until: datetime) -> int:
        """Fire the oldest of what came due at `until` at the latest; returns how many there were, 0 for none."""
        lock_desk(connection)
        rows = timers.due(connection, until, self._settings.batch)
        of_tickets = [row for row in rows if row.ticket != timers.OF_DESK]
        if of_tickets:
            self._fire_tickets(connection, of_tickets)
            return len(of_tickets)
        if rows:
            self._fire_digests(connection, rows)
        return len(rows)

    def _fire_digests(self, connection: Connection, rows: Sequence[Timer]) -> None:
        now = self._now()
        _, error = attempt(connection, lambda: digest_firing.fire(connection, rows, self._policy, now))
        if error is not None:
            log.error("digests failed", timers=len(rows), cause=type(error).__name__)
            self._put_off(connection, rows)

    def _put_off(self, connection: Connection, rows: Sequence[Timer]) -> None:
        timers.remove(connection, [row.id for row in rows])
        timers.add(connection, [row._replace(due_at=self._now() + self._settings.again) for row in rows])

    def _fire_tickets(self, connection: Connection, rows: Sequence[Timer]) -> None:
        _, error = attempt(connection, lambda: self._apply(connection, rows))
        if error is None:
            return
        for row in rows:  # One by one, so that only the guilty one waits.
            _, error = attempt(connection, lambda row=row: self._apply(connection, [row]))  # type: ignore[misc] # mypy cannot infer a lambda with a default.
            if error is not None:
                log.error("timer failed", timer=row.id, ticket=row.ticket, name=row.name, cause=type(error).__name__)
                self._put_off(connection, [row])

    def _apply(self, connection: Connection, rows: Sequence[Timer]) -> None:
        now = self._now()
        facts = gather(connection, [as_action(row, now) for row in rows], self._policy, now)
        timers.remove(connection, [row.id for row in rows])
        pen, stale, later = Pen(connection, now), set[int](), list[Timer]()
        for row in rows:
            if facts.is_done(row.record):
                continue
            done = self._fired(row, facts)
            if done is None:
                stale.add(row.ticket)
                continue
            pen.write(done.changes)
            facts = folded(facts, done.changes)
            later += done.later
        pen.flush()
        timers.add(connection, later)
        self._renew(connection, stale, facts)

    def _fired(self, row: Timer, facts: Facts) -> "_Done | None":
        """None where the timer is for nothing as the ticket stands, or not yet."""
        coming = standing(row, facts, self._policy)
        if coming is None:
            return None
        late = row.due_at < facts.now - self._settings.late
        changes, later = fired(coming, facts, self._policy, late=late)
        return _Done(with_what_comes(changes, facts, self._policy), later)

    def _renew(self, connection: Connection, numbers: set[int], facts: Facts) -> None:
        """Let tickets have the timers that they have by the settings of today."""
        found = {number: facts.tickets.get(number) for number in numbers}
        wanted = {number: timers_of(ticket, self._policy) for number, ticket in found.items() if ticket is not None}
        timers.replace(connection, wanted, facts.now)

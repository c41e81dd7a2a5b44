"""Who is on call: a list of people who take turns by the week, or duties with their times."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

import msgspec

from router.hours.local_time import wall_of

WEEK = timedelta(weeks=1)


class OnCall(Protocol):
    """Who takes calls of a team, by moment."""

    def order(self, at: datetime) -> tuple[str, ...]:
        """Who is on call, then who follows, each once; empty: nobody is on call then."""


class Weekly(msgspec.Struct, frozen=True, kw_only=True):
    """People who take turns, each for a week."""

    people: tuple[str, ...]  # Their keys in the settings, in order; at least one.
    start: datetime  # When the first turn begins, on the clocks of `zone`; without a zone itself.
    zone: ZoneInfo

    def order(self, at: datetime) -> tuple[str, ...]:
        """As `OnCall` promises; nobody is before the first turn."""
        turn = (wall_of(at, self.zone) - self.start) // WEEK
        if turn < 0:
            return ()
        first = turn % len(self.people)
        return tuple(dict.fromkeys((*self.people[first:], *self.people[:first])))


class Duty(NamedTuple):
    """Time in which somebody is on call."""

    begins: datetime  # Aware; so too the end.
    ends: datetime
    person: str


class Duties(msgspec.Struct, frozen=True, kw_only=True):
    """Duties one by one, as a calendar has them."""

    duties: Sequence[Duty]  # In order.

    def order(self, at: datetime) -> tuple[str, ...]:
        """As `OnCall` promises; of several at once, the one who began last is on call, and then the others."""
        now = [duty for duty in self.duties if duty.begins <= at < duty.ends]
        later = (duty.person for duty in self.duties if duty.begins > at)
        return tuple(dict.fromkeys((*(duty.person for duty in reversed(now)), *later))) if now else ()

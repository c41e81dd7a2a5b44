"""What is promised to customers, and when it is due."""

from datetime import datetime, timedelta

import msgspec

from router.crew.teams import Team

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


def worked(start: datetime, end: datetime, sla: Sla, team: Team | None) -> timedelta:
    """How much time runs by the clocks of this priority; none if `end` is not after `start`."""
    return max(end - start, _NOTHING) if sla.always or team is None else team.hours.between(start, end)

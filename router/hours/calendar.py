"""A calendar: the hours of a week in one time zone, without its days off."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from router.hours.days_off import DaysOff
from router.hours.local_time import moment_of

DAY = timedelta(days=1)


class Span(NamedTuple):
    """Time without a break, from `begins` up to `ends`; aware, in UTC."""

    begins: datetime
    ends: datetime


class Hours(NamedTuple):
    """Hours of a day on the wall, as time since its midnight; they may end on the day after."""

    begin: timedelta  # Less than a day.
    end: timedelta  # After `begin`, and less than a day after it, or exactly one.


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """When somebody works."""

    name: str  # As in the settings.
    zone: ZoneInfo
    week: tuple[tuple[Hours, ...], ...]  # Of Monday to Sunday, in order.
    days_off: DaysOff = DaysOff()  # What begins on one of these days is off, up to its end on the next.

    def between(self, first: date, last: date) -> Sequence[Span]:
        """The spans that begin on these days of its own zone, both among them, in order."""
        off = frozenset[date]().union(*(self.days_off.of(year) for year in range(first.year, last.year + 1)))
        spans = []
        for number in range((last - first).days + 1):
            day = first + number * DAY
            if day in off:
                continue
            midnight = datetime.combine(day, time())
            for hours in self.week[day.weekday()]:
                span = Span(moment_of(midnight + hours.begin, self.zone), moment_of(midnight + hours.end, self.zone))
                if span.begins < span.ends:  # Nothing is left of what lies where clocks are put forward.
                    spans.append(span)
        return spans


def always(zone: ZoneInfo, name: str = "always") -> Calendar:
    """The calendar of those who never close."""
    return Calendar(name=name, zone=zone, week=((Hours(timedelta(0), DAY),),) * 7)

"""Days of work: what "three days" is for a team that does not work on every day."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from router.hours.calendar import DAY, Span
from router.hours.local_time import moment_of, wall_of
from router.hours.open_hours import YEARS, OpenHours


class WorkDays:
    """The days on which a team works, in the zone of its first calendar.

    A day goes from midnight to midnight; but what goes on past midnight and ends before the next belongs to the day on
    which it began.
    """

    def __init__(self, hours: OpenHours) -> None:
        """The days on which these hours are."""
        self._hours = hours
        self._zone = hours.zone
        # Worked out when a year is first asked for.
        self._begins: dict[date, datetime] = {}
        self._open: dict[date, Sequence[Span]] = {}
        self._worked: dict[int, Sequence[date]] = {}

    def add(self, start: datetime, days: int) -> datetime:
        """The same local time so many days of work after `start`, or after the opening that follows it.

        Where nobody works at that time of that day, it is when they last stopped that day, or else when they begin.
        A later start or more days never give an earlier moment. Raises NeverOpen.
        """
        opening = self._hours.opens_next(start)
        wall = wall_of(opening, self._zone)
        first = wall.date() if self._begin_of(wall.date()) <= opening else wall.date() - DAY
        since_midnight = wall - datetime.combine(first, time())
        day = self._later(first, days)
        wanted = moment_of(datetime.combine(day, time()) + since_midnight, self._zone)
        spans = self._open[day]
        reached = [span for span in spans if span.begins <= wanted]
        return min(wanted, reached[-1].ends) if reached else spans[0].begins

    def _later(self, first: date, days: int) -> date:
        """The day of work that is so many after `first`, itself one."""
        worked = self._worked_in(first.year)
        at = bisect_right(worked, first) - 1 + days
        for year in range(first.year + 1, first.year + YEARS + 1):
            if at < len(worked):
                return worked[at]
            at -= len(worked)
            worked = self._worked_in(year)
        raise self._hours.never(datetime.combine(first, time(), self._zone))

    def _worked_in(self, year: int) -> Sequence[date]:
        known = self._worked.get(year)
        if known is None:
            begin = date(year, 1, 1)
            days = [begin + number * DAY for number in range((date(year + 1, 1, 1) - begin).days)]
            self._open |= {
                day: tuple(self._hours.spans(self._begin_of(day), self._begin_of(day + DAY))) for day in days
            }
            known = self._worked[year] = [day for day in days if self._open[day]]
        return known

    def _begin_of(self, day: date) -> datetime:
        known = self._begins.get(day)
        if known is None:
            known = self._begins[day] = self._found_begin_of(day)
        return known

    def _found_begin_of(self, day: date) -> datetime:
        """Midnight, or when that ends which has gone on since the day before."""
        before, midnight, after = (moment_of(datetime.combine(day + n * DAY, time()), self._zone) for n in (-1, 0, 1))
        if not (self._hours.is_open(midnight) and self._hours.is_open(midnight - timedelta.resolution)):
            return midnight
        ends = self._hours.closes_next(midnight)
        # Where one takes over from the other day and night, no day but that of the clock ends.
        if ends is None or ends >= after or not self._has_break(before, midnight):
            return midnight
        return ends

    def _has_break(self, since: datetime, until: datetime) -> bool:
        return self._hours.between(since, until) < until - since

"""Working time: when at least one of several calendars is open, and how time is counted while it is."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from router.hours.calendar import DAY, Calendar, Span

YEARS = 10  # Ours: what is not found by then never comes.
_NOTHING = timedelta(0)


class NeverOpen(ValueError):
    """No time of work was found within ten years."""


class _Year(NamedTuple):
    """What is open in a year of UTC, in order; nothing overlaps or touches."""

    begins: tuple[datetime, ...]
    ends: tuple[datetime, ...]
    before: tuple[timedelta, ...]  # The working time of the year up to each beginning.
    total: timedelta


class OpenHours:
    """The open hours of a team: of all its calendars together.

    Deadlines are moments while it is open, or the moment at which it closes. A year is worked out when it is first
    asked for, and looked up from then on.
    """

    def __init__(self, calendars: Sequence[Calendar]) -> None:
        """At least one; days are counted in the zone of the first."""
        self.calendars = tuple(calendars)
        self.zone = calendars[0].zone
        self._years: dict[int, _Year] = {}

    def is_open(self, at: datetime) -> bool:
        """Whether somebody works at this moment; no longer at the one at which they close."""
        moment = at.astimezone(UTC)
        year = self._year(moment.year)
        here = bisect_right(year.begins, moment) - 1
        return here >= 0 and moment < year.ends[here]

    def opens_next(self, at: datetime) -> datetime:
        """This moment, if somebody works then, or when they next begin. Raises NeverOpen."""
        return next(self._spans(at)).begins

    def closes_next(self, at: datetime) -> datetime | None:
        """When those who work then, or next, stop; None: not within the year. Raises NeverOpen."""
        spans = self._spans(at)
        first = next(spans)
        ends = first.ends
        while ends - first.begins <= 366 * DAY:
            following = next(spans, None)
            if following is None or following.begins > ends:  # Spans are cut at the end of a year alone.
                return ends
            ends = following.ends
        return None

    def spans(self, since: datetime, until: datetime) -> Iterator[Span]:
        """What is open between two moments, in order, cut to them and at the ends of years."""
        since, until = since.astimezone(UTC), until.astimezone(UTC)
        for number in range(since.year, until.year + 1 if since < until else since.year):
            year = self._year(number)
            for here in range(bisect_right(year.ends, since), bisect_left(year.begins, until)):
                yield Span(max(year.begins[here], since), min(year.ends[here], until))

    def add(self, start: datetime, work: timedelta) -> datetime:
        """When this much time has been worked since `start`; the next opening for no work at all. Raises NeverOpen.

        A later start or more work never gives an earlier moment.
        """
        if work <= _NOTHING:
            return self.opens_next(start)
        at = start.astimezone(UTC)
        left = work + self._worked(at)
        for number in range(at.year, at.year + YEARS + 1):
            year = self._year(number)
            if left <= year.total:
                # What is all done when they close is done then, and not when they next open.
                here = bisect_left(year.before, left) - 1
                return year.begins[here] + (left - year.before[here])
            left -= year.total
        raise self.never(start)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much time is worked from one moment to another; none if `end` is not after `start`."""
        if end <= start:
            return _NOTHING
        first, last = start.astimezone(UTC), end.astimezone(UTC)
        whole = sum((self._year(number).total for number in range(first.year, last.year)), start=_NOTHING)
        return whole - self._worked(first) + self._worked(last)

    def never(self, at: datetime) -> NeverOpen:
        """The error that nobody works after this moment."""
        names = ", ".join(calendar.name for calendar in self.calendars)
        return NeverOpen(f"no time of work within {YEARS} years after {at:%Y-%m-%d} in {names}: see its hours")

    def _spans(self, at: datetime) -> Iterator[Span]:
        """What is open from a moment on; the first is cut to begin there. Raises NeverOpen if there is none."""
        first, is_empty = at.astimezone(UTC), True
        for number in range(first.year, first.year + YEARS + 1):
            year = self._year(number)
            for here in range(bisect_right(year.ends, first), len(year.begins)):
                is_empty = False
                yield Span(max(year.begins[here], first), year.ends[here])
        if is_empty:
            raise self.never(at)

    def _worked(self, at: datetime) -> timedelta:
        """The working time of the moment's year up to it; the moment in UTC."""
        year = self._year(at.year)
        here = bisect_right(year.begins, at) - 1
        if here < 0:
            return _NOTHING
        return year.before[here] + min(at, year.ends[here]) - year.begins[here]

    def _year(self, number: int) -> _Year:
        known = self._years.get(number)
        if known is None:
            known = self._years[number] = _worked_out(self.calendars, number)
        return known


def _worked_out(calendars: Sequence[Calendar], number: int) -> _Year:
    begin, end = datetime(number, 1, 1, tzinfo=UTC), datetime(number + 1, 1, 1, tzinfo=UTC)
    # Zones are at most fourteen hours from UTC, and hours end a day after they begin at the latest.
    first, last = begin.date() - 2 * DAY, end.date() + 2 * DAY
    found = sorted(span for calendar in calendars for span in calendar.between(first, last))
    spans: list[Span] = []
    for begins, ends in ((max(span.begins, begin), min(span.ends, end)) for span in found):
        if begins >= ends:
            continue
        if spans and begins <= spans[-1].ends:
            spans[-1] = Span(spans[-1].begins, max(ends, spans[-1].ends))
        else:
            spans.append(Span(begins, ends))
    before, total = [], _NOTHING
    for span in spans:
        before.append(total)
        total += span.ends - span.begins
    return _Year(tuple(s.begins for s in spans), tuple(s.ends for s in spans), tuple(before), total)

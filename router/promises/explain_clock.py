"""Says of a deadline in which hours it was counted: how much, when by whose clocks, and by which calendar."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from router.hours.calendar import Calendar, Span
from router.hours.open_hours import OpenHours


class Stretch(NamedTuple):
    """Working time without a break, by one calendar."""

    calendar: str
    begins: datetime  # As the clocks of the calendar's zone show it; so too the end.
    ends: datetime

    @property
    def worked(self) -> timedelta:
        """How long it is."""
        return self.ends - self.begins


def stretches(calendars: Sequence[Calendar], start: datetime, end: datetime) -> tuple[Stretch, ...]:
    """The working time from `start` to `end`, in order; where several are open at once, whoever began goes on."""
    spans = [(calendar, span) for calendar in calendars for span in OpenHours([calendar]).spans(start, end)]
    return tuple(_counted(spans, start))


def told(stretch: Stretch) -> str:
    """Its length, day, hours and calendar, as one says them."""
    return f"{length(stretch.worked)} {stretch.begins:%a %H:%M}–{stretch.ends:%H:%M} {stretch.calendar}"  # noqa: RUF001 (from to)


def length(time: timedelta) -> str:
    """Such as "20 min", "4 h" or "3 h 40"; seconds only where there is less than a minute."""
    seconds = round(time.total_seconds())
    hours, minutes = divmod(seconds // 60, 60)
    if not hours:
        return f"{minutes} min" if minutes else f"{seconds} s"
    return f"{hours} h {minutes:02d}" if minutes else f"{hours} h"


def _counted(spans: Sequence[tuple[Calendar, Span]], start: datetime) -> Iterator[Stretch]:
    """Each moment once: of what overlaps, the calendar whose span began first counts until it ends."""
    reached = start
    for calendar, span in sorted(spans, key=lambda one: one[1]):
        begins = max(span.begins, reached)
        if begins < span.ends:
            yield Stretch(calendar.name, begins.astimezone(calendar.zone), span.ends.astimezone(calendar.zone))
            reached = span.ends

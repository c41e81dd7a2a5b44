"""Duties from a file of iCalendar (RFC 5545): each event is one person's time on call."""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import Protocol
from zoneinfo import ZoneInfo

from router.crew.on_call import Duties, Duty
from router.crew.teams import Person
from router.hours.local_time import moment_of

MOST = 10_000  # Ours: duties that are read; an hour each, for more than a year.
LARGEST = 1_000_000  # Ours: characters of a file.
_WORD = re.compile(r"\w+")
_TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY"})  # RFC 5545, 3.3.10: no duty is that short, and each would be an event.


class _Event(Protocol):
    """One occurrence, as the library gives it."""

    @property
    def start(self) -> date:
        """A datetime, or a date of what lasts whole days."""

    @property
    def end(self) -> date:
        """The same; the first moment or day after it."""

    def get(self, key: str) -> object:
        """A property; None for none, a list for several."""


def duties_of(text: str, people: Collection[Person], zone: ZoneInfo, since: datetime, until: datetime) -> Duties:
    """The duties between two moments; repeated events are read one by one, the first MOST of them.

    An event is of the person whose mail address is an attendee's, or else whose key, name or address its summary has.
    Whole days, and times without a zone, are of `zone`. Raises ValueError for what cannot be read, an event that names
    nobody, and where the extra is not installed.
    """
    try:
        import icalendar  # noqa: PLC0415 (the core works without the extra)
        import recurring_ical_events  # noqa: PLC0415
    except ImportError as error:
        raise ValueError("iCalendar is read by an extra: run pip install 'deskwire[oncall]'") from error
    if len(text) > LARGEST:
        raise ValueError(f"the calendar has {len(text)} characters, and {LARGEST} are the most: export less of it")
    calendar = icalendar.Calendar.from_ical(text)
    for event in calendar.walk("VEVENT"):
        if _TOO_OFTEN.intersection(map(str, (event.get("RRULE") or {}).get("FREQ", ()))):
            raise ValueError("an event of the calendar is repeated every minute or second: correct it")
    found = []
    for event in islice(recurring_ical_events.of(calendar).after(since), MOST):
        begins, ends = _moment(event.start, zone), _moment(event.end, zone)
        if begins >= until:
            break
        found.append(Duty(begins, ends, _person(event, people)))
    return Duties(duties=tuple(sorted(found)))


def _moment(given: date, zone: ZoneInfo) -> datetime:
    if not isinstance(given, datetime):
        return moment_of(datetime.combine(given, time()), zone)
    return moment_of(given, zone) if given.tzinfo is None else given.astimezone(UTC)


def _person(event: _Event, people: Collection[Person]) -> str:
    attendees = event.get("ATTENDEE")
    several = attendees if isinstance(attendees, list) else [attendees] if attendees is not None else []
    mails = {str(one).lower().removeprefix("mailto:") for one in several}
    summary = str(event.get("SUMMARY") or "")
    for person in people:
        if person.mail is not None and person.mail.value in mails:
            return person.key
    words = f" {' '.join(_WORD.findall(summary.lower()))} "
    for person in people:
        names = (person.key, person.name, person.mail.value if person.mail is not None else "")
        if any(name and f" {' '.join(_WORD.findall(name.lower()))} " in words for name in names):
            return person.key
    raise ValueError(
        f'the event "{summary[:60]}" of {event.start:%Y-%m-%d} names nobody under people: '
        "write a key or name of theirs into its summary, or add their address as an attendee"
    )

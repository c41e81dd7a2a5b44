"""Teams and the people in them: who works when, and who is called when nobody does."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from router.crew.on_call import OnCall
from router.hours.open_hours import OpenHours
from router.hours.work_days import WorkDays
from store.records import Address


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who works here."""

    key: str  # As in the settings: "ola".
    name: str  # What people read.
    speaks: tuple[str, ...] = ()  # Languages.
    skills: frozenset[str] = frozenset()  # Categories and tags that they know well.
    role: str = ""  # "manager", or whatever else the desk calls it.
    mail: Address | None = None  # Where they are written to; None: not by mail. So too the next one.
    telegram: Address | None = None

    @property
    def actor(self) -> str:
        """What tickets, actions and events call them: "person:ola"."""
        return f"person:{self.key}"


class Shift(NamedTuple):
    """People who work by one calendar."""

    calendar: str  # Its name.
    hours: OpenHours  # Of this calendar alone.
    people: tuple[str, ...]  # Their keys, in the order of the settings.


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """A team, open while any of its shifts is."""

    name: str
    hours: OpenHours  # Of all shifts together; of a team without any: always.
    days: WorkDays  # Of the same.
    level: int = 1  # From 1 to 3: the higher, the more it knows and the later it is asked.
    shifts: tuple[Shift, ...] = ()
    on_call: OnCall | None = None
    escalates_to: str = ""  # The team above it; empty: the first of a higher level.

    @property
    def members(self) -> tuple[str, ...]:
        """The keys of all who work in it, each once."""
        return tuple(dict.fromkeys(person for shift in self.shifts for person in shift.people))

    def on_shift(self, at: datetime) -> Mapping[str, datetime | None]:
        """Who works at a moment, and until when by the clocks of their shift; None: they never stop."""
        working: dict[str, datetime | None] = {}
        for shift in self.shifts:
            if shift.hours.is_open(at):
                closes = shift.hours.closes_next(at)
                ends = closes.astimezone(shift.hours.zone) if closes is not None else None
                for person in shift.people:
                    earlier = working.get(person, ends)
                    working[person] = max(earlier, ends) if earlier is not None and ends is not None else None
        return working

    def next_shift(self, at: datetime) -> datetime | None:
        """When somebody works again, at the moment itself if they do; None: never, or the team has no shifts."""
        return self.hours.opens_next(at) if self.shifts else None

    def called(self, at: datetime) -> tuple[str, ...]:
        """Who is on call, then who would follow; empty: nobody."""
        return self.on_call.order(at) if self.on_call is not None else ()


def team(
    name: str,
    *,
    always: OpenHours,
    level: int = 1,
    shifts: tuple[Shift, ...] = (),
    on_call: OnCall | None = None,
    escalates_to: str = "",
) -> Team:
    """A team by its shifts; `always` are the hours of one that has none."""
    calendars = tuple(dict.fromkeys(calendar for shift in shifts for calendar in shift.hours.calendars))
    hours = OpenHours(calendars) if calendars else always
    return Team(
        name=name,
        hours=hours,
        days=WorkDays(hours),
        level=level,
        shifts=shifts,
        on_call=on_call,
        escalates_to=escalates_to,
    )

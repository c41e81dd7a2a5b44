"""What the settings file says about teams: where they work, who in them works when, and who is on call."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator
from pydantic_core import PydanticCustomError

from router.crew.duty_calendar import LARGEST, duties_of
from router.crew.on_call import OnCall, Weekly
from router.crew.teams import Person, Shift, Team, team
from router.hours.calendar import Calendar, always
from router.hours.calendar_settings import ZoneName
from router.hours.open_hours import OpenHours
from router.rules.condition_settings import Section
from store.files import Info, near

_MAILBOX = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
_CALENDAR = "BEGIN:VCALENDAR"  # RFC 5545, 3.4.
# Duties are read once, when the desk starts or reads its settings again: what it decided lately can be explained, and
# nobody is to run it for two years without a new version.
_PAST, _AHEAD = timedelta(days=366), timedelta(days=2 * 366)


class Workspace(Section):
    """Where a team works: a chat or a mailbox, exactly one."""

    telegram: int | None = Field(default=None, description="The number of the team's group.")
    mail: str | None = Field(default=None, description="The team's mail address.")
    channel: str = Field(
        default="", description="The channel that carries alerts; absent: the first that sends mail, or the only bot."
    )

    @field_validator("telegram")
    @classmethod
    def _is_a_group(cls, number: int | None) -> int | None:
        if number is not None and number >= 0:
            raise PydanticCustomError(
                "bad_chat_id",
                "{number} is no group: numbers of groups are negative, and most begin with -100",
                {"number": number},
            )
        return number

    @field_validator("mail")
    @classmethod
    def _is_an_address(cls, mail: str | None) -> str | None:
        if mail is not None and not _MAILBOX.fullmatch(mail):
            raise PydanticCustomError(
                "bad_address", '"{mail}" is no mail address: write one such as team@example.org', {"mail": mail}
            )
        return mail

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.telegram is None) == (self.mail is None):
            raise PydanticCustomError(
                "one_workspace", "a workspace is a chat or a mailbox: write telegram or mail, one of them"
            )
        return self


class ShiftSettings(Section):
    """People who work by one calendar."""

    calendar: str = Field(description="The calendar by which they work.")
    people: tuple[str, ...] = Field(min_length=1, description="Who works then; where nothing else decides, the first.")


def _first_turn(value: object) -> object:
    """A time on the clocks of a zone, which is another key."""
    if isinstance(value, datetime):
        return value
    try:
        begins = datetime.fromisoformat(str(value))
    except ValueError:
        begins = None
    if begins is None or begins.tzinfo is not None:
        raise PydanticCustomError(
            "bad_moment",
            '"{text}" is no local date and time: write them as in 2026-11-23 09:00',
            {"text": str(value)},
        )
    return begins


def _calendar_text(value: object, info: Info) -> object:
    """The text of a calendar, of which a file or a variable may hold it or its name."""
    if not isinstance(value, str) or value.lstrip().startswith(_CALENDAR):
        return value
    if "://" in value:
        raise PydanticCustomError(
            "calendar_elsewhere",
            "a calendar is not fetched from the network: let another program save it, and write the name of the file",
        )
    path = near(value, info)
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(LARGEST + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise PydanticCustomError(
            "no_file",
            "the calendar {path} cannot be read ({why}): correct the name; relative ones count from this file",
            {"path": str(path), "why": type(error).__name__},
        ) from error


class OnCallSettings(Section):
    """Who is on call: people who take turns, or a calendar of duties."""

    weekly: tuple[str, ...] = Field(default=(), description="People who take turns, each for a week, in order.")
    start: Annotated[datetime, BeforeValidator(_first_turn), WithJsonSchema({"type": "string"})] | None = Field(
        default=None, alias="from", description="When the first of them begins, and all hand over: 2026-11-23 09:00."
    )
    time_zone: ZoneName | None = Field(
        default=None, description="The zone whose clocks these times mean; absent: that of the team's first shift."
    )
    ical: Annotated[str, BeforeValidator(_calendar_text)] | None = Field(
        default=None, description="A file of iCalendar whose events are duties, each of whom it names; or its text."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.weekly and self.ical is None and self.start is None:
            raise PydanticCustomError(
                "one_on_call",
                "nobody knows when the first of them begins: write from: beside it, as in from: 2026-11-23 09:00",
            )
        if bool(self.weekly) == (self.ical is not None) or bool(self.weekly) != (self.start is not None):
            raise PydanticCustomError(
                "one_on_call",
                "on_call is a list or a calendar: write weekly: [ola, ivan] and from: 2026-11-23 09:00, or ical: FILE",
            )
        return self

    def compiled(self, zone: ZoneInfo, people: Mapping[str, Person], now: datetime) -> OnCall:
        """In the form that deciding reads. Raises ValueError for a calendar that cannot be read."""
        zone = ZoneInfo(self.time_zone) if self.time_zone is not None else zone
        if self.start is not None:
            return Weekly(people=self.weekly, start=self.start, zone=zone)
        return duties_of(self.ical or "", tuple(people.values()), zone, now - _PAST, now + _AHEAD)


class TeamSettings(Section):
    """A team that gets tickets."""

    level: int = Field(default=1, ge=1, le=3, description="From 1 to 3: who is asked first, and who knows most.")
    shifts: tuple[ShiftSettings, ...] = Field(
        default=(), description="Who works when; the team is open while any of them works. None: it is open always."
    )
    on_call: OnCallSettings | None = Field(default=None, description="Who is called when it is urgent.")
    escalates_to: str = Field(
        default="", description="The team that gets what goes up a level; absent: the first of a higher one."
    )
    workspace: Workspace = Field(description="Where its alerts go.")


def teams_of(
    teams: Mapping[str, TeamSettings],
    calendars: Mapping[str, Calendar],
    people: Mapping[str, Person],
    zone: ZoneInfo,
    now: datetime,
) -> Mapping[str, Team]:
    """The teams by their names; `zone` is the site's, for those without shifts.

    Raises ValueError for a calendar of duties that cannot be read.
    """
    hours = {name: OpenHours([calendar]) for name, calendar in calendars.items()}
    open_always = OpenHours([always(zone)])
    found = {}
    for name, settings in teams.items():
        shifts = tuple(Shift(shift.calendar, hours[shift.calendar], shift.people) for shift in settings.shifts)
        home = shifts[0].hours.zone if shifts else zone
        found[name] = team(
            name,
            always=open_always,
            level=settings.level,
            shifts=shifts,
            on_call=settings.on_call.compiled(home, people, now.astimezone(UTC)) if settings.on_call else None,
            escalates_to=settings.escalates_to,
        )
    return found

"""What the settings file says about when people work, and how it becomes calendars."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, field_validator, model_validator
from pydantic_core import PydanticCustomError

from router.hours.calendar import Calendar, Hours
from router.hours.days_off import DaysOff, is_country
from router.rules.condition_settings import Section

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_OWN = ("time_zone", "holidays")
_DAY = timedelta(days=1)
_HOURS = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")


def known_zone(name: str) -> str:
    """The name itself; an error that says what to do where no time zone is called so."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        alike = next((zone for zone in sorted(available_timezones()) if zone.lower() == name.lower()), "")
        remedy = f'did you mean "{alike}"?' if alike else "use an IANA name, such as Europe/Warsaw"
        raise PydanticCustomError(
            "unknown_time_zone", 'no time zone is called "{zone}": {remedy}', {"zone": name, "remedy": remedy}
        ) from error
    return name


ZoneName = Annotated[str, AfterValidator(known_zone)]


def _days(written: str) -> str:
    first, _, last = written.partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        raise PydanticCustomError(
            "bad_days",
            '"{days}" is no day and no days: write mon, or mon-fri, of {all}; beside these there are time_zone and '
            "holidays",
            {"days": written, "all": ", ".join(DAYS)},
        )
    return written


def _parts(value: object) -> object:
    """Several are parted by commas."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _clock(written: str) -> str:
    if _read(written) is None:
        raise PydanticCustomError(
            "bad_hours",
            '"{hours}" are no hours: write them as in 08:00-17:00, several as in 08:00-12:00, 13:00-17:00, a whole day '
            "as 00:00-24:00",
            {"hours": written},
        )
    return written


def _read(written: str) -> Hours | None:
    found = _HOURS.fullmatch(written)
    if found is None:
        return None
    hour, minute, last_hour, last_minute = map(int, found.groups())
    begin, end = timedelta(hours=hour, minutes=minute), timedelta(hours=last_hour, minutes=last_minute)
    if max(minute, last_minute) > 59 or begin >= _DAY or end > _DAY or begin == end:  # noqa: PLR2004 (minutes)
        return None
    return Hours(begin, end if end > begin else end + _DAY)


Days = Annotated[str, AfterValidator(_days)]
HoursOfDay = Annotated[
    tuple[Annotated[str, AfterValidator(_clock)], ...],
    BeforeValidator(_parts),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": rf"^\s*{_HOURS.pattern}(\s*,\s*{_HOURS.pattern})*\s*$"},
                {"type": "array", "items": {"type": "string", "pattern": f"^{_HOURS.pattern}$"}},
            ],
            "examples": ["08:00-17:00", "08:00-12:00, 13:00-17:00"],
        }
    ),
]


class HolidaySettings(Section):
    """Days on which nobody works."""

    country: str = Field(
        default="", description="ISO 3166-1 code of a country whose public holidays are free: PL, or DE-BY of a part."
    )
    also: tuple[date, ...] = Field(default=(), description="More days that are free, as in 2026-12-24.")
    worked: tuple[date, ...] = Field(default=(), alias="not", description="Public holidays on which work goes on.")

    @field_validator("country")
    @classmethod
    def _is_known(cls, country: str) -> str:
        if country and not is_country(*_parted(country)):
            raise PydanticCustomError(
                "unknown_country",
                'nobody knows the holidays of "{country}": write an ISO code such as PL, or DE-BY for a part of one',
                {"country": country},
            )
        return country

    def compiled(self) -> DaysOff:
        """In the form that deciding reads."""
        country, subdivision = _parted(self.country)
        return DaysOff(
            country=country, subdivision=subdivision, also=frozenset(self.also), worked=frozenset(self.worked)
        )


def _country(value: object) -> object:
    return {"country": value} if isinstance(value, str) else value


class CalendarSettings(Section):
    """When somebody works: hours by the day, on the clocks of one zone."""

    time_zone: ZoneName = Field(description="IANA name of the zone whose clocks the hours mean.")
    holidays: Annotated[HolidaySettings, BeforeValidator(_country)] = Field(
        default=HolidaySettings(), description="Days on which nobody works: the code of a country, or more."
    )
    hours: dict[Days, HoursOfDay] = Field(
        default_factory=dict,
        exclude=True,
        description="Every other key: a day such as mon, or days such as mon-fri or sat-wed, and the hours of each.",
    )

    @model_validator(mode="before")
    @classmethod
    def _sort_keys(cls, data: object) -> object:
        """Every key but two is a day or several."""
        if not isinstance(data, Mapping):
            return data
        own = {key: value for key, value in data.items() if key in _OWN}
        return {**own, "hours": {key: value for key, value in data.items() if key not in own}}

    @model_validator(mode="after")
    def _is_ever_open(self) -> Self:
        if not any(self.hours.values()):
            raise PydanticCustomError(
                "never_open", 'this calendar has no hours at all: add some, as in mon-fri: "08:00-17:00"'
            )
        return self

    def compiled(self, name: str) -> Calendar:
        """In the form that deciding reads; a day that is named alone and among others has the hours of both."""
        week: list[list[Hours]] = [[] for _ in DAYS]
        for days, several in self.hours.items():
            first, _, last = days.partition("-")
            begin = DAYS.index(first)
            for number in range((DAYS.index(last or first) - begin) % len(DAYS) + 1):
                week[(begin + number) % len(DAYS)] += filter(None, map(_read, several))
        return Calendar(
            name=name,
            zone=ZoneInfo(self.time_zone),
            week=tuple(tuple(sorted(hours)) for hours in week),
            days_off=self.holidays.compiled(),
        )


def _parted(country: str) -> tuple[str, str]:
    code, _, subdivision = country.partition("-")
    return code, subdivision


def calendars_of(calendars: Mapping[str, CalendarSettings]) -> Mapping[str, Calendar]:
    """The calendars by their names."""
    return {name: calendar.compiled(name) for name, calendar in calendars.items()}

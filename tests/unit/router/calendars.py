"""The calendars of the tests: an office in Warsaw, one in Tehran, and whatever else a test needs."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from router.hours.calendar import Calendar, Hours
from router.hours.days_off import DaysOff

WARSAW, TEHRAN = ZoneInfo("Europe/Warsaw"), ZoneInfo("Asia/Tehran")


def hours(begin: float, end: float) -> Hours:
    return Hours(timedelta(hours=begin), timedelta(hours=end))


def office(zone: str, *several: Hours, days: str = "0123456", country: str = "", name: str = "office") -> Calendar:
    """The same hours on days that are named by their numbers, Monday's 0."""
    week = tuple(several if str(day) in days else () for day in range(7))
    return Calendar(name=name, zone=ZoneInfo(zone), week=week, days_off=DaysOff(country=country))


def in_warsaw() -> Calendar:
    return office("Europe/Warsaw", hours(8, 17), days="01234", country="PL", name="warsaw")


def in_tehran() -> Calendar:
    return office("Asia/Tehran", hours(8, 16.5), days="56012", country="IR", name="tehran")


def warsaw(*moment: int) -> datetime:
    """A moment by Warsaw's clocks, as all of ours are: in UTC."""
    return datetime(*moment, tzinfo=WARSAW).astimezone(UTC)

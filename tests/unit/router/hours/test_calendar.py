"""A calendar says when somebody works: by the week, without days off, on the clock of its zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from router.hours.calendar import Calendar, Hours, Span, always
from router.hours.days_off import DaysOff, is_country
from router.hours.local_time import moment_of, wall_of

HOUR = timedelta(hours=1)
WARSAW, LORD_HOWE, APIA = ZoneInfo("Europe/Warsaw"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia")


def calendar(*hours: Hours, zone: ZoneInfo = WARSAW, days_off: DaysOff | None = None) -> Calendar:
    return Calendar(name="it", zone=zone, week=(hours,) * 7, days_off=days_off or DaysOff())


def utc(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)


def wall(*shown: int) -> datetime:
    return datetime(*shown)  # noqa: DTZ001 (what clocks show has no zone)


@pytest.mark.parametrize(
    ("zone", "shown", "moment"),
    [
        (WARSAW, wall(2026, 11, 20, 16, 40), utc(2026, 11, 20, 15, 40)),
        (WARSAW, wall(2026, 3, 29, 2, 30), utc(2026, 3, 29, 1)),  # Put forward at two: never shown.
        (WARSAW, wall(2026, 10, 25, 2, 30), utc(2026, 10, 25, 0, 30)),  # Put back at three: the first time.
        (LORD_HOWE, wall(2026, 10, 4, 2, 15), utc(2026, 10, 3, 15, 30)),  # Forward by half an hour.
        (LORD_HOWE, wall(2026, 4, 5, 1, 45), utc(2026, 4, 4, 14, 45)),
        (APIA, wall(2011, 12, 30, 12), utc(2011, 12, 30, 10)),  # A day that never was.
    ],
)
def test_a_time_on_the_wall_is_one_moment(zone: ZoneInfo, shown: datetime, moment: datetime) -> None:
    assert moment_of(shown, zone) == moment


@pytest.mark.parametrize(
    ("zone", "moment", "shown"),
    [
        (WARSAW, utc(2026, 10, 25, 0, 30), wall(2026, 10, 25, 2, 30)),
        (WARSAW, utc(2026, 10, 25, 1), wall(2026, 10, 25, 3)),  # From here on it is shown for the second time.
        (WARSAW, utc(2026, 10, 25, 1, 59, 59), wall(2026, 10, 25, 3)),
        (WARSAW, utc(2026, 10, 25, 2), wall(2026, 10, 25, 3)),
        (LORD_HOWE, utc(2026, 4, 4, 15, 10), wall(2026, 4, 5, 2)),
    ],
)
def test_a_later_moment_never_has_an_earlier_time(zone: ZoneInfo, moment: datetime, shown: datetime) -> None:
    assert wall_of(moment, zone) == shown


def test_each_day_has_its_own_hours() -> None:
    week = ((), (), (), (), (Hours(8 * HOUR, 12 * HOUR), Hours(13 * HOUR, 17 * HOUR)), (), ())
    friday = Calendar(name="it", zone=WARSAW, week=week)

    spans = friday.between(date(2026, 11, 16), date(2026, 11, 22))

    assert spans == [
        Span(utc(2026, 11, 20, 7), utc(2026, 11, 20, 11)),
        Span(utc(2026, 11, 20, 12), utc(2026, 11, 20, 16)),
    ]


def test_hours_may_go_on_past_midnight() -> None:
    spans = calendar(Hours(22 * HOUR, 30 * HOUR)).between(date(2026, 11, 20), date(2026, 11, 20))

    assert spans == [Span(utc(2026, 11, 20, 21), utc(2026, 11, 21, 5))]


@pytest.mark.parametrize(
    ("day", "length"),
    [(date(2026, 3, 29), 7), (date(2026, 10, 25), 9), (date(2026, 11, 20), 8)],
)
def test_a_night_is_as_long_as_it_is(day: date, length: int) -> None:
    night = calendar(Hours(0 * HOUR, 8 * HOUR))

    [span] = night.between(day, day)

    assert span.ends - span.begins == length * HOUR


def test_nothing_is_left_of_hours_that_no_clock_shows() -> None:
    assert calendar(Hours(2 * HOUR, 3 * HOUR)).between(date(2026, 3, 29), date(2026, 3, 29)) == []
    assert calendar(Hours(8 * HOUR, 17 * HOUR), zone=APIA).between(date(2011, 12, 30), date(2011, 12, 30)) == []


@pytest.mark.parametrize(
    ("days_off", "day", "is_off"),
    [
        (DaysOff(country="PL"), date(2026, 11, 11), True),  # Independence Day.
        (DaysOff(country="PL"), date(2026, 11, 12), False),
        (DaysOff(country="PL", worked=frozenset({date(2026, 11, 11)})), date(2026, 11, 11), False),
        (DaysOff(country="PL", also=frozenset({date(2026, 12, 31)})), date(2026, 12, 31), True),
        (DaysOff(also=frozenset({date(2026, 12, 31)})), date(2026, 12, 31), True),
        (DaysOff(country="IR"), date(2027, 3, 21), True),  # Nowruz.
        (DaysOff(country="DE"), date(2027, 1, 6), False),
        (DaysOff(country="DE", subdivision="BY"), date(2027, 1, 6), True),  # Epiphany, in Bavaria.
        (DaysOff(), date(2026, 12, 25), False),
    ],
)
def test_nobody_works_on_days_off(days_off: DaysOff, day: date, is_off: bool) -> None:
    assert (day in days_off.of(day.year)) == is_off
    assert (not calendar(Hours(8 * HOUR, 9 * HOUR), days_off=days_off).between(day, day)) == is_off


@pytest.mark.parametrize(
    ("country", "subdivision", "known"),
    [("PL", "", True), ("DE", "BY", True), ("UK", "", True), ("XX", "", False), ("DE", "XX", False), ("", "", False)],
)
def test_a_country_is_known_or_not(country: str, subdivision: str, known: bool) -> None:
    assert is_country(country, subdivision) == known


def test_those_who_never_close_work_every_hour() -> None:
    spans = always(ZoneInfo("UTC")).between(date(2026, 12, 31), date(2027, 1, 1))

    assert spans == [Span(utc(2026, 12, 31), utc(2027, 1, 1)), Span(utc(2027, 1, 1), utc(2027, 1, 2))]

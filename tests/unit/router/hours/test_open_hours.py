"""Working time runs while at least one calendar is open, whatever the clocks, the holidays and the year do."""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.hours.calendar import Calendar, always
from router.hours.open_hours import NeverOpen, OpenHours
from router.hours.work_days import WorkDays
from tests.unit.router.calendars import TEHRAN, WARSAW, hours, in_tehran, in_warsaw, office, warsaw

HOUR = timedelta(hours=1)
ZONES = ("Europe/Warsaw", "Asia/Tehran", "America/New_York", "Australia/Lord_Howe", "UTC", "Pacific/Apia")
SERVICEDESK = OpenHours((in_tehran(), in_warsaw()))

# Every kind of hours: around midnight, around the hours at which clocks are changed, without end, in two parts.
SHAPES = (
    (hours(8, 17),),
    (hours(8, 12), hours(13, 17)),
    (hours(22, 30),),
    (hours(0, 24),),
    (hours(1.5, 2.75),),
    (hours(0, 3), hours(20, 24)),
)
TEAMS = [
    OpenHours(calendars)
    for zone in ZONES
    for shape in SHAPES
    for calendars in (
        (office(zone, *shape),),
        (office(zone, *shape, days="01234", country="PL"), in_tehran()),
    )
]
teams = st.sampled_from(TEAMS)
teams_in_days = st.sampled_from([(team, WorkDays(team)) for team in TEAMS])
NEVER_CLOSED = [(team, WorkDays(team)) for team in (OpenHours((always(ZoneInfo(zone)),)) for zone in ZONES)]
# Years' ends, days on which clocks change, and Apia's year without the 30th of December; and any other time.
EDGES = tuple(
    datetime(*day, tzinfo=UTC)
    for day in (
        (2026, 12, 31),
        (2026, 3, 29),
        (2026, 10, 25),
        (2026, 3, 8),
        (2026, 11, 1),
        (2026, 4, 5),
        (2011, 12, 30),
    )
)
moments = st.one_of(
    st.builds(
        lambda edge, off: edge + timedelta(seconds=off),
        st.sampled_from(EDGES),
        st.integers(-3 * 86_400, 3 * 86_400),
    ),
    st.builds(
        lambda off: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=off),
        st.integers(0, 2 * 365 * 86_400),
    ),
)
durations = st.one_of(st.integers(0, 900), st.integers(0, 500 * 3600)).map(lambda number: timedelta(seconds=number))
some_days = st.integers(0, 40)
quickly = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def is_within(team: OpenHours, at: datetime) -> bool:
    """Open, or just closing."""
    return team.is_open(at) or team.is_open(at - timedelta.resolution)


@pytest.mark.parametrize(
    ("start", "work", "end"),
    [
        (warsaw(2026, 11, 20, 16, 40), 4 * HOUR, warsaw(2026, 11, 21, 9, 10)),  # Over to Tehran, on Saturday.
        (warsaw(2026, 11, 20, 16, 40), HOUR / 3, warsaw(2026, 11, 20, 17)),  # Done as they close.
        (warsaw(2026, 11, 23, 8), HOUR, warsaw(2026, 11, 23, 9)),
        (warsaw(2026, 11, 20, 22), 0 * HOUR, warsaw(2026, 11, 21, 5, 30)),
        (warsaw(2026, 11, 21, 6), 2 * HOUR, warsaw(2026, 11, 21, 8)),
    ],
)
def test_time_runs_while_somebody_works(start: datetime, work: timedelta, end: datetime) -> None:
    assert SERVICEDESK.add(start, work) == end
    assert SERVICEDESK.between(start, end) == work


def test_a_deadline_passes_over_holidays() -> None:
    team = OpenHours((in_warsaw(),))

    assert team.add(warsaw(2026, 11, 10, 16), 2 * HOUR) == warsaw(2026, 11, 12, 9)
    assert team.add(warsaw(2026, 12, 31, 16), 2 * HOUR) == warsaw(2027, 1, 4, 9)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (warsaw(2026, 11, 20, 16, 40), 3, warsaw(2026, 11, 23, 16, 40)),  # Saturday and Sunday are Tehran's.
        (warsaw(2026, 11, 20, 16, 40), 1, warsaw(2026, 11, 21, 14)),  # When Tehran closes on Saturday.
        (warsaw(2026, 11, 20, 22), 1, warsaw(2026, 11, 22, 5, 30)),  # From when they next begin, on Saturday.
        (warsaw(2026, 11, 20, 16, 40), 0, warsaw(2026, 11, 20, 16, 40)),
    ],
)
def test_days_are_days_on_which_the_team_works(start: datetime, days: int, end: datetime) -> None:
    assert WorkDays(SERVICEDESK).add(start, days) == end


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (warsaw(2026, 11, 20, 23), warsaw(2026, 11, 23, 23)),  # Friday's night is no Saturday's.
        (warsaw(2026, 11, 21, 3), warsaw(2026, 11, 24, 3)),
        (warsaw(2026, 11, 17, 3), warsaw(2026, 11, 18, 3)),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_began(start: datetime, end: datetime) -> None:
    nights = OpenHours((office("Europe/Warsaw", hours(22, 30), days="01234"),))

    assert WorkDays(nights).add(start, 1) == end


def test_a_day_has_the_same_local_time_when_clocks_change() -> None:
    team = OpenHours((always(WARSAW),))

    assert WorkDays(team).add(warsaw(2026, 3, 28, 16), 1) == warsaw(2026, 3, 29, 16)
    assert WorkDays(team).add(warsaw(2026, 10, 24, 16), 1) == warsaw(2026, 10, 25, 16)
    assert WorkDays(team).add(warsaw(2026, 3, 28, 2, 30), 1) == warsaw(2026, 3, 29, 3)


@pytest.mark.parametrize(
    ("at", "opens", "closes"),
    [
        (warsaw(2026, 11, 20, 16), warsaw(2026, 11, 20, 16), warsaw(2026, 11, 20, 17)),
        (warsaw(2026, 11, 20, 17), warsaw(2026, 11, 21, 5, 30), warsaw(2026, 11, 21, 14)),
        (warsaw(2026, 11, 23, 6), warsaw(2026, 11, 23, 6), warsaw(2026, 11, 23, 17)),
    ],
)
def test_it_is_known_when_they_open_and_close(at: datetime, opens: datetime, closes: datetime) -> None:
    assert SERVICEDESK.opens_next(at) == opens
    assert SERVICEDESK.closes_next(at) == closes


def test_those_who_never_close_never_close() -> None:
    team = OpenHours((always(TEHRAN),))

    assert team.closes_next(warsaw(2026, 12, 31, 23)) is None
    assert team.add(warsaw(2026, 12, 31, 23), 48 * HOUR) == warsaw(2027, 1, 2, 23)


def test_a_shift_over_the_new_year_is_one() -> None:
    team = OpenHours((office("UTC", hours(22, 30)),))

    assert team.closes_next(datetime(2026, 12, 31, 23, tzinfo=UTC)) == datetime(2027, 1, 1, 6, tzinfo=UTC)


def test_a_calendar_that_is_never_open_is_named() -> None:
    closed = OpenHours((Calendar(name="closed", zone=WARSAW, week=((),) * 7),))

    for ask in (
        lambda: closed.add(warsaw(2026, 1, 1), HOUR),
        lambda: closed.opens_next(warsaw(2026, 1, 1)),
        lambda: WorkDays(closed).add(warsaw(2026, 1, 1), 1),
    ):
        with pytest.raises(NeverOpen, match=r"10 years after 20..-..-.. in closed"):
            ask()
    assert closed.between(warsaw(2026, 1, 1), warsaw(2027, 1, 1)) == timedelta(0)
    assert not closed.is_open(warsaw(2026, 1, 1))


@quickly
@given(teams, moments, durations)
def test_a_deadline_never_falls_outside_of_open_hours(team: OpenHours, start: datetime, work: timedelta) -> None:
    end = team.add(start, work)

    assert end >= start
    assert is_within(team, end)


@quickly
@given(teams, moments, durations)
def test_what_is_added_is_what_lies_between(team: OpenHours, start: datetime, work: timedelta) -> None:
    assert team.between(start, team.add(start, work)) == work


@quickly
@given(teams, moments, durations, durations)
def test_more_work_or_a_later_start_never_ends_earlier(
    team: OpenHours, start: datetime, work: timedelta, more: timedelta
) -> None:
    assert team.add(start, work) <= team.add(start, work + more)
    assert team.add(start, work) <= team.add(start + more, work)


@quickly
@given(teams, moments, durations, durations)
def test_work_can_be_added_in_parts(team: OpenHours, start: datetime, work: timedelta, more: timedelta) -> None:
    if more:
        assert team.add(team.add(start, work), more) == team.add(start, work + more)


@quickly
@given(teams_in_days, moments, some_days)
def test_a_deadline_in_days_never_falls_outside_of_open_hours(
    team_in_days: tuple[OpenHours, WorkDays], start: datetime, days: int
) -> None:
    team, work_days = team_in_days

    end = work_days.add(start, days)

    assert end >= start
    assert is_within(team, end)


@quickly
@given(teams_in_days, moments, some_days, durations, st.integers(0, 3))
def test_more_days_or_a_later_start_never_end_earlier(
    team_in_days: tuple[OpenHours, WorkDays], start: datetime, days: int, later: timedelta, more: int
) -> None:
    _, work_days = team_in_days

    assert work_days.add(start, days) <= work_days.add(start, days + more)
    assert work_days.add(start, days) <= work_days.add(start + later, days)


@quickly
@given(st.sampled_from(NEVER_CLOSED), moments, st.integers(1, 10))
def test_days_of_those_who_never_close_are_days_of_the_clock(
    team_in_days: tuple[OpenHours, WorkDays], start: datetime, days: int
) -> None:
    team, work_days = team_in_days

    end = work_days.add(start, days)

    # Clocks change by an hour at most, and Apia's lost a day.
    assert math.isclose((end - start) / HOUR, days * 24, abs_tol=24 if str(team.zone) == "Pacific/Apia" else 1)


@quickly
@given(teams, moments)
def test_open_spans_are_what_is_open(team: OpenHours, start: datetime) -> None:
    until = start + timedelta(days=9)

    spans = list(team.spans(start, until))

    assert sum((span.ends - span.begins for span in spans), timedelta(0)) == team.between(start, until)
    for earlier, later in pairwise(spans):
        assert earlier.ends <= later.begins
    assert all(team.is_open(span.begins) for span in spans)

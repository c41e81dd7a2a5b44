"""A team works while its shifts do, and somebody may be on call when they do not."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from router.crew.duty_calendar import duties_of
from router.crew.on_call import Duties, Duty, Weekly
from router.crew.teams import Person, Shift, Team, team
from router.hours.calendar import always
from router.hours.open_hours import OpenHours
from store.records import Address
from tests.unit.router.calendars import WARSAW, hours, in_tehran, in_warsaw, office, warsaw

ALWAYS = OpenHours((always(ZoneInfo("UTC")),))
TEHRANS = Shift("tehran", OpenHours((in_tehran(),)), ("leila", "reza"))
WARSAWS = Shift("warsaw", OpenHours((in_warsaw(),)), ("ola", "ivan"))
WEEKLY = Weekly(people=("ivan", "mika", "ola"), start=datetime(2026, 11, 23, 9), zone=WARSAW)  # noqa: DTZ001
PEOPLE = [
    Person(key="ivan", name="Ivan Petrov", mail=Address(kind="mail", value="ivan@desk.example")),
    Person(key="mika", name="Mika Lind", mail=Address(kind="mail", value="mika@desk.example")),
    Person(key="ola", name="Ola Nowak", telegram=Address(kind="telegram", value="611")),
]


def desk(*shifts: Shift) -> Team:
    return team("servicedesk", always=ALWAYS, shifts=shifts)


@pytest.mark.parametrize(
    ("at", "working"),
    [
        (warsaw(2026, 11, 20, 16, 40), {"ola": warsaw(2026, 11, 20, 17), "ivan": warsaw(2026, 11, 20, 17)}),
        (warsaw(2026, 11, 21, 9), {"leila": warsaw(2026, 11, 21, 14), "reza": warsaw(2026, 11, 21, 14)}),
        (warsaw(2026, 11, 20, 20), {}),
    ],
)
def test_those_are_on_shift_whose_calendar_is_open(at: datetime, working: dict[str, datetime]) -> None:
    assert desk(TEHRANS, WARSAWS).on_shift(at) == working


def test_somebody_with_two_shifts_works_until_the_later_one_ends() -> None:
    late = Shift("late", OpenHours((office("Europe/Warsaw", hours(12, 20)),)), ("ola",))
    endless = Shift("always", ALWAYS, ("ola",))

    assert desk(WARSAWS, late).on_shift(warsaw(2026, 11, 23, 13))["ola"] == warsaw(2026, 11, 23, 20)
    assert desk(late, WARSAWS).on_shift(warsaw(2026, 11, 23, 13))["ola"] == warsaw(2026, 11, 23, 20)
    assert desk(endless, WARSAWS).on_shift(warsaw(2026, 11, 23, 13))["ola"] is None
    assert desk(WARSAWS, endless).on_shift(warsaw(2026, 11, 23, 13))["ola"] is None


def test_a_team_is_open_while_any_of_its_shifts_is() -> None:
    both = desk(TEHRANS, WARSAWS)

    assert both.members == ("leila", "reza", "ola", "ivan")
    assert both.next_shift(warsaw(2026, 11, 20, 17)) == warsaw(2026, 11, 21, 5, 30)
    assert both.hours.add(warsaw(2026, 11, 20, 16, 40), timedelta(hours=4)) == warsaw(2026, 11, 21, 9, 10)


def test_a_team_without_shifts_is_always_open_and_has_nobody_on_shift() -> None:
    plain = desk()

    assert plain.hours.is_open(warsaw(2026, 12, 25, 3))
    assert plain.on_shift(warsaw(2026, 12, 25, 3)) == {}
    assert plain.next_shift(warsaw(2026, 12, 25, 3)) is None
    assert plain.called(warsaw(2026, 12, 25, 3)) == ()


@pytest.mark.parametrize(
    ("at", "order"),
    [
        (warsaw(2026, 11, 23, 8, 59), ()),
        (warsaw(2026, 11, 23, 9), ("ivan", "mika", "ola")),
        (warsaw(2026, 11, 30, 8, 59), ("ivan", "mika", "ola")),
        (warsaw(2026, 11, 30, 9), ("mika", "ola", "ivan")),
        (warsaw(2026, 12, 14, 9), ("ivan", "mika", "ola")),
        (warsaw(2027, 3, 29, 8, 59), ("ola", "ivan", "mika")),  # Clocks were changed on the 28th.
        (warsaw(2027, 3, 29, 9), ("ivan", "mika", "ola")),
    ],
)
def test_turns_are_taken_by_the_week_on_the_clocks_of_their_zone(at: datetime, order: tuple[str, ...]) -> None:
    assert WEEKLY.order(at) == order


@pytest.mark.parametrize(
    ("at", "order"),
    [
        (warsaw(2026, 11, 23), ("ivan", "ola", "mika")),
        (warsaw(2026, 11, 24), ("ola", "ivan", "mika")),  # Who began last stands in for the other.
        (warsaw(2026, 11, 26), ()),
        (warsaw(2026, 11, 28), ("mika",)),
    ],
)
def test_duties_say_who_is_on_call_and_who_follows(at: datetime, order: tuple[str, ...]) -> None:
    duties = Duties(
        duties=(
            Duty(warsaw(2026, 11, 23), warsaw(2026, 11, 26), "ivan"),
            Duty(warsaw(2026, 11, 24), warsaw(2026, 11, 25), "ola"),
            Duty(warsaw(2026, 11, 27), warsaw(2026, 11, 30), "mika"),
        )
    )

    assert duties.order(at) == order


def event(*lines: str) -> str:
    inside = "\r\n".join(("BEGIN:VEVENT", "UID:1", *lines, "END:VEVENT"))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//desk//1\r\n{inside}\r\nEND:VCALENDAR\r\n"


def read(text: str) -> Duties:
    return duties_of(text, PEOPLE, WARSAW, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "said",
    [
        "SUMMARY:mika",
        "SUMMARY:On call: Mika Lind (engineering)",
        "SUMMARY:MIKA@DESK.EXAMPLE",
        "SUMMARY:Duty\r\nATTENDEE;CN=M:mailto:Mika@desk.example",
        "SUMMARY:ivan is away\r\nATTENDEE:mailto:x@y.example\r\nATTENDEE:mailto:mika@desk.example",
    ],
)
def test_an_event_is_a_duty_of_whom_it_names(said: str) -> None:
    duties = read(event("DTSTART:20261123T080000Z", "DTEND:20261130T080000Z", said))

    assert duties.duties == (Duty(warsaw(2026, 11, 23, 9), warsaw(2026, 11, 30, 9), "mika"),)


@pytest.mark.parametrize(
    "times",
    [
        ("DTSTART:20261123T000000", "DTEND:20261130T000000"),
        ("DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261130"),
        ("DTSTART;TZID=Europe/Warsaw:20261123T000000", "DURATION:P7D"),
    ],
)
def test_days_and_times_without_a_zone_are_the_teams(times: tuple[str, ...]) -> None:
    duties = read(event(*times, "SUMMARY:ola"))

    assert duties.duties == (Duty(warsaw(2026, 11, 23), warsaw(2026, 11, 30), "ola"),)


def test_an_event_that_is_repeated_is_several_duties_up_to_the_end_of_what_is_read() -> None:
    weekly = ("DTSTART;TZID=Europe/Warsaw:20261019T090000", "DURATION:P7D", "RRULE:FREQ=WEEKLY;INTERVAL=2")

    duties = read(event(*weekly, "SUMMARY:ola")).duties

    assert [duty.begins for duty in duties[:2]] == [warsaw(2026, 10, 19, 9), warsaw(2026, 11, 2, 9)]
    assert duties[-1].begins == warsaw(2026, 12, 28, 9)


def test_a_rule_without_an_end_is_read_up_to_the_most() -> None:
    assert len(read(event("DTSTART:20261123T080000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY", "SUMMARY:ola")).duties) == 39


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("hello", "could not be parsed"),
        ("", "exactly one"),
        (event("DTSTART:20261123T080000Z", "DTEND:20261130T080000Z", "SUMMARY:Nobody"), "names nobody under people"),
        (event("DTSTART:20261123T080000Z", "RRULE:FREQ=SECONDLY", "SUMMARY:ola"), "every minute or second"),
        (event("DTSTART:20261123T080000Z", "SUMMARY:" + "x" * 1_000_000), "are the most"),
    ],
)
def test_a_file_that_says_nothing_of_use_is_told(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read(text)

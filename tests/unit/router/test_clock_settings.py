"""Calendars, teams, people and promises become what deciding reads, as they are written in the file."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from pydantic import BaseModel, ValidationError

from router.crew.on_call import Weekly
from router.crew.team_settings import TeamSettings, teams_of
from router.crew.teams import Team
from router.hours.calendar_settings import CalendarSettings, calendars_of
from router.hours.days_off import DaysOff
from router.promises.clocks import promised
from router.promises.sla import Sla, Within
from router.promises.sla_settings import SlaSettings, slas_of
from router.settings import RootSettings
from router.technicians.staff_settings import PersonSettings, people_of, staff_of
from store.files import FOLDER
from store.records import Address
from tests.unit.router.calendars import hours, warsaw
from tests.unit.router.given import policy

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
CALENDARS = {
    "warsaw": {"time_zone": "Europe/Warsaw", "mon-fri": "08:00-17:00", "holidays": "PL"},
    "tehran": {"time_zone": "Asia/Tehran", "sat-wed": "08:00-16:30", "holidays": "IR"},
}
PEOPLE = {
    "ola": {"name": "Ola Nowak", "mail": "Ola@desk.example ", "telegram": 611000001, "speaks": ["pl", "en"]},
    "leila": {"name": "Leila Moradi", "telegram": 611000003, "skills": ["network"], "role": "manager"},
}
SHIFTS = [{"calendar": "tehran", "people": ["leila"]}, {"calendar": "warsaw", "people": ["ola"]}]


def calendar(**written: object) -> CalendarSettings:
    return CalendarSettings.model_validate({"time_zone": "UTC", **written})


def people() -> dict[str, PersonSettings]:
    return {key: PersonSettings.model_validate(person) for key, person in PEOPLE.items()}


def desk(**written: object) -> Team:
    calendars = calendars_of({name: CalendarSettings.model_validate(one) for name, one in CALENDARS.items()})
    settings = TeamSettings.model_validate({"workspace": {"telegram": -5}, **written})
    return teams_of({"help": settings}, calendars, people_of(people()), ZoneInfo("Europe/Warsaw"), NOW)["help"]


@pytest.mark.parametrize(
    ("written", "week"),
    [
        ({"mon": "08:00-17:00"}, {0: (hours(8, 17),)}),
        ({"fri-mon": "8:30-12:00"}, dict.fromkeys((4, 5, 6, 0), (hours(8.5, 12),))),
        ({"mon-sun": "00:00-24:00"}, dict.fromkeys(range(7), (hours(0, 24),))),
        ({"sat": "13:00-17:00, 08:00-12:00"}, {5: (hours(8, 12), hours(13, 17))}),
        ({"sat": ["13:00-17:00", "08:00-12:00"]}, {5: (hours(8, 12), hours(13, 17))}),
        ({"sun": "22:00-06:00"}, {6: (hours(22, 30),)}),
        ({"sun": "22:00-00:00"}, {6: (hours(22, 24),)}),
        ({"mon-tue": "08:00-09:00", "tue": "10:00-11:00"}, {0: (hours(8, 9),), 1: (hours(8, 9), hours(10, 11))}),
    ],
)
def test_days_and_hours_are_read_as_they_are_written(
    written: dict[str, object], week: dict[int, tuple[object, ...]]
) -> None:
    assert calendar(**written).compiled("it").week == tuple(week.get(day, ()) for day in range(7))


@pytest.mark.parametrize(
    ("written", "days_off"),
    [
        ("PL", DaysOff(country="PL")),
        ("DE-BY", DaysOff(country="DE", subdivision="BY")),
        (
            {"country": "PL", "also": ["2026-12-24"], "not": ["2026-11-11"]},
            DaysOff(country="PL", also=frozenset({date(2026, 12, 24)}), worked=frozenset({date(2026, 11, 11)})),
        ),
        ({"also": ["2026-12-24"]}, DaysOff(also=frozenset({date(2026, 12, 24)}))),
    ],
)
def test_holidays_are_a_country_or_more(written: object, days_off: DaysOff) -> None:
    assert calendar(mon="08:00-09:00", holidays=written).compiled("it").days_off == days_off


def test_the_worked_deadlines_come_out_of_settings_as_they_are_written() -> None:
    sla = slas_of({"P3": SlaSettings.model_validate({"first_answer": "4h", "resolve": "3d"})})
    rules = msgspec.structs.replace(policy(), teams={"help": desk(shifts=SHIFTS)}, sla=sla)

    due = promised("P3", "help", warsaw(2026, 11, 20, 16, 40), rules)

    assert due.answer_by == datetime(2026, 11, 21, 11, 40, tzinfo=ZoneInfo("Asia/Tehran"))
    assert due.resolve_by == warsaw(2026, 11, 23, 16, 40)


@pytest.mark.parametrize(
    ("written", "sla"),
    [
        (
            {"first_answer": "15m", "update": "1h", "resolve": "4h", "clock": "always"},
            Sla(
                first_answer=Within(timedelta(minutes=15)),
                update=Within(timedelta(hours=1)),
                resolve=Within(timedelta(hours=4)),
                always=True,
            ),
        ),
        (
            {"first_answer": "1.5h", "resolve": "10d"},
            Sla(first_answer=Within(timedelta(minutes=90)), resolve=Within(days=10)),
        ),
        ({}, Sla()),
    ],
)
def test_promises_are_read_as_they_are_written(written: dict[str, str], sla: Sla) -> None:
    assert slas_of({"P1": SlaSettings.model_validate(written)}) == {"P1": sla}


def test_a_team_has_its_shifts_and_its_level() -> None:
    team = desk(level=2, shifts=SHIFTS, escalates_to="network")

    assert (team.level, team.members, team.escalates_to) == (2, ("leila", "ola"), "network")
    assert list(team.on_shift(warsaw(2026, 11, 20, 16))) == ["ola"]
    assert desk().hours.is_open(warsaw(2026, 12, 25, 3))


@pytest.mark.parametrize(
    ("written", "zone"),
    [({}, "Asia/Tehran"), ({"time_zone": "Europe/Warsaw"}, "Europe/Warsaw")],
)
def test_turns_begin_on_the_clocks_of_the_first_shift_or_of_their_own_zone(written: dict[str, str], zone: str) -> None:
    team = desk(shifts=SHIFTS, on_call={"weekly": ["ola", "leila"], "from": "2026-11-23 09:00", **written})

    assert isinstance(team.on_call, Weekly)
    assert (team.on_call.people, str(team.on_call.zone)) == (("ola", "leila"), zone)
    begins = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo(zone))
    assert team.called(begins) == ("ola", "leila")
    assert team.called(begins - timedelta(seconds=1)) == ()


DUTY = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//desk//1\r
BEGIN:VEVENT\r
UID:1\r
DTSTART:20261123T080000Z\r
DTEND:20261130T080000Z\r
SUMMARY:Leila Moradi\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.mark.parametrize("written", ["duty.ics", "file:duty.ics", DUTY])
def test_duties_are_read_from_a_file_or_from_their_text(tmp_path: Path, written: str) -> None:
    (tmp_path / "duty.ics").write_text(DUTY, encoding="utf-8", newline="")
    settings = TeamSettings.model_validate(
        {"workspace": {"telegram": -5}, "on_call": {"ical": written}}, context={FOLDER: tmp_path}
    )

    team = teams_of({"help": settings}, {}, people_of(people()), ZoneInfo("UTC"), NOW)["help"]

    assert team.called(warsaw(2026, 11, 25, 12)) == ("leila",)
    assert team.called(warsaw(2026, 12, 1, 12)) == ()


def test_people_have_their_addresses_languages_and_skills() -> None:
    known = people_of(people())

    assert known["ola"].mail == Address(kind="mail", value="ola@desk.example", name="Ola Nowak")
    assert known["ola"].telegram == Address(kind="telegram", value="611000001", name="Ola Nowak")
    assert (known["ola"].speaks, known["ola"].actor) == (("pl", "en"), "person:ola")
    assert (known["leila"].mail, known["leila"].skills, known["leila"].role) == (
        None,
        frozenset({"network"}),
        "manager",
    )


def test_only_who_has_a_mail_address_acts_by_mail() -> None:
    assert list(staff_of(people(), {}).people) == ["ola@desk.example"]


def test_who_is_preferred_has_a_usual_order() -> None:
    usual = ("same_person_as_last_time", "speaks_customer_language", "least_busy")

    assert RootSettings.model_validate({"team": "help"}).prefer == usual
    assert RootSettings.model_validate({"team": "help", "prefer": ["round_robin"]}).prefer == ("round_robin",)


WRONG: list[tuple[type[BaseModel], dict[str, object], str, str]] = [
    (CalendarSettings, {"time_zone": "europe/warsaw", "mon": "08:00-09:00"}, "unknown_time_zone", '"Europe/Warsaw"'),
    (CalendarSettings, {"time_zone": "UTC", "monday": "08:00-09:00"}, "bad_days", "write mon, or mon-fri"),
    (CalendarSettings, {"time_zone": "UTC", "mon-fry": "08:00-09:00"}, "bad_days", '"mon-fry"'),
    (CalendarSettings, {"time_zone": "UTC", "mon": "9-17"}, "bad_hours", '"9-17" are no hours'),
    (CalendarSettings, {"time_zone": "UTC", "mon": "08:00-08:00"}, "bad_hours", "08:00-08:00"),
    (CalendarSettings, {"time_zone": "UTC", "mon": "24:00-08:00"}, "bad_hours", "24:00-08:00"),
    (CalendarSettings, {"time_zone": "UTC", "mon": "08:00-25:00"}, "bad_hours", "08:00-25:00"),
    (CalendarSettings, {"time_zone": "UTC", "mon": "08:60-09:00"}, "bad_hours", "08:60-09:00"),
    (CalendarSettings, {"time_zone": "UTC"}, "never_open", "add some"),
    (CalendarSettings, {"time_zone": "UTC", "mon": "08:00-09:00", "holidays": "XX"}, "unknown_country", '"XX"'),
    (CalendarSettings, {"time_zone": "UTC", "mon": "08:00-09:00", "holidays": "PL-XX"}, "unknown_country", '"PL-XX"'),
    (SlaSettings, {"first_answer": "1 hour"}, "bad_duration", "15m or 4h"),
    (SlaSettings, {"first_answer": "0m"}, "bad_duration", "15m or 4h"),
    (SlaSettings, {"resolve": "2w"}, "bad_duration", "3d for days of work"),
    (SlaSettings, {"resolve": "1.5d"}, "bad_duration", "3d for days of work"),
    (PersonSettings, {"name": "Ola"}, "no_address", "write mail, telegram or both"),
    (PersonSettings, {"name": "Ola", "mail": "ola"}, "bad_address", '"ola"'),
    (PersonSettings, {"name": "Ola", "telegram": 1, "speaks": ["Polish"]}, "bad_language", '"Polish"'),
    (PersonSettings, {"name": "Ola", "telegram": -100123}, "greater_than", "greater than 0"),
    (TeamSettings, {"on_call": {"weekly": ["ola"]}}, "one_on_call", "from: 2026-11-23 09:00"),
    (TeamSettings, {"on_call": {"from": "2026-11-23 09:00"}}, "one_on_call", "a list or a calendar"),
    (TeamSettings, {"on_call": {"weekly": ["ola"], "from": "Monday"}}, "bad_moment", '"Monday"'),
    (TeamSettings, {"on_call": {"weekly": ["ola"], "from": "2026-11-23T09:00Z"}}, "bad_moment", "no local date"),
    (
        TeamSettings,
        {"on_call": {"ical": "https://calendar.example/duty.ics"}},
        "calendar_elsewhere",
        "name of the file",
    ),
    (TeamSettings, {"on_call": {"ical": "gone.ics"}}, "no_file", "correct the name"),
    (TeamSettings, {"level": 4}, "less_than_equal", "3"),
    (TeamSettings, {"shifts": [{"calendar": "x", "people": []}]}, "too_short", "at least 1"),
]


@pytest.mark.parametrize(("model", "written", "code", "words"), WRONG)
def test_what_is_wrong_is_told_with_what_to_do(
    model: type[BaseModel], written: dict[str, object], code: str, words: str
) -> None:
    if model is TeamSettings:
        written = {"workspace": {"telegram": -5}, **written}

    with pytest.raises(ValidationError) as caught:
        model.model_validate(written)

    told = {error["type"]: error["msg"] for error in caught.value.errors()}
    assert words in told[code]

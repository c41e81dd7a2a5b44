"""Shifts, calls and promises that do not fit together are told at their place, before anything is started."""

from pathlib import Path

import pytest

from config.load import BadSettings, read
from config.problems import Problem

RIGHT = """\
version: 1
site: {name: Nordwind, time_zone: Europe/Warsaw}
channels:
  bot: {type: telegram, token: "${TOKEN}"}
calendars:
  warsaw: {time_zone: Europe/Warsaw, mon-fri: "08:00-17:00", holidays: PL}
  tehran: {time_zone: Asia/Tehran, sat-wed: "08:00-16:30", holidays: IR}
  nights: {time_zone: Europe/Warsaw, mon-sun: "17:00-08:00", sat-sun: "08:00-17:00"}
people:
  ola: {name: Ola Nowak, mail: ola@desk.example}
  leila: {name: Leila Moradi, mail: leila@desk.example}
teams:
  help:
    shifts: [{calendar: tehran, people: [leila]}, {calendar: warsaw, people: [ola]}]
    workspace: {telegram: -1002233445566}
  network:
    level: 2
    on_call: {weekly: [ola, leila], from: "2026-11-23 09:00"}
    workspace: {telegram: -1002233445577}
sla:
  P1: {first_answer: 15m, update: 30m, resolve: 4h}
  P4: {first_answer: 1d, resolve: 10d}
route:
  team: help
  routes: [{name: calls, when: {channel: bot}, copy: [network]}]
"""
TOKEN = "801234567:AAEabcdefghijklmnopqrstuvwxyz012345"  # Shaped like one, and nobody's.


def problems_of(text: str) -> list[Problem]:
    try:
        return list(read(text, name="deskwire.yaml", folder=Path(), environment={"TOKEN": TOKEN}).remarks)
    except BadSettings as error:
        return list(error.problems)


def changed(old: str, new: str) -> str:
    assert RIGHT.count(old) == 1
    return RIGHT.replace(old, new)


def test_what_fits_is_accepted() -> None:
    assert problems_of(RIGHT) == []


@pytest.mark.parametrize(
    "case",
    [
        ("calendar: tehran", "calendar: teheran", 14, 25, "unknown-calendar", '"teheran"', '"tehran"'),
        ("people: [ola]}]", "people: [olla]}]", 14, 79, "unknown-person", '"olla"', 'did you mean "ola"'),
        ("[ola, leila]", "[ola, boss]", 18, 29, "unknown-person", '"boss"', "there are: ola, leila"),
        ("  P4:", "  P9:", 22, 3, "unknown-priority", '"P9"', "there are: P1, P2, P3, P4"),
        ("copy: [network]", "copy: [netwrok]", 25, 55, "unknown-team", '"netwrok"', 'did you mean "network"'),
        (
            "first_answer: 15m",
            "first_answer: 5h",
            21,
            22,
            "sla-order",
            "first_answer (5h) is later than resolve (4h)",
            "one",
        ),
        ("update: 30m", "update: 1d", 21, 35, "sla-order", "update (1d) is later than resolve (4h)", "shorter"),
        ("resolve: 10d", "resolve: 4h", 22, 22, "sla-order", "first_answer (1d) is later than resolve (4h)", "one"),
        ("mon-fri:", "mon-fry:", 6, 38, "bad-days", '"mon-fry"', "write mon, or mon-fri"),
        ("first_answer: 15m", "first_answer: 1 hour", 21, 22, "bad-duration", '"1 hour"', "15m or 4h"),
        ("holidays: IR", "holidays: XR", 7, 70, "unknown-country", '"XR"', "ISO code"),
        (
            "  team: help\n",
            "  team: help\n  prefer: [least_bussy]\n",
            25,
            12,
            "unknown-word",
            "least_bussy",
            "least_busy",
        ),
        ("    level: 2\n", "    level: 5\n", 17, 12, "out-of-range", '"level" must be at most 3', "1 to 3"),
    ],
)
def test_what_does_not_fit_is_told_at_its_place(case: tuple[str, str, int, int, str, str, str]) -> None:
    old, new, line, column, code, what, remedy = case

    told = {(one.at.line, one.at.column, one.code): one for one in problems_of(changed(old, new))}

    assert (line, column, code) in told, told
    assert what in told[line, column, code].what
    assert remedy in told[line, column, code].remedy


ALWAYS = ("resolve: 4h}", "resolve: 4h, clock: always}")
ALONE = "shifts: [{calendar: tehran, people: [leila]}, {calendar: warsaw, people: [ola]}]"


def test_hours_that_nobody_has_are_told_where_an_answer_is_promised_day_and_night() -> None:
    [problem] = problems_of(changed(*ALWAYS))

    assert (problem.code, problem.level, problem.at.line) == ("empty-shift", "warning", 14)
    assert problem.what == (
        "Sat 14:00-Sun 05:30, Sun 14:00-Mon 05:30, Wed 17:00-Thu 08:00, 4 more Europe/Warsaw: no one in help, and "
        "nobody is on call"
    )
    assert problem.remedy == "P1 promises an answer day and night: add a shift or on_call:"


@pytest.mark.parametrize(
    "shifts",
    [
        "shifts: [{calendar: nights, people: [leila]}, {calendar: warsaw, people: [ola]}]",
        "on_call: {weekly: [ola], from: '2026-11-23 09:00'}\n    " + ALONE,
    ],
)
def test_hours_that_somebody_has_or_is_called_in_are_no_gap(shifts: str) -> None:
    assert problems_of(changed(*ALWAYS).replace(ALONE, shifts)) == []


def test_a_calendar_of_duties_is_read_before_it_is_needed(tmp_path: Path) -> None:
    duty = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261123T080000Z\r\nDURATION:P7D\r\nSUMMARY:Nobody\r\nEND:VEVENT\r\n"
    (tmp_path / "duty.ics").write_text(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{duty}END:VCALENDAR\r\n", encoding="utf-8")
    text = changed('{weekly: [ola, leila], from: "2026-11-23 09:00"}', "{ical: duty.ics}")

    with pytest.raises(BadSettings) as caught:
        read(text, name="deskwire.yaml", folder=tmp_path, environment={"TOKEN": TOKEN})

    [problem] = caught.value.problems
    assert (problem.code, problem.at.line) == ("bad-calendar", 18)
    assert "names nobody under people" in problem.what
    assert "attendee" in problem.remedy

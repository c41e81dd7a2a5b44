"""A ladder that could not work is told at its place: names, order, levels, people on call, and deadlines."""

from pathlib import Path

import pytest

from config.load import BadSettings, read
from config.translate import routing_policy
from router.due.ladders import Share

RIGHT = """\
version: 1
site: {name: Nordwind}
channels:
  bot: {type: telegram, token: "${BOT_TOKEN}"}
calendars: {always: {time_zone: UTC, mon-sun: "00:00-24:00"}}
people:
  ola: {name: Ola, telegram: 611000001}
  ivan: {name: Ivan, telegram: 611000002}
teams:
  help: {level: 1, escalates_to: network, shifts: [{calendar: always, people: [ola]}], workspace: {telegram: -1001}}
  network: {level: 2, on_call: {weekly: [ivan], from: "2026-11-23 09:00"}, workspace: {telegram: -1002}}
sla:
  P1: {first_answer: 15m, resolve: 4h}
  P2: {first_answer: 1h}
route:
  team: help
  routes: [{when: {priority: P1}, team: network}]
escalate:
  - when: {priority: P1, team: network}
    steps:
      - {after: 5m, unless: claimed, alert: [on_call, ola], loud: true}
      - {after: 15m, move: network}
  - when: {priority: P2}
    steps:
      - {at: 75% of first_answer, alert: assignee_or_team}
      - {at: 100% of first_answer, move: next_level}
notify:
  loud: [P1, P2]
  quiet_hours: off_shift
  digest: {at: shift_start, contains: [waiting]}
customer:
  waiting: {remind_after: [1d], close_after: 3d}
"""
ENVIRONMENT = {"BOT_TOKEN": "801234567:AAEabcdefghijklmnopqrstuvwxyz012345"}


def said(old: str, new: str) -> list[tuple[int, int, str]]:
    assert RIGHT.count(old) == 1
    with pytest.raises(BadSettings) as caught:
        read(RIGHT.replace(old, new), name="deskwire.yaml", folder=Path(), environment=ENVIRONMENT)
    return [(found.at.line, found.at.column, found.code) for found in sorted(caught.value.problems)]


def test_a_file_with_ladders_becomes_what_deciding_reads() -> None:
    policy = routing_policy(read(RIGHT, name="deskwire.yaml", folder=Path(), environment=ENVIRONMENT), {}, b"x" * 32)

    first, second = policy.ladders
    assert [step.words for step in first.steps] == ["after 5m unless claimed", "after 15m unless resolved"]
    assert first.steps[0].alert == ("on_call", "ola")
    assert first.steps[0].place == "deskwire.yaml:21"
    assert second.steps[0].at == Share(75, "first_answer")
    assert second.steps[0].unless == "answered"
    assert policy.loudness.loud == {"P1", "P2"}
    assert (policy.loudness.urgent, policy.loudness.quiet, policy.loudness.digest) == ("P1", True, {"waiting"})
    assert policy.loudness.reaches == {"telegram"}
    assert [after.days for after in policy.patience.remind_after] == [1]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("alert: [on_call, ola]", "alert: [on_call, olaf]", (21, 55, "unknown-person")),
        ("alert: assignee_or_team", "alert: asignee", (25, 42, "unknown-person")),
        ("move: next_level", "move: netwrok", (26, 42, "unknown-team")),
        ("escalates_to: network", "escalates_to: netwrok", (10, 34, "unknown-team")),
        ("after: 15m", "after: 4m", (22, 17, "ladder-order")),
        ("at: 100% of first_answer", "at: 50% of first_answer", (26, 14, "ladder-order")),
        ("{after: 15m, move: network}", "{after: 15m, move: help}", (22, 28, "escalation-goes-down")),
        ("level: 1, escalates_to: network", "level: 3, escalates_to: network", (10, 34, "escalation-goes-down")),
        ('on_call: {weekly: [ivan], from: "2026-11-23 09:00"}, ', "", (21, 45, "nobody-on-call")),
        ("100% of first_answer, move", "100% of resolve, move", (26, 14, "no-deadline")),
        ("at: 75% of first_answer", "at: 75 of first_answer", (25, 14, "bad-share")),
        ("at: 75% of first_answer", "at: 201% of first_answer", (25, 14, "bad-share")),
        ("{after: 15m, move: network}", "{move: network}", (22, 9, "step-without-time")),
        ("{after: 15m, move: network}", "{after: 15m}", (22, 9, "step-does-nothing")),
        ("when: {priority: P2}", "when: {words: vpn}", (23, 12, "unknown-key")),
        ("remind_after: [1d]", "remind_after: [3d]", (32, 12, "waiting-order")),
    ],
)
def test_a_ladder_that_could_not_work_is_told_at_its_place(old: str, new: str, place: tuple[int, int, str]) -> None:
    assert place in said(old, new)


def test_a_priority_that_there_is_not_is_told_once() -> None:
    assert said("- when: {priority: P2}", "- when: {priority: P7}") == [(23, 22, "unknown-priority")]


def test_who_has_not_the_way_that_a_step_asks_for_is_told() -> None:
    text = RIGHT.replace("alert: [on_call, ola], loud", "alert: [on_call, ola], by: mail, loud")

    (found,) = read(text, name="deskwire.yaml", folder=Path(), environment=ENVIRONMENT).remarks

    assert (found.at.line, found.at.column, found.code, found.level) == (21, 55, "no-address", "warning")

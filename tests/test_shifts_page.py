"""What `docs/shifts.md` tells is so: its settings load, and who works, is called and hears of what comes of them."""

import os
import re
import shlex
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from subprocess import PIPE, run
from typing import NamedTuple, get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest
import yaml

from config.load import read
from config.opened import channels_of
from config.settings import Configuration
from config.translate import routing_policy
from router.crew.levels import above
from router.due.ladders import Step
from router.due.loudness import is_loud
from router.due.reached import Later, Reached, reached
from router.policy import Policy, Preference
from router.promises.clocks import Heard, moved, promised
from store.database import open_database
from store.records import Action
from store.rows import Ticket
from store.schema import metadata
from tests.contract.timer_desk import SETTINGS, TimerDesk
from tests.unit.router.given import message, ticket

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "shifts.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
WHOLE, HOLIDAYS, CALENDAR = [body for kind, body in BLOCKS if kind == "yaml"]
DUTIES = next(body for _, body in BLOCKS if body.startswith("BEGIN:VCALENDAR"))
SHOWN = [(command, text) for (kind, command), (_, text) in pairwise(BLOCKS) if kind == "sh"]
ENVIRONMENT = {"TELEGRAM_TOKEN": "123456:" + "t" * 35}
WARSAW = ZoneInfo("Europe/Warsaw")
FRIDAY = datetime(2026, 11, 20, 16, tzinfo=WARSAW)
SATURDAY = datetime(2026, 11, 21, 22, tzinfo=WARSAW)
FIRST = 100009
MINUTE = timedelta(minutes=1)


def configured(folder: Path, *parts: str) -> Configuration:
    """The page's desk, with what a later block says in its place."""
    whole = yaml.safe_load(WHOLE)
    for part in parts:
        whole.update(yaml.safe_load(part))
    return read(yaml.safe_dump(whole, allow_unicode=True), name="deskwire.yaml", folder=folder, environment=ENVIRONMENT)


def policy_of(configuration: Configuration) -> Policy:
    channels = channels_of(configuration, bytes(32), open_database("sqlite::memory:"))
    return routing_policy(configuration, channels, bytes(32))


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return policy_of(configured(tmp_path))


def tables(heading: str) -> Iterator[list[list[str]]]:
    """The rows of each of the page's tables under this first cell."""
    for piece in PAGE.split(f"| {heading} |")[1:]:
        rows = piece.partition("\n\n")[0].splitlines()[2:]
        yield [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


(PREFERRED,), (TURNS,), LADDERS = list(tables("`prefer`")), list(tables("On")), list(tables("By Warsaw's clocks"))


def moment(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=WARSAW)


def test_each_piece_of_settings_loads_without_a_remark(tmp_path: Path) -> None:
    (tmp_path / "duty.ics").write_text(DUTIES, encoding="utf-8")

    assert read(WHOLE, name="deskwire.yaml", folder=tmp_path, environment=ENVIRONMENT).warnings == ""
    assert configured(tmp_path, HOLIDAYS).warnings == ""
    assert "error" not in configured(tmp_path, CALENDAR).warnings


@pytest.mark.parametrize(("command", "text"), SHOWN)
def test_what_is_printed_is_what_the_page_shows(command: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "deskwire.yaml").write_text(WHOLE, encoding="utf-8")
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, "-m", "console", *shlex.split(command)[1:]]

    printed = run(arguments, cwd=tmp_path, env=environment, stdout=PIPE, text=True, timeout=100, check=True).stdout

    assert text in printed


def test_offices_work_as_is_said(policy: Policy) -> None:
    """From Monday to Friday in Kraków, from Saturday to Wednesday in Shiraz, and on no holiday of either."""
    desk = policy.teams["desk"]
    assert set(desk.on_shift(FRIDAY)) == {"kasia", "tomek"}
    assert set(desk.on_shift(moment("2026-11-21 08:00"))) == {"mina", "arash"}
    assert set(desk.on_shift(moment("2026-11-23 09:30"))) == {"kasia", "tomek"}  # Noon in Shiraz, and a break.
    assert not desk.on_shift(moment("2026-11-11 16:00"))  # Independence Day in Poland; after hours in Shiraz.
    assert not desk.on_shift(SATURDAY)


def test_own_days_off_and_holidays_that_are_worked(tmp_path: Path) -> None:
    desk = policy_of(configured(tmp_path, HOLIDAYS)).teams["desk"]

    assert set(desk.on_shift(moment("2026-11-11 16:00"))) == {"kasia", "tomek"}
    assert not desk.on_shift(moment("2026-12-23 16:00"))
    assert "kasia" in policy_of(configured(tmp_path)).teams["desk"].on_shift(moment("2026-12-23 16:00"))


def test_a_check_warns_of_hours_that_nobody_covers(tmp_path: Path) -> None:
    alone = WHOLE.replace('    on_call: {weekly: [tomek], from: "2026-11-16 09:00"}\n', "")

    warned = read(alone, name="deskwire.yaml", folder=tmp_path, environment=ENVIRONMENT).warnings

    assert "warning[empty-shift]" in warned


def test_the_table_has_every_preference() -> None:
    assert [row[0].strip("`") for row in PREFERRED] == list(get_args(Preference))


@pytest.mark.parametrize(("at", "first", "second"), TURNS)
def test_turns_change_when_the_table_says(at: str, first: str, second: str, policy: Policy) -> None:
    assert policy.teams["desk"].called(moment(at)) == (first, second)


def test_a_calendar_s_event_names_who_is_on_call(tmp_path: Path) -> None:
    pytest.importorskip("icalendar", reason="needs the extra, as the page does: pip install 'deskwire[oncall]'")
    (tmp_path / "duty.ics").write_text(DUTIES, encoding="utf-8")

    desk = policy_of(configured(tmp_path, CALENDAR)).teams["desk"]

    assert desk.called(SATURDAY) == ("arash",)
    assert desk.called(SATURDAY + timedelta(days=2)) == ()


def test_the_most_urgent_is_promised_day_and_night(policy: Policy) -> None:
    day_and_night = promised("P1", "desk", SATURDAY, policy)

    assert day_and_night.answer_by == SATURDAY + 15 * MINUTE
    assert day_and_night.resolve_by == SATURDAY + timedelta(hours=4)


def test_up_a_level_is_the_team_that_the_page_names(policy: Policy) -> None:
    assert above(ticket(team="desk"), policy.teams) == "experts"
    assert above(ticket(team="experts", level=2), policy.teams) == ""


def test_only_the_time_to_solve_stands_still_while_a_ticket_waits(policy: Policy) -> None:
    first = opened_at_night("P1", policy)
    waits = changed(first, "", SATURDAY + 5 * MINUTE, policy, state="waiting")
    wakes = changed(waits, "customer", SATURDAY + 65 * MINUTE, policy, state="open")

    assert wakes.answer_by == first.answer_by
    assert wakes.resolve_by is not None
    assert first.resolve_by is not None
    assert wakes.resolve_by - first.resolve_by == 60 * MINUTE


def test_another_priority_counts_anew_and_another_team_changes_nothing(policy: Policy) -> None:
    first = opened_at_night("P2", policy)
    at = SATURDAY + 5 * MINUTE

    assert changed(first, "", at, policy, priority="P1").answer_by == SATURDAY + 15 * MINUTE
    assert changed(first, "", at, policy, team="experts").answer_by == first.answer_by
    late = msgspec.structs.replace(first, answer_by=SATURDAY + MINUTE)
    assert changed(late, "", at, policy, priority="P1").answer_by == late.answer_by


def opened_at_night(priority: str, policy: Policy) -> Ticket:
    by = promised(priority, "desk", SATURDAY, policy)
    return ticket(priority=priority, team="desk", opened_at=SATURDAY, answer_by=by.answer_by, resolve_by=by.resolve_by)


def changed(before: Ticket, heard: Heard, at: datetime, policy: Policy, **changes: str) -> Ticket:
    return moved(before, msgspec.structs.replace(before, **changes), heard, at, policy)


def test_only_what_is_urgent_makes_a_sound_when_nobody_works(policy: Policy) -> None:
    def sounds(priority: str, at: datetime) -> bool:
        return is_loud(ticket(team="desk", priority=priority), policy.loudness, policy.teams, at)

    assert [sounds(priority, FRIDAY) for priority in ("P1", "P2", "P3")] == [True, True, False]
    assert [sounds(priority, SATURDAY) for priority in ("P1", "P2", "P3")] == [True, False, False]


@pytest.mark.parametrize(
    ("alert", "priority", "kind"),
    [("kasia", "P3", Later), ("kasia", "P1", Reached), ("on_call", "P3", Reached), ("team", "P3", Reached)],
)
def test_who_does_not_work_is_alerted_when_the_page_says(alert: str, priority: str, kind: type, policy: Policy) -> None:
    (hears,) = reached(Step(after=MINUTE, alert=(alert,)), ticket(team="desk", priority=priority), policy, SATURDAY)

    assert isinstance(hears, kind)
    assert hears.person == {"kasia": "kasia", "on_call": "tomek", "team": ""}[alert]


class Told(NamedTuple):
    """A row of a ladder's table."""

    at: datetime
    words: str


def row_of(told: Sequence[str]) -> Told:
    return Told(moment(told[0]), told[1])


@pytest.fixture
async def desk(tmp_path: Path, policy: Policy) -> AsyncIterator[TimerDesk]:
    database = open_database(f"sqlite:{tmp_path / 'desk.db'}")
    await database.write(metadata.create_all)
    yield TimerDesk(database, policy)
    await database.close()


async def written(desk: TimerDesk, text: str, at: datetime) -> None:
    desk.at = at.astimezone(UTC)
    await desk.handle(message(channel="support", subject="", text=text, language="", received_at=desk.at))


async def lived_through(desk: TimerDesk, until: datetime) -> list[Told]:
    """What a ladder did, minute by minute."""
    while desk.at < until:
        due = [timer.due_at for timer in await desk.timers()]
        desk.at = min([*due, until])
        if desk.at < until:
            await desk.fire()
    names = {str(one.telegram.value): one.key for one in desk.policy.people.values() if one.telegram}
    names |= {one.mail.value: one.key for one in desk.policy.people.values() if one.mail}
    found = []
    before = "desk"
    for event in await desk.events("escalated"):
        who = names[event.to.value] if event.to else event.ticket.team
        sound = "silent" if event.silent else "loud"
        what = f"has it, level {event.ticket.level}" if event.ticket.team != before else "is alerted"
        before = event.ticket.team
        found.append(Told(event.at, f"{who} {what}, {sound}"))
    return found


async def test_an_urgent_ticket_climbs_its_ladder(desk: TimerDesk) -> None:
    await written(desk, "VPN: everybody cannot work", SATURDAY)

    assert await lived_through(desk, SATURDAY + timedelta(days=1)) == [row_of(row) for row in LADDERS[0]]


async def test_an_ordinary_ticket_climbs_its_ladder(desk: TimerDesk) -> None:
    await written(desk, "The VPN is slow", FRIDAY)

    assert await lived_through(desk, FRIDAY + timedelta(days=4)) == [row_of(row) for row in LADDERS[1]]


async def test_a_claim_leaves_the_last_step_and_a_solution_none(desk: TimerDesk) -> None:
    await written(desk, "VPN: everybody cannot work", SATURDAY)
    desk.at += 5 * MINUTE
    await desk.fire()

    await desk.handle(action("claim", desk.at))
    assert [timer.name for timer in await desk.timers()] == ["escalate 1.4"]
    await desk.handle(action("solve", desk.at))
    assert [timer.name for timer in await desk.timers()] == ["close"]


def action(kind: str, at: datetime) -> Action:
    return Action(id=f"a-{kind}", kind=kind, actor="person:tomek", ticket=FIRST, at=at)


async def test_a_shift_begins_with_a_digest_of_what_is_due(desk: TimerDesk) -> None:
    await written(desk, "The VPN is slow", SATURDAY)
    await desk.plan()
    desk.at = moment("2026-11-22 05:31").astimezone(UTC)  # A minute past eight in Shiraz.
    await desk.fire()

    digests = await desk.events("digest")

    assert sorted(event.to.value for event in digests if event.to) == ["611000013", "611000014"]
    assert [one.word for event in digests for one in event.beside] == ["due-today", "due-today"]


async def test_after_a_standstill_everybody_hears_once(desk: TimerDesk) -> None:
    await written(desk, "The VPN is slow", FRIDAY)

    desk.at = moment("2026-11-23 16:30").astimezone(UTC)
    await desk.fire()

    assert await desk.events("escalated") == []
    told = [event.to.value if event.to else "" for event in await desk.events("overdue")]
    assert sorted(told) == ["", "611000012"]  # Three steps came due: two for the team, one for Tomek.
    assert await desk.states() == [("new", "experts", 2)]
    assert f"{SETTINGS.late.total_seconds() / 60:.0f} minutes" in PAGE

"""What a timer does that has come due: whom it tells, where the ticket goes, and what it leaves alone."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
import pytest

from router.due.loudness import Loudness
from router.due.occasions import Fired, fired, standing
from router.due.schedule import timers_of
from router.policy import Policy
from store.events import TicketEvent
from store.rows import Ticket, Timer
from tests.unit.router.calendars import warsaw
from tests.unit.router.given import facts, message, ticket
from tests.unit.router.ladder_desk import DAY, HOUR, MINUTE, NOW, PEOPLE, desk, teams

NIGHT = warsaw(2026, 11, 23, 22)
P1 = {"priority": "P1", "opened_at": NOW, "answer_by": NOW + 15 * MINUTE, "resolve_by": NOW + 4 * HOUR}


def fire(one: Ticket, name: str, at: datetime, policy: Policy | None = None, *, late: bool = False) -> Fired:
    """What the timer of this name does at a moment."""
    policy = policy or desk()
    timer = next(timer for timer in timers_of(one, policy) if timer.name == name)
    known = facts(one, now=at, last_words={one.number: message(text="It is down again.")})
    coming = standing(timer, known, policy)
    assert coming is not None
    return fired(coming, known, policy, late=late)


def step(at: datetime, late: bool = False, policy: Policy | None = None, **wanted: object) -> Fired:
    """What a ladder of this one step does to a P3 ticket at a moment."""
    known = policy or desk({"steps": [{"after": "0m", **wanted}]})
    return fire(ticket(opened_at=NOW, person="person:ola"), "escalate 1.1", at, known, late=late)


def told(done: Fired) -> list[TicketEvent]:
    return [kept.event for kept in done.changes.events]


def readers(done: Fired) -> list[str]:
    """Whom events are for, in the order of the events; the team's workspace is empty."""
    return [event.to.value if event.to else "" for event in told(done)]


TELEGRAM = {key: person.telegram.value for key, person in PEOPLE.items() if person.telegram}


@pytest.mark.parametrize(
    ("alert", "by", "reached"),
    [
        ("team", None, [""]),
        ("ola", None, [TELEGRAM["ola"]]),
        ("ola", "mail", ["ola@desk.example"]),
        ("boss", None, ["boss@desk.example"]),
        ("boss", "telegram", ["boss@desk.example"]),
        ("manager", "mail", ["boss@desk.example"]),
        ("assignee", None, [TELEGRAM["ola"]]),
        ("assignee_or_team", None, [TELEGRAM["ola"]]),
        ("on_call", None, [TELEGRAM["ivan"]]),
        ("next_on_call", None, [TELEGRAM["mika"]]),
        (["ola", "team", "boss", "ola"], "mail", ["ola@desk.example", "", "boss@desk.example"]),
    ],
)
def test_a_step_reaches_whom_it_names(alert: str | Sequence[str], by: str | None, reached: list[str]) -> None:
    assert readers(step(NOW, alert=alert, by=by)) == reached


def test_a_step_says_what_it_is_and_where_it_stands() -> None:
    (event,) = told(fire(ticket(**P1), "escalate 1.2", NOW + 6 * MINUTE))

    assert (event.kind, event.actor, event.text, event.silent) == (
        "escalated",
        "deskwire",
        "after 5m unless claimed",
        False,
    )
    assert event.decision is not None
    assert event.decision.because[0].rule == "escalate 1: after 5m unless claimed"
    assert event.decision.because[0].result == "alert next_on_call"


def test_whoever_is_alerted_reads_what_the_customer_wrote_last() -> None:
    (event,) = told(step(NOW, alert="ola"))

    assert event.message is not None
    assert event.message.text == "It is down again."


def test_a_step_that_is_not_loud_makes_no_sound() -> None:
    assert [event.silent for event in told(step(NOW, alert="team"))] == [True]
    assert [event.silent for event in told(step(NOW, alert="team", loud=True))] == [False]


def test_where_nobody_is_on_call_or_assigned_the_team_hears_of_it() -> None:
    policy = desk({"steps": [{"after": "0m", "alert": ["on_call", "assignee", "mika"]}]})
    several = {**teams(), "help": msgspec.structs.replace(teams()["help"], on_call=None)}
    alone = msgspec.structs.replace(policy, teams=several, people={})

    assert readers(fire(ticket(opened_at=NOW), "escalate 1.1", NOW, alone)) == [""]


@pytest.mark.parametrize(
    ("alert", "reached", "later"),
    [
        ("ola", [], ["held ola 100009"]),
        ("on_call", [TELEGRAM["ivan"]], []),
        ("boss", ["boss@desk.example"], []),  # Who has no shifts has no hours in which to be left alone.
        ("assignee_or_team", [""], []),
        ("assignee", [], ["held ola 100009"]),
    ],
)
def test_off_their_shift_people_hear_of_it_when_they_work_again(
    alert: str, reached: list[str], later: list[str]
) -> None:
    done = step(NIGHT, alert=alert)

    assert readers(done) == reached
    assert [timer.name for timer in done.later] == later
    assert [timer.due_at for timer in done.later] == [warsaw(2026, 11, 24, 8)] * len(later)


def test_an_urgent_step_reaches_people_at_any_hour_and_so_does_a_desk_without_quiet_hours() -> None:
    ladder = {"steps": [{"after": "0m", "alert": "ola"}]}
    urgent = fire(ticket(**P1), "escalate 1.1", NIGHT, desk(ladder))
    loud = step(NIGHT, policy=desk(ladder, loudness=Loudness(urgent="P1")))

    assert readers(urgent) == readers(loud) == [TELEGRAM["ola"]]


@pytest.mark.parametrize(
    ("team", "level", "move", "reached"),
    [
        ("help", 1, "next_level", ("network", 2)),
        ("network", 2, "next_level", ("engineering", 3)),
        ("engineering", 3, "next_level", ("engineering", 3)),
        ("help", 1, "engineering", ("engineering", 3)),
        ("engineering", 3, "help", ("engineering", 3)),
        ("help", 2, "help", ("help", 2)),
    ],
)
def test_a_ticket_goes_up_and_never_down(team: str, level: int, move: str, reached: tuple[str, int]) -> None:
    policy = desk({"steps": [{"after": "0m", "move": move}]})
    done = fire(ticket(opened_at=NOW, team=team, level=level), "escalate 1.1", NOW, policy)

    assert done.changes.ticket is not None
    assert (done.changes.ticket.team, done.changes.ticket.level) == reached
    assert [(event.kind, event.ticket.team, event.to) for event in told(done)] == [("escalated", reached[0], None)]


def test_a_team_may_name_the_one_above_it() -> None:
    several = {**teams(), "help": msgspec.structs.replace(teams()["help"], escalates_to="engineering")}
    policy = desk({"steps": [{"after": "0m", "move": "next_level"}]}, teams=several)
    done = fire(ticket(opened_at=NOW), "escalate 1.1", NOW, policy)

    assert done.changes.ticket is not None
    assert done.changes.ticket.team == "engineering"


def test_a_move_keeps_deadlines_and_lets_go_of_those_who_do_not_work_there() -> None:
    before = ticket(**P1, assignee="person:ola", person="person:ola")
    done = fire(before, "escalate 1.4", NOW + 2 * HOUR)

    assert done.changes.ticket is not None
    assert (done.changes.ticket.answer_by, done.changes.ticket.resolve_by) == (before.answer_by, before.resolve_by)
    assert (done.changes.ticket.assignee, done.changes.ticket.person) == ("", "")
    kept = fire(msgspec.structs.replace(before, assignee="person:mika"), "escalate 1.4", NOW + 2 * HOUR)
    assert kept.changes.ticket is not None
    assert kept.changes.ticket.assignee == "person:mika"


def test_what_is_late_moves_the_ticket_and_leaves_the_telling_to_a_digest() -> None:
    policy = desk({"steps": [{"after": "0m", "alert": ["team", "ola"], "move": "network", "loud": True}]})
    done = fire(ticket(opened_at=NOW), "escalate 1.1", NOW + HOUR, policy, late=True)

    assert [event.kind for event in told(done)] == ["raised"]
    assert [timer.name for timer in done.later] == ["late  100009", "late ola 100009"]
    alone = step(NOW + HOUR, late=True, alert="team")
    assert told(alone) == []
    assert alone.changes.ticket is None


@pytest.mark.parametrize(
    ("changes", "name", "at", "left"),
    [
        ({"state": "solved", "solved_at": NOW}, "close", NOW + 5 * DAY, ("closed", "closed", "")),
        ({"state": "waiting", "waiting_since": NOW}, "remind 1", NOW + 2 * DAY, ("waiting", "reminded", "remind 1")),
        ({"state": "waiting", "waiting_since": NOW}, "give-up", NOW + 7 * DAY, ("closed", "closed", "give-up")),
        ({"state": "waiting", "waiting_since": NOW, "wakes_at": NOW + DAY}, "wake", NOW + DAY, ("open", "woken", "")),
    ],
)
def test_time_changes_states(changes: dict[str, object], name: str, at: datetime, left: tuple[str, str, str]) -> None:
    done = fire(ticket(priority="P4", **changes), name, at)

    assert done.changes.ticket is not None
    assert [(done.changes.ticket.state, one.kind, one.text) for one in told(done)] == [left]
    assert done.changes.ticket.answered_at is None


def test_a_late_reminder_is_not_sent_where_another_is_due_as_well() -> None:
    waits = ticket(priority="P4", state="waiting", waiting_since=NOW)

    assert told(fire(waits, "remind 1", NOW + 6 * DAY, late=True)) == []
    assert [event.text for event in told(fire(waits, "remind 2", NOW + 6 * DAY, late=True))] == ["remind 2"]


def test_waking_lets_the_clock_of_the_solution_run_on() -> None:
    waits = ticket(
        **P1 | {"state": "waiting", "waiting_since": NOW + HOUR, "wakes_at": NOW + DAY, "waiting_left": 3 * 3600}
    )
    done = fire(waits, "wake", NOW + DAY)

    assert done.changes.ticket is not None
    assert done.changes.ticket.resolve_by == NOW + DAY + 3 * HOUR


def test_a_timer_stands_for_nothing_once_the_ticket_is_other_than_it_was() -> None:
    one = ticket(**P1)
    timer = next(timer for timer in timers_of(one, desk()) if timer.name == "escalate 1.2")
    claimed = msgspec.structs.replace(one, assignee="person:ola")

    assert standing(timer, facts(one, now=NOW + 5 * MINUTE), desk()) is not None
    assert standing(timer, facts(claimed, now=NOW + 5 * MINUTE), desk()) is None
    assert standing(timer, facts(one, now=NOW + 4 * MINUTE), desk()) is None
    assert standing(Timer("other", 0, "digest ola", NOW), facts(one, now=NOW), desk()) is None

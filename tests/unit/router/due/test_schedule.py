"""What comes due for a ticket follows from how it stands: from its ladder, its deadlines, and what it waits for."""

from datetime import datetime, timedelta

import msgspec
import pytest

from router.draft import Draft, grown_by
from router.due.loudness import Loudness, is_loud
from router.due.schedule import timers_of, with_what_comes
from router.known import Changes
from store.records import Decision
from store.rows import Settled, Ticket
from tests.unit.router.calendars import warsaw
from tests.unit.router.given import facts, ticket
from tests.unit.router.ladder_desk import DAY, HOUR, MINUTE, NOW, desk

P1 = {"priority": "P1", "opened_at": NOW, "answer_by": NOW + 15 * MINUTE, "resolve_by": NOW + 4 * HOUR}
P3 = {"priority": "P3", "opened_at": NOW, "answer_by": NOW + 4 * HOUR, "resolve_by": warsaw(2026, 11, 26, 10)}


def due(one: Ticket, **changes: object) -> dict[str, datetime]:
    """When what comes due, by its name."""
    return {timer.name: timer.due_at for timer in timers_of(one, desk(**changes))}


def test_steps_come_due_after_the_arrival_and_by_shares_of_deadlines() -> None:
    assert due(ticket(**P1)) == {
        "escalate 1.1": NOW,
        "escalate 1.2": NOW + 5 * MINUTE,
        "escalate 1.3": NOW + 15 * MINUTE,
        "escalate 1.4": NOW + 2 * HOUR,
    }
    assert due(ticket(**P3)) == {
        "escalate 2.1": NOW + 3 * HOUR,
        "escalate 2.2": NOW + 4 * HOUR,
        "escalate 2.3": warsaw(2026, 11, 26, 10),
    }


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"assignee": "person:ola"}, ["1.1", "1.4"]),
        ({"assignee": "person:ola", "answered_at": NOW}, ["1.1", "1.4"]),
        ({"state": "waiting", "waiting_since": NOW}, ["1.2", "1.3"]),
        ({"state": "solved", "solved_at": NOW}, []),
        ({"state": "closed"}, []),
        ({"priority": "P4"}, []),
    ],
)
def test_a_step_is_gone_once_somebody_has_acted(changes: dict[str, object], left: list[str]) -> None:
    found = due(ticket(**P1 | changes))

    assert [name.removeprefix("escalate ") for name in found if name.startswith("escalate")] == left


def test_an_answer_ends_the_steps_of_the_first_answer_alone() -> None:
    assert list(due(ticket(**P3, answered_at=NOW))) == ["escalate 2.3"]


def test_a_share_of_working_time_leaves_the_night_out() -> None:
    late = {"opened_at": warsaw(2026, 11, 23, 16), "answer_by": warsaw(2026, 11, 24, 11)}

    assert due(ticket(**P3 | late))["escalate 2.1"] == warsaw(2026, 11, 24, 10)


def test_what_was_waited_for_the_customer_counts_for_no_solution() -> None:
    ladder = {"steps": [{"at": "75% of resolve", "alert": "team"}, {"after": "2h", "alert": "team"}]}
    one = ticket(**P1 | {"resolve_by": NOW + 5 * HOUR}, waited=3600)
    found = {timer.name: timer.due_at for timer in timers_of(one, desk(ladder))}

    assert found == {"escalate 1.1": NOW + 4 * HOUR, "escalate 1.2": NOW + 3 * HOUR}


def test_the_next_answer_has_steps_only_while_somebody_waits_for_it() -> None:
    ladder = {"steps": [{"at": "50% of update", "alert": "team"}]}
    answered = ticket(**P1, answered_at=NOW)
    asked = msgspec.structs.replace(answered, asked_at=NOW + HOUR, update_by=NOW + 2 * HOUR)

    assert timers_of(answered, desk(ladder)) == ()
    assert [timer.due_at for timer in timers_of(asked, desk(ladder))] == [NOW + 90 * MINUTE]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"state": "solved", "solved_at": NOW}, {"close": NOW + 5 * DAY}),
        (
            {"state": "waiting", "waiting_since": NOW},
            {"remind 1": NOW + 2 * DAY, "remind 2": NOW + 5 * DAY, "give-up": NOW + 7 * DAY},
        ),
        ({"state": "waiting", "waiting_since": NOW, "wakes_at": NOW + DAY}, {"wake": NOW + DAY}),
        ({"state": "open"}, {}),
    ],
)
def test_time_closes_reminds_and_wakes(changes: dict[str, object], expected: dict[str, datetime]) -> None:
    assert due(ticket(priority="P4", **changes)) == expected


def test_the_same_timer_has_the_same_id_and_another_deadline_another() -> None:
    ids = [timer.id for timer in timers_of(ticket(**P3), desk())]
    claimed = [timer.id for timer in timers_of(ticket(**P3, assignee="person:ola"), desk())]
    later = [timer.id for timer in timers_of(ticket(**P3 | {"resolve_by": NOW + DAY}), desk())]

    assert ids == claimed
    assert ids[:2] == later[:2]
    assert ids[2] != later[2]


def changed(before: Ticket | None, after: Ticket, at: datetime = NOW + HOUR) -> Changes:
    """What the change of a ticket comes to."""
    known = facts(*([before] if before else []), now=at)
    changes = Changes(settled=Settled(id="a1", outcome="acted", ticket=after.number), ticket=after)
    return with_what_comes(changes, known, desk())


def test_another_priority_begins_its_ladder_when_it_is_given() -> None:
    before = ticket(**P3)
    changes = changed(before, msgspec.structs.replace(before, **P1))

    assert changes.timers is not None
    assert {timer.name: timer.due_at for timer in changes.timers}["escalate 1.2"] == NOW + HOUR + 5 * MINUTE


def test_a_reopened_ticket_begins_its_ladder_anew() -> None:
    before = ticket(**P1, state="solved", solved_at=NOW)
    ids = {timer.id for timer in timers_of(ticket(**P1), desk())}
    changes = changed(before, msgspec.structs.replace(before, state="open", solved_at=None), at=NOW + DAY)

    assert changes.timers is not None
    assert min(timer.due_at for timer in changes.timers) == NOW + DAY
    assert not ids & {timer.id for timer in changes.timers}


def test_timers_stay_as_they_are_where_nothing_about_them_changed() -> None:
    before = ticket(**P3)

    assert changed(before, msgspec.structs.replace(before, messages=2)).timers is None
    assert changed(None, before).timers == timers_of(before, desk())


def test_a_wait_ends_with_its_moment_or_with_the_waiting() -> None:
    before = ticket(priority="P4", state="waiting", waiting_since=NOW, wakes_at=NOW + DAY)
    woken = changed(before, msgspec.structs.replace(before, state="open", waiting_since=None))

    assert woken.ticket is not None
    assert woken.ticket.wakes_at is None
    assert woken.timers == ()


@pytest.mark.parametrize(
    ("priority", "at", "loud"),
    [
        ("P1", warsaw(2026, 11, 23, 10), True),
        ("P1", warsaw(2026, 11, 23, 20), True),
        ("P2", warsaw(2026, 11, 23, 10), True),
        ("P2", warsaw(2026, 11, 23, 20), False),
        ("P3", warsaw(2026, 11, 23, 10), False),
    ],
)
def test_only_what_is_urgent_makes_a_sound(priority: str, at: datetime, loud: bool) -> None:

    one = ticket(priority=priority)
    draft = Draft(ticket=one).with_event(
        "continued", cause="m1", actor="customer", at=at, decision=Decision(outcome="continued")
    )
    changes = grown_by(Changes(settled=Settled(id="m1", outcome="continued", ticket=one.number)), draft)
    quiet = desk(loudness=Loudness(loud=frozenset({"P1", "P2"}), urgent="P1"))

    assert [not kept.event.silent for kept in with_what_comes(changes, facts(one, now=at), quiet).events] == [loud]


def test_a_desk_that_says_nothing_of_loudness_is_as_loud_as_it_was() -> None:

    assert is_loud(ticket(priority="P4"), Loudness(), {}, NOW + timedelta(days=1))

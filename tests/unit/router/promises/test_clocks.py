"""Deadlines run while the team works; what stops, restarts and recounts them, and what never does."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given as each
from hypothesis import settings
from hypothesis import strategies as st

from router.crew.teams import Shift, team
from router.hours.calendar import always
from router.hours.open_hours import OpenHours
from router.policy import Policy
from router.promises.clocks import Heard, moved, promised
from router.promises.sla import Sla, Within
from store.rows import Ticket
from tests.unit.router.calendars import in_tehran, in_warsaw, warsaw
from tests.unit.router.given import policy, ticket

ALWAYS = OpenHours([always(ZoneInfo("UTC"))])
TEHRANS = Shift("tehran", OpenHours([in_tehran()]), ("leila",))
WARSAWS = Shift("warsaw", OpenHours([in_warsaw()]), ("ola",))
TEAMS = {
    "help": team("help", always=ALWAYS, shifts=(TEHRANS, WARSAWS)),  # Follows the sun.
    "network": team("network", always=ALWAYS, shifts=(WARSAWS,), level=2),
}


def minutes(number: float) -> Within:
    return Within(timedelta(minutes=number))


SLAS = {
    "P1": Sla(first_answer=minutes(15), update=minutes(60), resolve=minutes(240), always=True),
    "P2": Sla(first_answer=minutes(60), update=minutes(240), resolve=minutes(480)),
    "P3": Sla(first_answer=minutes(240), resolve=Within(days=3)),
    "P4": Sla(first_answer=Within(days=1), resolve=Within(days=10)),
}
DESK = msgspec.structs.replace(policy(), teams=TEAMS, sla=SLAS)
FRIDAY = warsaw(2026, 11, 20, 16, 40)
MONDAY = warsaw(2026, 11, 23, 8)


def opened(at: datetime = MONDAY, priority: str = "P2", team_name: str = "network", desk: Policy = DESK) -> Ticket:
    due = promised(priority, team_name, at, desk)
    return ticket(
        priority=priority,
        team=team_name,
        opened_at=at,
        asked_at=at,
        answer_by=due.answer_by,
        resolve_by=due.resolve_by,
    )


def after(before: Ticket, at: datetime, heard: Heard = "", **changes: object) -> Ticket:
    return moved(before, msgspec.structs.replace(before, **changes), heard, at, DESK)


@pytest.mark.parametrize(
    ("at", "priority", "team_name", "answer_by", "resolve_by"),
    [
        # The two that are worked out in the plan: 40 minutes of Friday in Warsaw, the rest of Saturday in Tehran ...
        (FRIDAY, "P3", "help", warsaw(2026, 11, 21, 9, 10), warsaw(2026, 11, 23, 16, 40)),
        # ... and the hour that ends at nine in Warsaw and at half past eleven in Tehran.
        (MONDAY, "P2", "help", warsaw(2026, 11, 23, 9), warsaw(2026, 11, 23, 16)),
        (FRIDAY, "P3", "network", warsaw(2026, 11, 23, 11, 40), warsaw(2026, 11, 25, 16, 40)),
        (FRIDAY, "P1", "network", warsaw(2026, 11, 20, 16, 55), warsaw(2026, 11, 20, 20, 40)),
        (FRIDAY, "P4", "network", warsaw(2026, 11, 23, 16, 40), warsaw(2026, 12, 4, 16, 40)),
        (FRIDAY, "P9", "network", None, None),
        (FRIDAY, "P2", "nobody", warsaw(2026, 11, 20, 17, 40), warsaw(2026, 11, 21, 0, 40)),
    ],
)
def test_a_new_ticket_is_promised_what_its_priority_says_in_its_teams_hours(
    at: datetime, priority: str, team_name: str, answer_by: datetime | None, resolve_by: datetime | None
) -> None:
    due = promised(priority, team_name, at, DESK)

    assert (due.answer_by, due.resolve_by) == (answer_by, resolve_by)


def test_a_promise_has_its_reason() -> None:
    [reason] = promised("P3", "help", FRIDAY, DESK).because

    assert reason.result == "answer by 2026-11-21 08:10 UTC, solve by 2026-11-23 15:40 UTC"
    assert (reason.rule, reason.evidence) == ("sla P3", "in the hours of help")
    assert promised("P1", "help", FRIDAY, DESK).because[0].evidence == "day and night"
    assert promised("P9", "help", FRIDAY, DESK).because == ()


def test_only_the_first_answer_of_a_person_is_the_first_answer() -> None:
    noted = after(opened(), warsaw(2026, 11, 23, 8, 30))
    answered = after(noted, warsaw(2026, 11, 23, 9, 30), "answer", state="open")
    again = after(answered, warsaw(2026, 11, 23, 12), "answer")

    assert noted.answered_at is None
    assert answered.answered_at == again.answered_at == warsaw(2026, 11, 23, 9, 30)
    assert again.answer_by == warsaw(2026, 11, 23, 9), "that it was late can be seen for ever"


def test_the_first_answer_counts_from_the_first_message() -> None:
    again = after(opened(), warsaw(2026, 11, 23, 8, 30), "customer")

    assert again.answer_by == warsaw(2026, 11, 23, 9)
    assert again.asked_at == MONDAY
    assert again.update_by is None, "nothing overrules the first answer"


def test_an_update_counts_from_the_first_message_that_nobody_has_answered() -> None:
    answered = after(opened(), warsaw(2026, 11, 23, 9), "answer", state="open")
    asked = after(answered, warsaw(2026, 11, 23, 10), "customer")
    more = after(asked, warsaw(2026, 11, 23, 11), "customer")
    told = after(more, warsaw(2026, 11, 23, 12), "answer")

    assert answered.update_by is None
    assert asked.update_by == more.update_by == warsaw(2026, 11, 23, 14)
    assert told.update_by is None
    assert after(told, warsaw(2026, 11, 23, 16), "customer").update_by == warsaw(2026, 11, 24, 11)


def test_waiting_stops_what_is_to_be_solved_and_nothing_else() -> None:
    answered = after(opened(), warsaw(2026, 11, 23, 9), "answer", state="open")
    asked = after(answered, warsaw(2026, 11, 23, 10), "customer")
    waiting = after(asked, warsaw(2026, 11, 23, 12), state="waiting")
    still = after(waiting, warsaw(2026, 11, 23, 13), state="waiting")
    again = after(still, warsaw(2026, 11, 24, 9), "customer", state="open")

    assert still.waiting_since == warsaw(2026, 11, 23, 12)
    assert still.waiting_left == 4 * 3600
    assert still.update_by == asked.update_by
    assert still.due_by == still.update_by
    assert (again.waiting_since, again.waiting_left) == (None, None)
    assert again.resolve_by == warsaw(2026, 11, 24, 13)
    assert again.waited == 6 * 3600


def test_a_first_answer_is_due_while_it_waits() -> None:
    waiting = after(opened(), warsaw(2026, 11, 23, 8, 10), state="waiting")

    assert waiting.due_by == warsaw(2026, 11, 23, 9)


def test_what_was_missed_stays_missed_however_long_it_waits() -> None:
    late = after(opened(), warsaw(2026, 11, 24, 9), state="waiting")
    again = after(late, warsaw(2026, 11, 26, 9), "customer", state="open")

    assert late.waiting_left is None
    assert again.resolve_by == warsaw(2026, 11, 23, 16)


def test_a_ticket_that_is_opened_again_goes_on_where_it_was_solved() -> None:
    solved = after(opened(), warsaw(2026, 11, 23, 12), "answer", state="solved")
    closed = after(solved, warsaw(2026, 11, 30, 12), state="closed")
    again = after(closed, warsaw(2026, 12, 1, 8), "customer", state="open")

    assert closed.solved_at == warsaw(2026, 11, 23, 12)
    assert closed.due_by is None
    assert again.solved_at is None
    assert again.resolve_by == warsaw(2026, 12, 1, 12)
    assert again.update_by == warsaw(2026, 12, 1, 12)


def test_nobody_waits_for_an_answer_once_it_is_solved() -> None:
    answered = after(opened(), warsaw(2026, 11, 23, 9), "answer", state="open")
    asked = after(answered, warsaw(2026, 11, 23, 10), "customer")
    solved = after(asked, warsaw(2026, 11, 23, 11), state="solved")

    assert (solved.asked_at, solved.update_by) == (None, None)


@pytest.mark.parametrize(
    ("at", "priority", "answer_by", "resolve_by"),
    [
        (warsaw(2026, 11, 23, 8, 30), "P1", warsaw(2026, 11, 23, 8, 15), warsaw(2026, 11, 23, 12)),
        (warsaw(2026, 11, 23, 8, 30), "P3", warsaw(2026, 11, 23, 12), warsaw(2026, 11, 26, 8)),
        (warsaw(2026, 11, 23, 8, 30), "P9", None, None),
        (warsaw(2026, 11, 23, 9, 1), "P3", warsaw(2026, 11, 23, 9), warsaw(2026, 11, 26, 8)),  # It was missed.
    ],
)
def test_another_priority_counts_from_the_arrival(
    at: datetime, priority: str, answer_by: datetime | None, resolve_by: datetime | None
) -> None:
    changed = after(opened(), at, priority=priority)

    assert (changed.answer_by, changed.resolve_by) == (answer_by, resolve_by)


def test_a_late_answer_stays_late_under_another_priority() -> None:
    answered = after(opened(), warsaw(2026, 11, 23, 10), "answer", state="open")

    assert after(answered, warsaw(2026, 11, 23, 11), priority="P4").answer_by == warsaw(2026, 11, 23, 9)


def test_another_priority_leaves_out_the_time_of_waiting() -> None:
    waiting = after(opened(), warsaw(2026, 11, 23, 9), "answer", state="waiting")
    changed = after(waiting, warsaw(2026, 11, 23, 10), priority="P3")
    again = after(changed, warsaw(2026, 11, 23, 11), "customer", state="open")

    assert changed.waiting_left == 26 * 3600, "three days of nine hours, less the hour before it waited"
    assert again.resolve_by == warsaw(2026, 11, 26, 10)
    assert after(again, warsaw(2026, 11, 23, 12), priority="P2").resolve_by == warsaw(2026, 11, 24, 9)


def test_another_priority_promises_its_own_updates() -> None:
    answered = after(opened(), warsaw(2026, 11, 23, 9), "answer", state="open")
    asked = after(answered, warsaw(2026, 11, 23, 10), "customer")

    assert after(asked, warsaw(2026, 11, 23, 10, 10), priority="P1").update_by == warsaw(2026, 11, 23, 11)
    assert after(asked, warsaw(2026, 11, 23, 10, 10), priority="P3").update_by is None


def test_a_move_keeps_all_deadlines() -> None:
    before = opened(FRIDAY, "P3", "help")
    after_it = after(before, FRIDAY + timedelta(hours=1), team="network", level=2)

    assert [after_it.answer_by, after_it.resolve_by] == [before.answer_by, before.resolve_by]


def test_a_ticket_from_before_there_were_promises_gets_none() -> None:
    plain = ticket(priority="P9")
    answered = after(after(plain, MONDAY, state="waiting"), MONDAY, "answer", state="open")

    assert (answered.answer_by, answered.resolve_by, answered.update_by) == (None, None, None)


HAPPENINGS: Mapping[str, tuple[Heard, Mapping[str, object]]] = {
    "asks": ("customer", {"state": "open"}),
    "answered": ("answer", {"state": "open"}),
    "waits": ("", {"state": "waiting"}),
    "solved": ("answer", {"state": "solved"}),
    "opened again": ("", {"state": "open"}),
    "moved": ("", {"team": "help"}),
    "noted": ("", {}),
}


@settings(max_examples=200, deadline=None)
@each(
    st.lists(st.tuples(st.sampled_from(sorted(HAPPENINGS)), st.integers(0, 50 * 3600)), max_size=8),
    st.sampled_from(["P2", "P3", "P4"]),
)
def test_whatever_happens_deadlines_only_ever_move_on_and_into_open_hours(
    happenings: list[tuple[str, int]], priority: str
) -> None:
    now, current = MONDAY, opened(MONDAY, priority)
    for name, seconds in happenings:
        heard, changes = HAPPENINGS[name]
        now += timedelta(seconds=seconds)
        before, current = current, after(current, now, heard, **changes)

        assert current.answer_by == before.answer_by
        assert current.resolve_by is not None
        assert before.resolve_by is not None
        # Half a second each time that it is kept in whole ones.
        assert current.resolve_by >= before.resolve_by - timedelta(seconds=1)
        if current.resolve_by != before.resolve_by:
            hours = TEAMS[current.team].hours
            assert hours.is_open(current.resolve_by) or hours.is_open(current.resolve_by - timedelta.resolution)

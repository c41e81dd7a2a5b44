"""What people do to tickets: what it changes, who hears of it, and the words in which it is refused."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from router import changes
from router.crew.teams import Person, Shift, team
from router.hours.calendar import always
from router.hours.open_hours import OpenHours
from router.known import Changes, Facts
from router.life.commands import act, refusal
from router.policy import Policy
from store.events import TicketEvent
from store.records import Action, Address
from store.rows import Ticket
from tests.unit.router.given import NOW, contact, facts, message, policy, ticket

T1, T2, T3 = 100009, 100014, 100023
OLA, IVAN, MIKA = "person:ola", "person:ivan", "person:mika"
OPEN = OpenHours((always(ZoneInfo("UTC")),))
LAST = message(id="last", text="It fails again.")


def desk() -> Policy:
    """Two teams of two levels: Ola works in both, Ivan in the first, Mika in the second."""

    def of(name: str, level: int, *people: str) -> tuple[str, object]:
        return name, team(name, always=OPEN, level=level, shifts=(Shift("", OPEN, people),))

    people = {
        key: Person(key=key, name=name, mail=Address(kind="mail", value=f"{key}@desk.example"))
        for key, name in (("ola", "Ola Nowak"), ("ivan", "Ivan Petrov"), ("mika", "Mika Lind"))
    }
    settings = policy(teams=("help", "network"), languages=("en", "pl"))
    return msgspec.structs.replace(
        settings, people=people, teams=dict([of("help", 1, "ola", "ivan"), of("network", 2, "ola", "mika")])
    )


def action(kind: str, *, by: str = OLA, number: int = T1, **values: object) -> Action:
    return Action(id=f"a-{kind}-{by}", kind=kind, actor=by, ticket=number, at=NOW, **values)  # type: ignore[arg-type] # Of one type for each name.


def known(*tickets: Ticket) -> Facts:
    return msgspec.structs.replace(facts(*tickets), last_words={one.number: LAST for one in tickets})


def done(wanted: Action, *tickets: Ticket) -> Changes:
    around, settings = known(*tickets), desk()
    acted = act(wanted, around, settings)
    assert refusal(acted.decision) == ""
    return changes.of_action(wanted, acted.decision, around, settings)


def after(wanted: Action, *tickets: Ticket) -> Ticket:
    changed = done(wanted, *tickets).ticket
    assert changed is not None
    return changed


def told(wanted: Action, *tickets: Ticket) -> list[TicketEvent]:
    return [event for _, event in done(wanted, *tickets).events]


def refused(wanted: Action, *tickets: Ticket) -> str:
    return refusal(act(wanted, known(*tickets), desk()).decision)


def taken(**changed: object) -> Ticket:
    return ticket(T1, **{"state": "open", "assignee": IVAN, "person": IVAN, "claimed_at": NOW} | changed)


def test_who_claims_first_has_it_and_who_comes_second_hears_who_has_it_and_since_when() -> None:
    first = after(action("claim", by=IVAN), ticket(T1))

    assert (first.state, first.assignee, first.person, first.claimed_at) == ("open", IVAN, IVAN, NOW)
    assert refused(action("claim"), first).startswith(f"ticket {T1} is with Ivan Petrov since 08:00: take it over")


def test_what_was_claimed_on_another_day_says_which() -> None:
    assert "Ivan Petrov since 2026-11-20 08:00:" in refused(action("claim"), taken(claimed_at=NOW - timedelta(days=2)))


def test_claiming_what_one_has_is_fine_and_changes_nothing() -> None:
    again = done(action("claim", by=IVAN), taken())

    assert (again.ticket, again.events, again.settled.outcome) == (None, (), "acted")


def test_a_ticket_is_given_to_a_colleague_who_hears_of_it_with_the_customers_words() -> None:
    given = after(action("give", value=IVAN), taken(assignee=OLA, person=OLA))
    (event,) = told(action("give", value=IVAN), ticket(T1))

    assert (given.person, given.assignee, given.claimed_at) == (IVAN, "", None)
    assert (event.kind, event.to, event.message) == ("given", Address(kind="mail", value="ivan@desk.example"), LAST)


def test_whoever_gives_a_ticket_to_themselves_takes_it_over() -> None:
    wanted = action("give", value=OLA)

    assert after(wanted, taken()).assignee == OLA
    assert [(event.kind, event.text) for event in told(wanted, taken())] == [("claimed", f"taken over from {IVAN}")]


def test_a_ticket_is_given_to_nobody_who_is_not_of_its_team_nor_to_nobody_at_all() -> None:
    assert "Mika Lind is not of team help, but of network: move ticket" in refused(action("give", value=MIKA), taken())
    assert '"jan" is nobody in the settings; there are: ola, ivan, mika' in refused(
        action("give", value="person:jan"), taken()
    )


def test_a_move_keeps_number_and_deadlines_and_goes_to_the_queue_with_the_customers_words() -> None:
    by = datetime(2026, 11, 22, 12, tzinfo=UTC)
    wanted = action("move", value="network", why="wrong-topic", text="It is the router.")
    moved = after(wanted, taken(answer_by=by, resolve_by=by))
    (event,) = told(wanted, taken())

    assert (moved.number, moved.team, moved.level, moved.assignee, moved.person) == (T1, "network", 2, "", "")
    assert (moved.answer_by, moved.resolve_by) == (by, by)
    assert (event.kind, event.message) == ("moved", LAST)
    assert event.text == "network (was help) · wrong-topic · It is the router."


def test_whoever_works_in_both_teams_keeps_a_ticket_that_moves() -> None:
    moved = after(action("move", value="network"), taken(assignee=OLA, person=OLA))

    assert (moved.team, moved.assignee, moved.person, moved.claimed_at) == ("network", OLA, OLA, NOW)


def test_an_action_of_an_older_release_that_changes_the_team_moves_it() -> None:
    (event,) = told(action("change", value="team network"), ticket(T1))

    assert (event.kind, event.text) == ("moved", "network (was help) · unsaid")


def test_a_question_goes_out_and_the_ticket_waits() -> None:
    until = NOW + timedelta(days=2)
    wanted = action("wait", text="Which printer?", until=until)
    (event,) = told(wanted, ticket(T1))

    assert (after(wanted, ticket(T1)).state, after(wanted, ticket(T1)).wakes_at) == ("waiting", until)
    assert (event.kind, event.text) == ("waiting", "Which printer?")
    assert [kept.direction for kept in done(wanted, ticket(T1)).messages] == ["out"]


def test_a_solution_is_an_answer_and_whoever_solves_worked_on_it() -> None:
    solved = after(action("solve", text="It is open again."), ticket(T1))

    assert (solved.state, solved.assignee, solved.answered_at, solved.solved_at) == ("solved", OLA, NOW, NOW)
    assert [(event.kind, event.text) for event in told(action("solve", text="It is open again."), ticket(T1))] == [
        ("solved", "It is open again.")
    ]


def test_the_customer_goes_to_whoever_helped_them_last() -> None:
    changed = done(action("answer", text="Try again."), ticket(T1)).contact

    assert changed == contact(last_person=OLA)
    assert done(action("answer", by="operator:root", text="Try again."), ticket(T1)).contact is None


def test_a_closed_ticket_opens_again_for_a_technician_alone() -> None:
    assert after(action("reopen"), ticket(T1, state="closed")).state == "open"
    assert "open it again first" in refused(action("answer", text="Hello."), ticket(T1, state="closed"))


def test_words_about_a_closing_stay_among_the_reasons() -> None:
    (event,) = told(action("close", text="Nobody answers."), ticket(T1, state="solved"))

    assert (event.kind, event.text) == ("closed", "")
    assert event.decision is not None
    assert event.decision.because[0].evidence == "Nobody answers."


def test_another_category_is_told_with_the_one_before() -> None:
    changed = action("change", value="category other")

    assert after(changed, ticket(T1)).category == "other"
    assert [event.text for event in told(changed, ticket(T1))] == ["category other (was network)"]


def test_escalating_goes_a_level_up_and_is_refused_at_the_top() -> None:
    up = after(action("escalate", why="needs-skill"), taken())

    assert (up.team, up.level, up.assignee) == ("network", 2, "")
    assert "no team is above network" in refused(action("escalate"), ticket(T1, team="network", level=2))


def test_linked_tickets_name_each_other_and_each_tells_of_it() -> None:
    linked = done(action("link", value=str(T2)), ticket(T1), ticket(T2))

    assert linked.ticket is not None
    assert (linked.ticket.related, [other.related for other in linked.others]) == ((T2,), [(T1,)])
    assert [(event.ticket.number, event.kind) for _, event in linked.events] == [(T1, "linked"), (T2, "linked")]
    assert {(link.ticket, link.other) for link in linked.links} == {(T1, T2), (T2, T1)}


def test_linking_twice_changes_nothing() -> None:
    again = done(action("link", value=str(T2)), ticket(T1, related=(T2,)), ticket(T2, related=(T1,)))

    assert (again.ticket, again.links, again.others, again.events) == (None, (), (), ())


def test_a_duplicate_is_linked_and_solved_and_the_other_goes_on() -> None:
    wanted = action("link", value=str(T2), why="duplicate")
    same = done(wanted, ticket(T1), ticket(T2))

    assert same.ticket is not None
    assert same.ticket.state == "solved"
    assert [other.state for other in same.others] == ["new"]
    assert "is of another customer" in refused(wanted, ticket(T1), ticket(T2, contact="bob"))


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (action("move", value="nosuch"), "there are: help, network"),
        (action("move", value="help"), "is with team help already"),
        (action("move", value="network", why="boredom"), "is no reason to move a ticket; there are: wrong-topic"),
        (action("change", value="category nosuch"), "there are: network, other"),
        (action("wait", until=NOW - timedelta(hours=1)), "07:00 has passed already"),
        (action("link", value=str(T3)), f"there is no ticket {T3}"),
        (action("link", value="nosuch"), "there is no ticket nosuch"),
        (action("link", value=str(T1)), "is itself"),
        (action("reopen"), "there is nothing to open again"),
        (action("close"), "solve it first"),
    ],
)
def test_what_cannot_be_done_says_what_can(wanted: Action, words: str) -> None:
    assert words in refused(wanted, ticket(T1))

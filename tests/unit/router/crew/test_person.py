"""Of those on shift the one gets a ticket whom the settings prefer; they order, and exclude nobody."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from router.crew.person import Wanted, person_of
from router.crew.teams import Person, Shift, team
from router.hours.calendar import always
from router.hours.open_hours import OpenHours
from router.known import Changes, Facts, folded
from router.opening import open_one
from router.policy import Policy, Preference
from router.rules.assign import routed
from router.rules.conditions import Traits
from store.rows import Load, Settled, Ticket
from tests.unit.router.calendars import in_tehran, in_warsaw, warsaw
from tests.unit.router.given import facts, message, policy, ticket

PEOPLE = (
    Person(key="ola", name="Ola Nowak", speaks=("pl", "en")),
    Person(key="ivan", name="Ivan Petrov", speaks=("ru", "en"), skills=frozenset({"network", "vip"})),
    Person(key="mika", name="Mika Lind", speaks=("en",), skills=frozenset({"network"})),
    Person(key="leila", name="Leila Moradi", speaks=("fa", "en")),
    Person(key="reza", name="Reza Karimi", speaks=("fa", "pl")),
)
ALWAYS = OpenHours([always(ZoneInfo("UTC"))])
FRIDAY, NIGHT = warsaw(2026, 11, 20, 16, 40), warsaw(2026, 11, 20, 22)
EARLY = warsaw(2026, 11, 20, 9)
USUAL: tuple[Preference, ...] = ("same_person_as_last_time", "speaks_customer_language", "least_busy")


def desk(*prefer: Preference, **changes: object) -> Policy:
    teams = {
        "help": team(
            "help",
            always=ALWAYS,
            shifts=(
                Shift("tehran", OpenHours([in_tehran()]), ("leila", "reza")),
                Shift("warsaw", OpenHours([in_warsaw()]), ("ola", "ivan", "mika")),
            ),
        ),
        "plain": team("plain", always=ALWAYS),
    }
    people = {person.key: person for person in PEOPLE}
    return msgspec.structs.replace(policy(), teams=teams, people=people, prefer=prefer, **changes)


def known(now: datetime = FRIDAY, **loads: Load) -> Facts:
    return facts(now=now, loads={f"person:{key}": load for key, load in loads.items()})


@pytest.mark.parametrize(
    ("prefer", "wanted", "loads", "person", "rule"),
    [
        ((), Wanted("help"), {}, "ola", "first on the list"),
        (USUAL, Wanted("help", language="pl"), {}, "ola", "speaks_customer_language"),
        (USUAL, Wanted("help", language="ru"), {"ivan": Load(9, None)}, "ivan", "speaks_customer_language"),
        (USUAL, Wanted("help", "pl", last_person="person:mika"), {}, "mika", "same_person_as_last_time"),
        (USUAL, Wanted("help", "pl", last_person="person:leila"), {}, "ola", "speaks_customer_language"),
        (USUAL, Wanted("help", language="fa"), {"ola": Load(1, None)}, "ivan", "first on the list"),
        (USUAL, Wanted("help"), {"ola": Load(2, None), "ivan": Load(1, None)}, "mika", "least_busy"),
        (("skills",), Wanted("help", knows=frozenset({"network"})), {}, "ivan", "first on the list"),
        (("skills",), Wanted("help", knows=frozenset({"network", "vip"})), {}, "ivan", "skills"),
        (
            ("skills", "least_busy"),
            Wanted("help", knows=frozenset({"network"})),
            {"ivan": Load(1, None)},
            "mika",
            "least_busy",
        ),
        (("round_robin",), Wanted("help"), {"ola": Load(0, FRIDAY), "ivan": Load(5, EARLY)}, "mika", "round_robin"),
        (
            ("round_robin",),
            Wanted("help"),
            {"ola": Load(0, FRIDAY), "ivan": Load(5, EARLY), "mika": Load(0, FRIDAY)},
            "ivan",
            "round_robin",
        ),
    ],
)
def test_of_those_on_shift_the_preferred_one_gets_it(
    prefer: tuple[Preference, ...], wanted: Wanted, loads: dict[str, Load], person: str, rule: str
) -> None:
    reason = person_of(wanted, known(**loads), desk(*prefer))

    assert reason is not None
    assert (reason.part, reason.result, reason.rule) == ("person", person, rule)


def test_the_reason_says_how_everybody_stood() -> None:
    busy = known(ola=Load(3, None), ivan=Load(1, None))

    reason = person_of(Wanted("help", language="pl"), busy, desk(*USUAL))

    assert reason is not None
    assert reason.evidence == (
        "on shift until 17:00, speaks pl, 3 open (ivan: no pl; mika: no pl; leila, reza: off shift)"
    )


def test_nobody_on_shift_leaves_it_in_the_queue_until_the_next_shift() -> None:
    reason = person_of(Wanted("help"), known(NIGHT), desk(*USUAL))

    assert reason is not None
    assert (reason.result, reason.rule) == ("", "nobody on shift")
    assert reason.evidence == "the next shift begins Sat 21 Nov 08:00 Asia/Tehran; it waits in the queue of help"


@pytest.mark.parametrize("name", ["plain", "unknown"])
def test_a_team_without_shifts_chooses_nobody(name: str) -> None:
    assert person_of(Wanted(name), known(), desk(*USUAL)) is None


def test_a_new_ticket_goes_to_a_person_with_its_deadlines() -> None:
    routes = {"team": "help", "copy": ["plain"]}
    opened = open_one(message(language="pl"), known(), desk(*USUAL, route=policy(route=routes).route))

    assert (opened.team, opened.person, opened.copies) == ("help", "person:ola", ("plain",))
    assert [reason.part for reason in opened.because if reason.part == "person"] == ["person"]


@pytest.mark.parametrize(
    ("values", "copies"),
    [
        ({("category", "access")}, ("boss",)),
        ({("category", "network")}, ("boss",)),
        ({("category", "network"), ("priority", "P1")}, ("help",)),
        ({("category", "billing")}, ()),
    ],
)
def test_the_teams_of_copy_hear_of_it_too_and_children_inherit_them(
    values: set[tuple[str, str]], copies: tuple[str, ...]
) -> None:
    routes = {
        "team": "help",
        "copy": ["boss"],
        "routes": [
            {
                "when": {"category": "network"},
                "team": "network",
                "routes": [{"when": {"priority": ["P1"]}, "copy": ["help", "network"]}],
            },
            {"when": {"category": "billing"}, "team": "boss"},
        ],
    }

    assert routed(Traits(words=frozenset(), values=frozenset(values)), policy(route=routes)).copies == copies


def opening(now: Facts, new: Ticket, **changes: object) -> Facts:
    return folded(now, Changes(settled=Settled(id="x", outcome="opened"), ticket=new, **changes))


def test_what_one_message_gives_a_person_is_known_to_the_next() -> None:
    before = known(ola=Load(3, None), ivan=Load(1, EARLY))

    held = opening(before, ticket(person="person:ola", opened_at=FRIDAY), is_new_ticket=True)
    given = opening(held, ticket(person="person:ivan", opened_at=FRIDAY))
    solved = opening(given, ticket(person="person:ivan", opened_at=FRIDAY, state="solved"))
    again = opening(solved, ticket(person="person:ivan", opened_at=FRIDAY, state="open"))

    assert held.loads.get("person:ola") == Load(4, FRIDAY)
    assert (given.loads.get("person:ola"), given.loads.get("person:ivan")) == (Load(3, FRIDAY), Load(2, FRIDAY))
    assert solved.loads.get("person:ivan") == Load(1, FRIDAY)
    assert again.loads.get("person:ivan") == Load(2, FRIDAY)
    assert opening(before, ticket(person="person:new"), is_new_ticket=True).loads.get("person:new") is None


def test_the_least_busy_changes_as_tickets_come() -> None:
    seen, now = [], known(**{key: Load(0, None) for key in ("ola", "ivan", "mika")})
    for number in range(4):
        reason = person_of(Wanted("help"), now, desk("least_busy"))
        assert reason is not None
        seen.append(reason.result)
        held = ticket(100000 + number, person=f"person:{reason.result}", opened_at=FRIDAY + timedelta(minutes=number))
        now = opening(now, held, is_new_ticket=True)

    assert seen == ["ola", "ivan", "mika", "ola"]

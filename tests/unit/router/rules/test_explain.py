"""Why a route is taken or not, in words; and in which hours a deadline was counted."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.decide import decide
from router.policy import Route
from router.promises.explain_clock import length, stretches, told
from router.rules.assign import team_of
from router.rules.conditions import Bound, Condition, Traits
from router.rules.explain import Branch, held, missed, walked
from router.rules.traits import traits_of
from tests.unit.router.calendars import in_tehran, in_warsaw, warsaw
from tests.unit.router.given import facts, message, policy

TREE = {
    "team": "servicedesk",
    "routes": [
        {"name": "machine alerts", "when": {"audience": "machine"}, "team": "network"},
        {
            "name": "network questions",
            "when": {"category": "network"},
            "routes": [{"name": "urgent network", "when": {"priority": ["P1", "P2"]}, "team": "network"}],
        },
        {"name": "business applications", "when": {"category": ["app", "billing"]}, "team": "applications"},
    ],
}
NETWORK = {
    "categories": {"network": {"en": "Network"}},
    "rules": [{"when": {"words": ["vpn"]}, "then": "network"}],
}


def traits(*words: str, **values: str) -> Traits:
    return Traits(words=frozenset(words), values=frozenset(values.items()))


def condition(*words: str, unless: Condition | None = None, **values: tuple[str, ...]) -> Condition:
    wanted = tuple(frozenset((name, value) for value in several) for name, several in values.items())
    return Condition(words=words, values=wanted, unless=unless)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (condition(audience=("machine",)), "audience is customer, needs machine"),
        (condition(priority=("P1", "P2")), "priority is P3, needs P1 or P2"),
        (condition(priority=("P0", "P1", "P2")), "priority is P3, needs P0, P1 or P2"),
        (condition(affects=("department",)), "affects is not known, needs department"),
        (condition("vpn", "wifi"), "has no word that begins with “vpn” or “wifi”"),
        (condition("رمز عبور"), "has no word that begins with “رمز عبور”"),
        (condition(unless=condition(audience=("customer",))), "audience is customer, which it excludes"),
        (condition(unless=Condition()), "every message, which it excludes"),
        (
            condition("vpn", audience=("machine",)),
            "has no word that begins with “vpn”; audience is customer, needs machine",
        ),
        (condition(audience=("customer",)), ""),
        (
            condition(*(f"w{n}" for n in range(1, 10))),
            "has no word that begins with “w1”, “w2”, “w3”, “w4”, “w5”, “w6” or 3 more",
        ),
    ],
)
def test_what_a_message_lacks_is_said(asked: Condition, said: str) -> None:
    met = traits("invoice", audience="customer", priority="P3", language="")

    assert missed(asked, met) == said
    assert bool(missed(asked, met)) is not asked.holds(met)


def test_how_much_of_something_there_must_be_is_said() -> None:
    large = Condition(bounds=(Bound("size", 5_000_000, "over 5MB"),))

    assert missed(large, traits()) == "size is not over 5MB"
    assert held(large, traits()) == "size is over 5MB"


def test_what_a_message_has_is_said() -> None:
    met = traits("vpn", "wifi", category="network", audience="customer")

    assert held(condition("vpn", "wifi", category=("network",)), met) == "has “vpn” or “wifi”, category is network"
    assert held(Condition(), met) == ""


def test_the_way_through_the_tree_says_why_each_other_way_was_not_taken() -> None:
    desk = policy(classify=NETWORK, route=TREE)
    decision = decide(message(), facts(), desk)
    met = traits_of(message(), facts(), desk).having("category", decision.category).having("priority", "P3")

    root = walked(desk, met)

    assert [(one.name, one.state, one.why) for one in root.routes] == [
        ("machine alerts", "refused", "audience is not known, needs machine"),
        ("network questions", "taken", "category is network"),
        ("business applications", "not-reached", ""),
    ]
    (urgent,) = root.routes[1].routes
    assert (urgent.state, urgent.why) == ("refused", "priority is P3, needs P1 or P2")
    assert [one.is_last for one in (root, *root.routes)] == [False, False, True, False]
    assert _last(root).team == decision.team


def _last(branch: Branch) -> Branch:
    return branch if branch.is_last else _last(next(one for one in branch.routes if one.state == "taken"))


def test_a_deadline_is_counted_in_the_hours_of_several_calendars() -> None:
    start, end = warsaw(2026, 11, 20, 16, 40), warsaw(2026, 11, 21, 9, 10)

    counted = stretches([in_tehran(), in_warsaw()], start, end)

    assert " + ".join(map(told, counted)) == "20 min Fri 16:40–17:00 warsaw + 3 h 40 Sat 08:00–11:40 tehran"
    assert sum((one.worked for one in counted), timedelta()) == timedelta(hours=4)


def test_time_in_which_two_calendars_are_open_counts_once() -> None:
    start, end = warsaw(2026, 11, 23, 8), warsaw(2026, 11, 23, 17)

    counted = stretches([in_warsaw(), in_tehran()], start, end)

    assert sum((one.worked for one in counted), timedelta()) == timedelta(hours=9)


@pytest.mark.parametrize(
    ("seconds", "said"), [(20, "20 s"), (60, "1 min"), (1200, "20 min"), (14_400, "4 h"), (13_200, "3 h 40")]
)
def test_lengths_are_said_as_people_do(seconds: int, said: str) -> None:
    assert length(timedelta(seconds=seconds)) == said


NAMES = ("audience", "category", "priority")
VALUES = ("a", "b", "c")
CONDITIONS = st.builds(
    Condition,
    words=st.lists(st.sampled_from(("vpn", "wifi", "رمز عبور")), max_size=2, unique=True).map(tuple),
    values=st.lists(st.tuples(st.sampled_from(NAMES), st.sets(st.sampled_from(VALUES), min_size=1)), max_size=2).map(
        lambda several: tuple(frozenset((name, value) for value in values) for name, values in several)
    ),
)
CONDITIONS_WITH_NOT = st.builds(
    lambda condition, unless: msgspec.structs.replace(condition, unless=unless),
    CONDITIONS,
    st.one_of(st.none(), CONDITIONS),
)
ROUTES = st.recursive(
    st.builds(Route, name=st.just("leaf"), place=st.just("f:1"), when=CONDITIONS_WITH_NOT, team=st.sampled_from("xyz")),
    lambda inner: st.builds(
        Route,
        name=st.just("node"),
        place=st.just("f:2"),
        when=CONDITIONS_WITH_NOT,
        team=st.sampled_from("xyz"),
        routes=st.lists(inner, max_size=3).map(tuple),
    ),
    max_leaves=8,
)
TRAITS = st.builds(
    Traits,
    words=st.frozensets(st.sampled_from(("vpn", "wifi", "رمز عبور"))),
    values=st.frozensets(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=4),
)


@given(condition=CONDITIONS_WITH_NOT, met=TRAITS)
def test_something_is_missing_wherever_a_condition_does_not_hold(condition: Condition, met: Traits) -> None:
    assert bool(missed(condition, met)) is not condition.holds(met)


@given(root=ROUTES, met=TRAITS)
def test_the_explained_way_ends_where_the_router_sends_the_message(root: Route, met: Traits) -> None:
    desk = msgspec.structs.replace(policy(), route=root)

    last = _last(walked(desk, met))

    assert (last.team, last.place) == (team_of(met, desk).result, team_of(met, desk).place)

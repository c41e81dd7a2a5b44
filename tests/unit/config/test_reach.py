"""A route that nothing can come to is told, and never one that something can."""

from pathlib import Path

import pytest

from config.load import BadSettings, read

HEAD = """\
version: 1
site: {name: Nordwind, languages: [en]}
channels:
  mail: {type: mail, address: help@desk.example, send: {smtp: "relay.example:587"}}
  other: {type: mail, address: other@desk.example}
teams:
  help: {workspace: {mail: team@staff.example}}
  apps: {workspace: {mail: apps@staff.example}}
calendars:
  day: {time_zone: UTC, mon-sun: "08:00-20:00"}
  night: {time_zone: UTC, mon-sun: "20:00-08:00"}
classify:
  categories: {access: {en: Access}, network: {en: Network}, billing: {en: Billing}}
route:
  team: help
  routes:
"""


def unreachable(routes: str) -> list[tuple[int, str]]:
    """The lines of the routes, from 1, that are told, and what is to be done."""
    text = HEAD + "".join(f"    {line}\n" for line in routes.strip("\n").splitlines())
    before = HEAD.count("\n")
    try:
        problems = read(text, name="deskwire.yaml", folder=Path(), environment={}).remarks
    except BadSettings as error:
        problems = tuple(error.problems)
    assert {one.code for one in problems} <= {"unreachable-route"}, problems
    return [(one.at.line - before, one.remedy.replace(f"line {before + 1} ", "line 1 ")) for one in problems]


NOT_REACHED = [
    ("- {when: {category: access}, team: apps}\n- {when: {category: access, priority: P1}, team: help}", [2]),
    ("- {when: {category: [access, network]}, team: apps}\n- {when: {category: network}, team: help}", [2]),
    # The one before takes it by one value of its list, the other by the other.
    (
        (
            "- {when: {category: access}, team: apps}\n- {when: {category: network}, team: help}\n"
            "- {when: {category: [network, access]}, team: apps}"
        ),
        [3],
    ),
    # Taken by a route that stands before its parent.
    (
        (
            "- {when: {priority: P1}, team: apps}\n"
            "- when: {category: access}\n  routes:\n  - {when: {priority: P1}, team: help}"
        ),
        [4],
    ),
    # The same two levels up.
    (
        (
            "- {when: {priority: P1}, team: apps}\n- when: {category: access}\n  routes:\n"
            "  - when: {channel: mail}\n    routes:\n    - {when: {priority: P1}, team: help}"
        ),
        [6],
    ),
    # What it asks for and what its parent asks for are taken only together.
    (
        (
            "- {when: {priority: P1, category: access}, team: apps}\n"
            "- when: {category: access}\n  routes:\n  - {when: {priority: P1}, team: help}"
        ),
        [4],
    ),
    # Its parent takes something else.
    ("- when: {category: access}\n  routes:\n  - {when: {category: billing}, team: help}", [3]),
    ("- {team: apps}\n- {when: {category: access}, team: help}", [2]),
    ("- {when: {words: [pass]}, team: apps}\n- {when: {words: [password, passport]}, team: help}", [2]),
    ("- {when: {not: {category: access}}, team: apps}\n- {when: {category: access}, team: help}\n- {team: apps}", []),
    # What one leaves another takes, or there is nothing of it.
    (
        (
            "- {when: {not: {category: access}}, team: apps}\n- {when: {category: access}, team: help}\n"
            "- {when: {channel: mail}, team: apps}"
        ),
        [3],
    ),
    ("- {when: {not: {category: access}}, team: apps}\n- {when: {category: billing}, team: help}", [2]),
    (
        (
            "- {when: {channel: mail, not: {category: access}}, team: apps}\n- {when: {category: access}, team: help}\n"
            "- {when: {channel: mail, priority: P1}, team: apps}"
        ),
        [3],
    ),
    (
        (
            "- {when: {attachments: true}, team: apps}\n- {when: {attachments: false}, team: help}\n"
            "- {when: {channel: mail}, team: apps}"
        ),
        [3],
    ),
    (
        (
            "- {when: {hours: {in: [day, night]}}, team: apps}\n- {when: {hours: {outside: day}}, team: help}\n"
            "- {when: {channel: mail}, team: apps}"
        ),
        [3],
    ),
    # It takes away itself what it asks for.
    ("- {when: {category: access, not: {category: [access, network]}}, team: apps}", [1]),
    ("- when: {hours: {in: day}}\n  routes:\n  - {when: {hours: {outside: day}}, team: apps}", [3]),
]


@pytest.mark.parametrize(("routes", "lines"), NOT_REACHED)
def test_a_route_that_nothing_comes_to_is_told(routes: str, lines: list[int]) -> None:
    assert [line for line, _ in unreachable(routes)] == lines


@pytest.mark.parametrize(
    "routes",
    [
        "- {when: {category: access, priority: P1}, team: apps}\n- {when: {category: access}, team: help}",
        "- {when: {category: access}, team: apps}\n- {when: {category: [access, network]}, team: help}",
        "- {when: {words: [password]}, team: apps}\n- {when: {words: [pass]}, team: help}",
        "- {when: {words: [a1], category: access}, team: apps}\n- {when: {words: [a1]}, team: help}",
        # Two words can stand in one text, and two facts of one name in one message.
        "- when: {words: [vpn]}\n  routes:\n  - {when: {words: [password]}, team: apps}",
        "- when: {topic: one}\n  routes:\n  - {when: {topic: two}, team: apps}",
        # The route before is one of another branch.
        (
            "- when: {category: access}\n  routes:\n  - {when: {priority: P1}, team: apps}\n"
            "- when: {category: network}\n  routes:\n  - {when: {priority: P1}, team: apps}"
        ),
        "- {when: {not: {priority: P1}, category: access}, team: apps}\n- {when: {category: access}, team: help}",
        # What is left is more than the other one takes.
        (
            "- {when: {not: {category: [access, network]}}, team: apps}\n- {when: {category: access}, team: help}\n"
            "- {when: {channel: mail}, team: help}"
        ),
        "- {when: {not: {channel: mail, category: access}}, team: apps}\n- {when: {channel: mail}, team: help}",
        (
            "- {when: {hours: {in: day}}, team: apps}\n- {when: {hours: {outside: night}}, team: help}\n"
            "- {when: {channel: mail}, team: apps}"
        ),
        (
            "- {when: {attachments: pdf}, team: apps}\n- {when: {attachments: false}, team: help}\n"
            "- {when: {channel: mail}, team: apps}"
        ),
        "- {when: {category: access, not: {category: access, priority: P1}}, team: apps}",
    ],
)
def test_a_route_that_something_comes_to_is_never_told(routes: str) -> None:
    assert unreachable(routes) == []


def test_all_routes_that_take_its_messages_are_named() -> None:
    (told,) = unreachable(NOT_REACHED[2][0])
    first = HEAD.count("\n") + 1

    assert f"lines {first}, {first + 1} take all of its messages" in told[1]

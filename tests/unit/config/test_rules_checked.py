"""What rules ask for is looked up: calendars, facts, names and plug-ins, each mistake at its place."""

from pathlib import Path

import pytest

from config.load import BadSettings, read

FILE = """\
version: 1
site: {name: Nordwind}
channels:
  mail: {type: mail, address: help@desk.example, send: {smtp: "relay.example:587"}}
calendars: {office: {time_zone: Europe/Warsaw, mon-fri: "08:00-17:00"}}
teams: {help: {workspace: {mail: team@desk.example}}}
customers:
  acme.example: {organisation: Acme, tags: [vip]}
classify:
  categories: {access: {en: Access}, other: {en: Other}}
  rules:
    - {when: {words: password}, then: access}
priority:
  urgency:
    - {when: {customer_tag: vip}, then: high}
route:
  team: help
  routes:
    - {name: first, when: {sender: acme.example}, team: help}
"""


def found(old: str, new: str) -> list[tuple[int, int, str, str]]:
    """Line, column, code and level of every problem of the file with something in it replaced."""
    assert old in FILE
    text = FILE.replace(old, new)
    try:
        problems = read(text, name="deskwire.yaml", folder=Path(), environment={}).remarks
    except BadSettings as error:
        problems = tuple(error.problems)
    return [(one.at.line, one.at.column, one.code, one.level) for one in problems]


def test_the_file_is_right() -> None:
    assert found("version", "version") == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{words: password}", "{hours: {in: ofice}}", (12, 27, "unknown-calendar", "error")),
        ("{words: password}", "{hours: {outside: [office, nights]}}", (12, 41, "unknown-calendar", "error")),
        ("{words: password}", "{not: {hours: {in: nights}}}", (12, 33, "unknown-calendar", "error")),
        ("{words: password}", "{hours: {on: office}}", (12, 23, "unknown-key", "error")),
        ("{words: password}", "{affects_over: 5}", (12, 15, "unknown-fact", "warning")),
        ("{words: password}", "{custmer_tag: vip}", (12, 15, "unknown-fact", "warning")),
        ("{words: password}", "{impact: high}", (12, 15, "too-early", "error")),
        ("{customer_tag: vip}", "{impact: high}", (15, 15, "too-early", "error")),
        ("{words: password}", "{plugin: acme_of_nobody.is_key}", (12, 23, "bad-plugin", "error")),
        ("{words: password}", "{age_over: 5}", (12, 25, "bad-duration", "error")),
        ("{words: password}", "{size_over: 5}", (12, 26, "bad-size", "error")),
        ("{words: password}", "{attachments: 0}", (12, 28, "bad-attachments", "error")),
        ("{words: password}", "{sender: [acme.example, acme]}", (12, 38, "bad-sender", "error")),
        ("sender: acme.example", "impact: higher", (19, 36, "unknown-impact", "error")),
        ("acme.example: {org", "acme: {org", (8, 3, "bad-customer", "error")),
        ("tags: [vip]}", "tags: [very important]}", (8, 45, "bad-tag", "error")),
        ("tags: [vip]}", "language: Polish}", (8, 48, "bad-language", "error")),
        ("tags: [vip]}", "tag: [vip]}", (8, 38, "unknown-key", "error")),
    ],
)
def test_a_mistake_is_told_at_its_place(old: str, new: str, problem: tuple[int, int, str, str]) -> None:
    assert problem in found(old, new)


def test_what_a_form_asks_for_is_a_fact_also_where_the_form_has_a_mistake() -> None:
    form = "  form: {type: web, reply_through: mail, fields: [email, affects, message, file]}\ncalendars"

    codes = {code for _, _, code, _ in found("calendars", form)}
    assert codes
    assert "unknown-fact" in {code for _, _, code, _ in found("{words: password}", "{affects: department}")}
    changed = form + FILE.partition("calendars")[2].replace("{words: password}", "{affects: department}")
    assert "unknown-fact" not in {code for _, _, code, _ in found(FILE[FILE.index("calendars") :], changed)}


@pytest.mark.parametrize(("field", "known"), [("affects", True), ("email", False), ("name", False)])
def test_a_fact_that_only_a_form_asks_for_is_known_where_one_does(field: str, known: bool) -> None:
    form = f"  form: {{type: web, fields: [{field}, message]}}\ncalendars"
    asked = FILE.replace("{words: password}", f"{{{field}: access}}")
    both = asked.replace("calendars", form, 1)

    assert "unknown-fact" in codes_of(asked)
    assert ("unknown-fact" not in codes_of(both)) == known
    assert codes_of(both) <= {"unknown-fact"}


def codes_of(text: str) -> set[str]:
    try:
        return {one.code for one in read(text, name="deskwire.yaml", folder=Path(), environment={}).remarks}
    except BadSettings as error:
        return {one.code for one in error.problems}


def test_a_route_that_another_one_hides_is_found_by_the_domain_of_its_sender() -> None:
    hidden = "sender: acme.example}, team: help}\n    - {name: second, when: {sender: ann@acme.example"

    assert (20, 7, "unreachable-route", "error") in found("sender: acme.example", hidden)


def test_two_spellings_of_one_customer_are_one_too_many() -> None:
    twice = "acme.example: {organisation: A}\n  '@ACME.example': {org"

    assert (9, 3, "same-customer", "error") in found("acme.example: {org", twice)


def test_a_word_whose_beginning_stands_for_another_category_is_told() -> None:
    rules = "{when: {words: password}, then: access}\n    - {when: {words: [vpn, passwords]}, then: other}"

    assert found("{when: {words: password}, then: access}", rules) == [(13, 28, "word-in-two-categories", "warning")]


def test_a_rule_that_excludes_what_it_asks_for_is_told() -> None:
    assert found("{words: password}", "{words: password, not: {words: pass}}") == [(12, 7, "unreachable-rule", "error")]

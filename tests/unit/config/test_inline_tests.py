"""The tests that stand in a settings file: what they may say, and what is said of those that fail."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from config.checks.inline_tests import failed_tests, run_tests
from config.document import Document
from config.load import BadSettings, read
from config.problems import Problem
from config.settings import Configuration

DESK = """version: 1
site: {name: Nordwind, languages: [en, fa, pl, ru], time_zone: Europe/Warsaw}
channels:
  mail: {type: mail, address: help@desk.example, send: {smtp: "127.0.0.1:2525", tls: none}, sets: {audience: employee}}
  form: {type: web, path: /f/help, reply_through: mail, sets: {audience: customer}}
teams:
  servicedesk: {workspace: {mail: desk@teams.example}}
  network: {workspace: {mail: network@teams.example}}
classify:
  categories: {access: {en: Access}, network: {en: Network}, other: {en: Other}}
  rules:
    - {when: {words: [password, رمز عبور, пароль, hasł]}, then: access}
    - {when: {words: [vpn, wifi, интернет, اینترنت]}, then: network}
priority:
  impact:
    - {when: {affects: [department, everyone]}, then: high}
    - {then: low}
  urgency:
    - {when: {words: ["cannot work", "nie mogę pracować", "не могу работать", "نمی‌توانم کار کنم"]}, then: high}
    - {then: low}
route:
  team: servicedesk
  routes:
    - {name: urgent network, when: {category: network, priority: [P1, P2]}, team: network}
"""


def configured(tests: str) -> tuple[Configuration, Document]:
    text = f"{DESK}tests:\n{tests}"
    document = Document(text, name="deskwire.yaml", environment={})
    return read(text, name="deskwire.yaml", folder=Path(), environment={}), document


def failures(tests: str) -> Sequence[Problem]:
    return list(failed_tests(*configured(tests)))


@pytest.mark.parametrize(
    "test",
    [
        "{text: 'VPN is down, cannot work', channel: form, affects: department, expect: {priority: P1, team: network}}",
        "{text: رمز عبورم را فراموش کرده‌ام, expect: {category: access, team: servicedesk, language: fa}}",
        "{text: Не работает интернет в офисе, expect: {category: network, team: servicedesk, language: ru}}",
        "{text: 'Zapomniałem hasła i nie mogę pracować', expect: {category: access, priority: P3, language: pl}}",
        "{text: ok, subject: VPN, language: en, from: ann@acme.example, at: 2026-11-20 16:40, expect: {person: ''}}",
    ],
)
def test_a_test_that_comes_out_is_no_problem(test: str) -> None:
    configuration, document = configured(f"  - {test}\n")

    assert [ran.differences for ran in run_tests(configuration)] == [()]
    assert list(failed_tests(configuration, document)) == []


def test_a_test_that_fails_says_what_came_out_and_where_it_first_differed() -> None:
    (problem,) = failures(
        "  - {text: hello, expect: {team: servicedesk}}\n"
        "  - {text: The VPN is slow, affects: department, expect: {category: network, priority: P1, team: network}}\n"
        "  - {text: The VPN is slow, expect: {team: network, priority: P1}}\n"
    )[1:]

    assert problem.code == "test-failed"
    assert problem.at.line == len(DESK.splitlines()) + 4
    assert problem.what == (
        "tests[2]: team is servicedesk, expected network; first difference at deskwire.yaml:20 priority P4 not P1"
    )


def test_of_a_single_difference_the_rule_that_decided_it_is_named() -> None:
    (problem,) = failures("  - {text: My password, expect: {category: network, team: servicedesk}}\n")

    assert problem.what == "tests[0]: category is access, expected network; decided at deskwire.yaml:12"


def test_a_channel_that_is_not_there_is_a_problem_of_its_own() -> None:
    (problem,) = failures("  - {text: hello, channel: forn, expect: {team: servicedesk}}\n")

    assert (problem.code, problem.remedy) == ("unknown-channel", 'did you mean "form"?')


@pytest.mark.parametrize(
    ("test", "code"),
    [
        ("{text: hello}", "missing-key"),
        ("{text: hello, expect: {tema: network}}", "unknown-key"),
        ("{text: '', expect: {team: network}}", "too-short"),
        ("{text: hello, at: tomorrow, expect: {team: network}}", "bad-value"),
    ],
)
def test_a_test_that_makes_no_sense_is_refused(test: str, code: str) -> None:
    with pytest.raises(BadSettings) as caught:
        configured(f"  - {test}\n")

    assert [problem.code for problem in caught.value.problems if problem.level == "error"] == [code]


@pytest.mark.parametrize(
    ("expected", "column", "code", "remedy"),
    [
        ("team: netwrok", 40, "unknown-team", 'did you mean "network"?'),
        ("category: acess", 44, "unknown-category", 'did you mean "access"?'),
        ("priority: P9", 44, "unknown-priority", "there are: P1, P2, P3, P4"),
    ],
)
def test_a_test_that_expects_what_there_is_not_is_told_at_that_word(
    expected: str, column: int, code: str, remedy: str
) -> None:
    (found,) = failures(f"  - {{text: my password, expect: {{{expected}}}}}\n")

    assert (found.at.column, found.code, found.remedy) == (column, code, remedy)

"""A settings file is read as strict YAML 1.2, and every mistake in it has a place."""

import pytest

from config.document import Document, Placed
from config.problems import Position, shown
from store.secrets import FromEnvironment


def document(text: str, **environment: str) -> Document:
    return Document(text, name="deskwire.yaml", environment=environment)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NO", "NO"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("012", 12),
        ("1e3", 1000.0),
        ("true", True),
        ("~", None),
        ("-100", -100),
        ("'7'", "7"),
        ("2026-11-22", "2026-11-22"),
        ("رمز عبور", "رمز عبور"),
    ],
)
def test_scalars_mean_what_yaml_1_2_says(written: str, value: object) -> None:
    assert document(f"key: {written}\n").root == {"key": value}


@pytest.mark.parametrize(
    "text",
    ["a:\t1\nb: 2\n", "a: 1\t\nb: 2\t# two\n", "a: 1\n\t\n\t# two\nb: 2\n", "{a: 1,\tb: 2}\n", "a: 1 \t \nb:\t2"],
)
def test_a_tab_may_part_what_stands_on_a_line(text: str) -> None:
    """YAML 1.2.2, 6.2: only what sets a line in must be spaces."""
    found = document(text)

    assert found.problems == []
    assert found.root == {"a": 1, "b": 2}


@pytest.mark.parametrize("written", ["7", "007", "+5", "1.10", "1e3", "2024"])
def test_a_number_that_is_taken_for_a_word_is_told_as_it_is_written(written: str) -> None:
    assert str(document(f"key: {written}\n").root["key"]) == written


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: 1\na: 2\n", "duplicate-key", 2, 1),
        ("- {name: network, urgent, then: x}\n", "not-a-mapping", 1, 1),
        ("a: {name: network, urgent, then: x}\n", "key-without-value", 1, 20),
        ("a: !!python/object:os.system x\n", "tag", 1, 4),
        ("a: [1, 2\nb: 3\n", "open-bracket", 1, 4),
        ("a: [", "open-bracket", 1, 4),
        ("a: 1\nb: [\n", "open-bracket", 2, 4),
        ("a: ${MISSING}\n", "env-not-set", 1, 4),
        ("? [1, 2]\n: x\n", "bad-key", 1, 3),
        ("a:\n\tb: 1\n", "tab-indent", 2, 1),
    ],
)
def test_a_mistake_has_its_place(text: str, code: str, line: int, column: int) -> None:
    problems = document(text).problems

    assert [(problem.code, problem.at.line, problem.at.column) for problem in problems] == [(code, line, column)]


def test_a_bomb_of_aliases_is_refused() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))

    assert [problem.code for problem in document(bomb).problems] == ["too-large"]


def test_a_value_from_the_environment_can_be_told_from_one_that_is_written_there() -> None:
    root = document('token: "${TOKEN}"\nname: x\n', TOKEN="8012:abc").root

    assert isinstance(root["token"], FromEnvironment)
    assert root["token"] == "8012:abc"


def test_a_mapping_knows_its_line() -> None:
    root = document("rules:\n  - {when: {words: [vpn]}, then: network}\n").root

    rules = root["rules"]
    assert isinstance(rules, list)
    assert isinstance(rules[0], Placed)
    assert rules[0].place == "deskwire.yaml:2"


def test_positions_are_those_of_keys_and_values() -> None:
    read = document("site:\n  name: Desk\n")

    assert read.key(("site", "name")) == Position(2, 3, 4)
    assert read.position(("site", "name")) == Position(2, 9, 4)


def test_a_missing_variable_is_answered_with_the_nearest_one_that_is_set() -> None:
    (problem,) = document("password: ${MAIL_IT_PASSWRD}\n", MAIL_IT_PASSWORD="x").problems

    assert problem.remedy == 'did you mean "MAIL_IT_PASSWORD"?'


def test_problems_are_shown_with_line_caret_and_remedy() -> None:
    text = "a: 1\na: 2\n"

    assert shown(document(text).problems, name="deskwire.yaml", texts={"": text}) == (
        'deskwire.yaml:2:1: error[duplicate-key]: "a" is given twice\n'
        "    2 | a: 2\n"
        "      | ^  first at line 1; keep one"
    )

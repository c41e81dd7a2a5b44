"""For each code there is a file that has the mistake, and what is said about it, word for word."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.load import Examined, examined, files_of
from tests.unit.config.test_load import TOKEN

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "settings"
ENVIRONMENT = {"BOT_TOKEN": TOKEN, "MAIL_PASSWORD": "correct-horse", "SHORT": "x" * 31}
BROKEN = sorted(path.stem for path in GOLDEN.glob("*.yaml") if path.stem != "right")
# What makes a problem, and says its code as one of its first arguments.
MAKERS = {"Problem", "PydanticCustomError", "Said", "Fault", "_Unreadable", "_problem", "_trouble"}
CODE = re.compile(r"[a-z]+(?:[-_][a-z0-9]+)*")
# Told by tests of their own: the first needs a file of a megabyte.
ELSEWHERE = {"too-large"}


def codes_in(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        texts = [one.value for one in node.args[:4] if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        codes = [text for text in texts if CODE.fullmatch(text)]
        if name in MAKERS and codes:
            yield codes[0].replace("_", "-")
        elif name == "known" and codes:
            yield f"unknown-{codes[0]}"


def all_codes() -> set[str]:
    floors = ("config", "router", "ingest", "normalize", "notifier", "store")
    sources = [path for floor in floors for path in (ROOT / floor).rglob("*.py")]
    return {code for path in sources for code in codes_in(path.read_text(encoding="utf-8"))}


def found(code: str) -> Examined:
    (GOLDEN / "readable.token").chmod(0o644)
    return examined(files_of(GOLDEN / f"{code}.yaml"), ENVIRONMENT, tested=True)


def test_the_file_that_the_others_break_is_right() -> None:
    assert found("right").told == ""
    assert found("right").configuration is not None


@pytest.mark.parametrize("code", BROKEN)
def test_what_is_said_about_a_broken_file_stays_word_for_word(code: str) -> None:
    told = found(code)

    assert code in {problem.code for problem in told.problems}
    assert told.told.replace(f"{GOLDEN}/", "") == (GOLDEN / f"{code}.txt").read_text(encoding="utf-8").rstrip("\n")


@pytest.mark.parametrize("code", BROKEN)
def test_what_is_wrong_says_what_to_do(code: str) -> None:
    assert [problem for problem in found(code).problems if not problem.remedy and problem.code == code] == []


@pytest.mark.parametrize("code", sorted(all_codes() - ELSEWHERE))
def test_each_code_has_a_broken_file(code: str) -> None:
    assert code in BROKEN


def test_all_of_many_mistakes_are_told_in_one_run() -> None:
    """A line of each broken file, where one can stand beside the others."""
    told = examined(files_of(GOLDEN / "many" / "deskwire.yaml"), ENVIRONMENT)
    places = [(problem.at.file, problem.at.line, problem.code) for problem in told.problems]

    expected = (GOLDEN / "many" / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert [f"{file or 'deskwire.yaml'}:{line} {code}" for file, line, code in places] == expected
    assert "Summer2026" not in told.told


PAGE = (ROOT / "docs" / "settings-errors.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", [*BROKEN, *sorted(ELSEWHERE)])
def test_each_code_stands_on_the_page_about_them(code: str) -> None:
    assert re.search(rf"^\| `{code}`(?: \(warning\))? \| .+ \| .+ \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("code", BROKEN)
def test_the_page_says_what_the_program_says(code: str) -> None:
    told = next(problem for problem in found(code).problems if problem.code == code)
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{code}`"))

    assert told.what.replace(f"{GOLDEN}/", "") in row.replace("\\|", "|")
    assert ("(warning)" in row) == (told.level == "warning")


def test_the_page_knows_no_other_codes() -> None:
    assert set(re.findall(r"^\| `([a-z-]+)`", PAGE, re.MULTILINE)) == {*BROKEN, *ELSEWHERE}

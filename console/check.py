"""The command `deskwire check`: everything that is wrong with a settings file, in one run."""

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

from config.json_schema import schema
from config.load import BadSettings, Examined, examined, files_of
from config.problems import Problem, counted
from console import words
from console.words import Refused, complain, document, say

FORMS = ("text", "github", "json")
_IN_TEXT = ("%", "\r", "\n")  # What GitHub's commands escape.


async def check(path: Path, environment: Mapping[str, str], *, form: str, no_env: bool) -> None:
    """Say that the file is right and what it holds; Refused with code 1 and all problems otherwise.

    `form` is one of FORMS; `no_env`: variables that are not set are no problem.
    """
    begun = time.perf_counter()
    try:
        found = examined(files_of(path), environment, without_environment=no_env, tested=True)
    except BadSettings as error:  # There is no file.
        raise Refused(str(error), 1) from error
    if form == "json":
        document("check", [_plain(problem, path.name) for problem in found.problems])
    elif form == "github":
        for problem in found.problems:
            say(_annotation(problem, path))
    else:
        complain(found.told)
    if found.has_errors:
        total = f"{counted(found.problems)} in {path.name}. Nothing was started."
        raise Refused("" if form == "json" else f"\n{total}" if form == "text" else total, 1)
    if form == "text":
        say(f"{path} OK: {holds(found)} ({time.perf_counter() - begun:.2f} s)")


async def print_schema() -> None:
    """The JSON Schema of a settings file."""
    click.echo(schema())


def holds(found: Examined) -> str:
    """Such as "6 channels, 4 teams, 6 people, 9 rules, 5 routes, 2 tests passed"."""
    root: Mapping[str, object] = found.draft.document.root if found.draft is not None else {}
    tests = len(_list(root.get("tests")))
    passed = f"{words.counted(tests, 'test')} {'passed' if found.configuration is not None else 'not run'}"
    return ", ".join(
        [
            _count(len(_keys(root.get("channels"))), "channel"),
            _count(len(_keys(root.get("teams"))), "team"),
            _count(len(_keys(root.get("people"))), "people", "person"),
            _count(_rules(root), "rule"),
            _count(_routes(root.get("route")), "route"),
            *([passed] if tests else []),
        ]
    )


def _count(number: int, things: str, thing: str = "") -> str:
    if thing:
        return f"{number} {thing if number == 1 else things}"
    return words.counted(number, things)


def _rules(root: Mapping[str, object]) -> int:
    """Of the tables that decide category and priority."""
    tables = (("classify", "rules"), ("priority", "impact"), ("priority", "urgency"))
    return sum(len(_list(_keys(root.get(section)).get(table))) for section, table in tables)


def _routes(node: object) -> int:
    """The routes below a node, however deep."""
    children = _list(_keys(node).get("routes"))
    return len(children) + sum(map(_routes, children))


def _keys(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []


def _plain(problem: Problem, name: str) -> dict[str, str | int]:
    return {
        "file": problem.at.file or name,
        "line": problem.at.line,
        "column": problem.at.column,
        "level": problem.level,
        "code": problem.code,
        "what": problem.what,
        "remedy": problem.remedy,
    }


def _annotation(problem: Problem, path: Path) -> str:
    """A workflow command of GitHub Actions, https://docs.github.com/actions/reference/workflow-commands."""
    at = problem.at
    file = path.parent / (at.file or path.name)
    told = f"{problem.what}: {problem.remedy}" if problem.remedy else problem.what
    place = f"file={_property(str(file))},line={at.line},col={at.column},title={_property(problem.code)}"
    return f"::{problem.level} {place}::{_escaped(told, _IN_TEXT)}"


def _property(text: str) -> str:
    return _escaped(text, (*_IN_TEXT, ":", ","))


def _escaped(text: str, signs: Iterable[str]) -> str:
    for sign in signs:  # The sign of escapes first.
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text

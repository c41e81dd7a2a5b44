"""The ten steps as lines for a terminal: colours only where they are seen, and no character that could harm it."""

import os
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import click

from console.routing.rehearsal import Rehearsed
from console.routing.steps import Step
from console.words import counted, moment, shown
from router.rules.explain import Branch
from store.records import Message

_INDENT = " " * 15  # Where what a step says begins.
_MARKS: Mapping[str, str] = {
    "yes": "✔",
    "no": "✘",
    "none": "·",
    "taken": "✔",
    "refused": "✘",
    "not-reached": "·",
}
_PLAIN: Mapping[str, str] = {
    "yes": "yes",
    "no": "no ",
    "none": "-  ",
    "taken": "yes",
    "refused": "no ",
    "not-reached": "-  ",
}
_COLOURS: Mapping[str, str] = {"✔": "green", "✘": "red", "·": "bright_black"}


class _Row(NamedTuple):
    """A line of the tree."""

    head: str  # Its twigs, mark and name.
    state: str
    rest: str


def paint(text: str, colour: str, *, bold: bool = False) -> str:
    """The text in this colour, where somebody sees it on a terminal and has not asked for none (no-color.org)."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return click.style(text, fg=colour, bold=bold)


def head_of(rehearsed: Rehearsed) -> str:
    """Whose message it is, and by which way it came."""
    record = rehearsed.record
    if not isinstance(record, Message):
        return f"record     {type(record).__name__.lower()} by {record.channel}"
    files = f", {counted(len(record.attachments), 'attachment')}" if record.attachments else ""
    subject = f" “{shown(record.subject)}”" if record.subject else ""
    sender = shown(record.sender.value) or "nobody who is named"
    at = moment(record.received_at)
    return f"message    {shown(rehearsed.name)}: by {record.channel} from {sender}{subject}{files}, {at}"


def lines_of(steps: Sequence[Step], *, plain: bool) -> Iterator[str]:
    """The steps, as people read them; `plain`: in words and without drawings."""
    for step in steps:
        said, *more = [shown(line) for line in (step.said, *step.details)]
        yield f"{step.number:>2} {step.name:<10}{_mark(step.state, plain=plain)} {said}".rstrip()
        if step.tree is not None:
            yield from _tree(step.tree, plain=plain)
        yield from (f"{_INDENT}{_painted(line, plain=plain)}" for line in more)


def _mark(state: str, *, plain: bool) -> str:
    if plain:
        return _PLAIN[state]
    mark = _MARKS[state]
    return paint(mark, _COLOURS[mark])


def _painted(line: str, *, plain: bool) -> str:
    """A line that may begin with a mark."""
    state = next((state for state in ("yes", "no") if line.startswith(_MARKS[state])), "")
    return _mark(state, plain=plain) + line[1:] if state else line


def _tree(root: Branch, *, plain: bool) -> Iterator[str]:
    rows = [_Row("route", "", _rest(root)), *_below(root, "", plain=plain)]
    beside = len(f"{_PLAIN['yes'] if plain else '✔'} ")
    width = max(_cells(row.head) + (beside if row.state else 0) for row in rows)
    for row in rows:
        mark = f"{_mark(row.state, plain=plain)} " if row.state else ""
        twigs, name = row.head.split("\0") if "\0" in row.head else ("", row.head)
        gap = " " * (width - _cells(row.head) - (beside if row.state else 0))
        yield f"{_INDENT}{twigs}{mark}{name}{gap}  {row.rest}".rstrip()


def _below(branch: Branch, twigs: str, *, plain: bool) -> Iterator[_Row]:
    for number, child in enumerate(branch.routes, start=1):
        is_last = number == len(branch.routes)
        corner, onward = ("   ", "   ") if plain else ("└ ", "   ") if is_last else ("├ ", "│  ")
        rest = shown(child.why) if child.state != "not-reached" else "not reached"
        taken = f"{rest}    {_rest(child)}".strip() if child.state == "taken" else rest
        yield _Row(f"{twigs}{corner}\0{shown(child.name)}", child.state, taken)
        yield from _below(child, twigs + onward, plain=plain)


def _rest(branch: Branch) -> str:
    taken = "◀ taken" if branch.is_last else ""
    return "    ".join(filter(None, (shown(branch.team), shown(branch.place), taken)))


def _cells(text: str) -> int:
    """Columns of a terminal (UAX 11)."""
    return sum(
        0 if unicodedata.combining(sign) or sign == "\0" else 1 + (unicodedata.east_asian_width(sign) in "WF")
        for sign in text
    )

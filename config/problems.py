"""What is wrong with a settings file: each problem with its place, its line and what to do."""

import difflib
from collections.abc import Iterable
from typing import NamedTuple

MASK = "… (hidden)"


class Position(NamedTuple):
    """A place in a file, counted from 1."""

    line: int
    column: int
    width: int = 1  # Of what is marked, in characters.


class Problem(NamedTuple):
    """One thing to mend."""

    at: Position
    code: str  # "unknown-key", "bad-value", ...
    what: str  # What was found.
    remedy: str = ""  # What to do; empty where `what` says it.
    level: str = "error"
    secret: bool = False  # The line holds a secret, which must not be shown.


def nearest(word: str, known: Iterable[str]) -> str:
    """'did you mean "…"?', or empty where nothing is near enough to help."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'did you mean "{close[0]}"?' if close else ""


def shown(problems: Iterable[Problem], *, name: str, text: str) -> str:
    """All problems in the order of the file: place, code and words; the line; a caret and the remedy."""
    lines = text.splitlines()
    blocks = []
    for problem in sorted(problems):
        line, column, width = problem.at
        block = f"{name}:{line}:{column}: {problem.level}[{problem.code}]: {problem.what}"
        source = lines[line - 1] if 0 < line <= len(lines) else ""
        if source:
            gutter = f"{line:>5} | "
            visible = source[: column - 1] + MASK if problem.secret else source
            caret = " " * (column - 1) + "^" * max(1, width if not problem.secret else len(MASK))
            block += f"\n{gutter}{visible}\n      | {caret}  {problem.remedy}".rstrip()
        elif problem.remedy:
            block += f"\n      | {problem.remedy}"
        blocks.append(block)
    return "\n".join(blocks)

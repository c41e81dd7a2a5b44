"""Where the parser of YAML stopped, and a mistake of form with the way its line may have been meant."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import yaml

ALLOWED = ""  # The code of what is no mistake, and only the parser does not take.
STAND_IN = "\ue000"  # Stands in a repaired text for a sign that could not be read (private use: nobody means it).

_COMMENT = re.compile(r"\s+#.*$")


class Edit(NamedTuple):
    """Another text for a line, which is `by` characters longer from column `start` (0-based) on."""

    line: int  # From 0.
    text: str
    start: int = 0
    by: int = 0


class Fault(NamedTuple):
    """A mistake of form, at a place of the text as it was given to the parser, counted from 0."""

    line: int
    column: int
    code: str
    what: str
    remedy: str
    edits: tuple[Edit, ...] = ()  # Empty: how it was meant cannot be told from the line.


class Trouble(NamedTuple):
    """Where the parser stopped, and in what."""

    error: yaml.MarkedYAMLError
    lines: Sequence[str]
    text: str

    @property
    def line(self) -> int:
        """From 0; of where it stopped."""
        return int(self.error.problem_mark.line) if self.error.problem_mark else 0

    @property
    def column(self) -> int:
        """From 0."""
        return int(self.error.problem_mark.column) if self.error.problem_mark else 0

    @property
    def source(self) -> str:
        """That line."""
        return self.lines[self.line] if self.line < len(self.lines) else ""

    @property
    def problem(self) -> str:
        """In the parser's words."""
        return str(self.error.problem or "")

    @property
    def context(self) -> str:
        """What the parser was at, in its words."""
        return str(self.error.context or "")

    @property
    def begun(self) -> int:
        """The line that the surrounding bracket or block begins on; -1 where the parser knows none."""
        return int(self.error.context_mark.line) if self.error.context_mark else -1

    def before(self) -> int:
        """The line before it that says something; -1 for none."""
        above = range(min(self.line, len(self.lines)) - 1, -1, -1)
        return next((n for n in above if self.lines[n].strip() and not self.lines[n].lstrip().startswith("#")), -1)


def indent_of(line: str) -> int:
    """How far the line is set in."""
    return len(line) - len(line.lstrip())


def replaced(line: int, source: str, column: int, sign: str = STAND_IN) -> Edit:
    """The line with another sign at a column."""
    return Edit(line, source[:column] + sign + source[column + 1 :])


def appended(line: int, source: str, ending: str) -> Edit:
    """The line with more at its end, before a comment."""
    content = _COMMENT.sub("", source).rstrip()
    return Edit(line, content + ending + source[len(content) :])

"""What is wrong with a settings file: each problem with its place, its line and what to do."""

import difflib
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from config.masks import MASK, Span, hidden_lines, hidden_spans, masked

_NAMEABLE = 3  # Characters of a hidden text that would give something away.
_OF_KEYS = ("unknown-key", "duplicate-key")  # What these name is a key, which is a word as a rule.
_SHOWN = 160  # Characters of a line that are shown; of a longer one, those around the caret.


class Position(NamedTuple):
    """A place in a file, counted from 1."""

    line: int
    column: int
    width: int = 1  # Of what is marked, in characters.
    file: str = ""  # Its name; empty: the file that the command line names.


class Problem(NamedTuple):
    """One thing to mend."""

    at: Position
    code: str  # "unknown-key", "bad-value", ...
    what: str  # What was found.
    remedy: str = ""  # What to do; empty where `what` says it.
    level: str = "error"  # Or "warning", which stops nothing.
    secret: bool = False  # The line holds a secret from the place on, which must not be shown.


class _Line(NamedTuple):
    """A line of the file as it is shown."""

    text: str
    caret: str  # What stands below it; empty where columns are no places, or the place is hidden.
    token: str  # What is meant, where there is no caret; empty where it is hidden.


def nearest(word: str, known: Iterable[str]) -> str:
    """'did you mean "…"?', or empty where nothing is near enough to help."""
    names = {name.casefold(): name for name in reversed(list(known))}  # How it is spelt does not make it farther.
    close = difflib.get_close_matches(word.casefold(), names, n=1, cutoff=0.6)
    return f'did you mean "{names[close[0]]}"?' if close else ""


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """In the order of the files, and of the places in each."""
    return sorted(problems, key=lambda problem: (problem.at.file, problem))


def shown(problems: Iterable[Problem], *, name: str, texts: Mapping[str, str]) -> str:
    """All problems in order: place, code and words; the line; a caret and the remedy. `texts` by `Position.file`."""
    lines = {file: text.splitlines() for file, text in texts.items()}
    hidden = {file: hidden_lines(text) for file, text in texts.items()}
    return "\n".join(
        _block(
            problem, problem.at.file or name, lines.get(problem.at.file, []), hidden.get(problem.at.file, frozenset())
        )
        for problem in in_order(problems)
    )


def without_secrets(problem: Problem, texts: Mapping[str, str]) -> Problem:
    """The problem in words that repeat nothing that must not be shown."""
    what, remedy = masked(problem.what), masked(problem.remedy)
    lines = texts.get(problem.at.file, "").splitlines()
    number, start = problem.at.line, problem.at.column - 1
    if 0 < number <= len(lines):
        source = lines[number - 1]
        end = start + problem.at.width
        covered = any(span.start < end and start < span.end for span in hidden_spans(source))
        token = source[start:end].strip("\"' ")
        covered = covered and not (problem.code in _OF_KEYS and masked(token) == token)
        if len(token) >= _NAMEABLE and (covered or number in hidden_lines(texts[problem.at.file])):
            what, remedy = what.replace(token, MASK), remedy.replace(token, MASK)
    return problem._replace(what=what, remedy=remedy)


def counted(problems: Sequence[Problem]) -> str:
    """Such as "12 errors, 1 warning"; empty where there are none."""
    levels = [problem.level for problem in problems]
    counts = [(levels.count(level), level) for level in ("error", "warning")]
    return ", ".join(f"{count} {level}{'s' * (count > 1)}" for count, level in counts if count)


def _block(problem: Problem, name: str, lines: Sequence[str], hidden: Collection[int]) -> str:
    line, column = problem.at.line, problem.at.column
    remedy = masked(problem.remedy)
    head = f"{name}:{line}:{column}: {problem.level}[{problem.code}]: {masked(problem.what)}"
    if not 0 < line <= len(lines) or not lines[line - 1].strip():
        return f"{head}\n      | {remedy}" if remedy else head
    drawn = _drawn(lines[line - 1], problem, whole=line in hidden)
    below = drawn.caret or (f'at "{drawn.token}"' if drawn.token else "")
    return f"{head}\n{line:>5} | {drawn.text}\n      | {f'{below}  {remedy}' if below else remedy}".rstrip()


def _drawn(source: str, problem: Problem, *, whole: bool) -> _Line:
    start = problem.at.column - 1
    end = min(start + problem.at.width, len(source))
    spans = [Span(len(source) - len(source.lstrip()), len(source))] if whole else hidden_spans(source)
    if problem.secret:
        spans = [span for span in spans if span.end <= start] + [Span(start, len(source))]
    before, meant, after = (_without(source, spans, *part) for part in ((0, start), (start, end), (end, len(source))))
    hidden = any(span.start < end and start < span.end for span in spans)
    if len(before) + len(meant) + len(after) > _SHOWN:
        before, after = before[-_SHOWN // 2 :], after[: _SHOWN // 2]
    if _is_right_to_left(before + meant + after):  # Columns there are no places on a screen.
        return _Line(before + meant + after, "", "" if hidden else meant.strip("\"'"))
    caret = " " * _cells(before) + "^" * max(1, _cells(meant))
    return _Line(before + meant + after, caret, "")


def _without(source: str, spans: Sequence[Span], start: int, end: int) -> str:
    """A part of the line, printable, with a mask where a hidden span begins and nothing for the rest of that."""
    shown_text = ""
    at = start
    for span in spans:
        if span.end <= start or span.start >= end:
            continue
        shown_text += source[at : max(at, span.start)]
        if span.start >= start:
            shown_text += MASK
        at = min(span.end, end)
    shown_text += source[at:end]
    return "".join(sign if sign.isprintable() or unicodedata.category(sign) == "Cf" else " " for sign in shown_text)


def _is_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text)


def _cells(text: str) -> int:
    """Columns of a terminal: none for a sign that is put over another, two for a wide one (UAX 11)."""
    return sum(0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text)

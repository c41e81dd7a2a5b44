"""Mistakes of single signs: tabs, colons, dashes, and texts that begin with a sign of YAML's own."""

import re
from collections.abc import Callable, Iterator

from config.form.trouble import ALLOWED, STAND_IN, Edit, Fault, Trouble, appended, indent_of, replaced

_KEY = re.compile(r"\s*(?:- +)*+[^\s:#\[\]{},\"'][^:#\[\]{},\"']*:(?=\s|$)")
_GLUED = re.compile(r"(\s*(?:- +)*+[\w.-]+):(?=[^\s:/])")
_BARE = re.compile(r"\s*(?:- +)*+[\w.-]+\s*(?:#.*)?$")
_TWO_WORDS = re.compile(r"\s*(?:- +)*+([\w-]+)(?=\s+\S)")
_PARTING_TAB = re.compile(r"(?<=[:,])\t++(?=[^\"']*+\Z)|\t[\t ]*+(?=#|\Z)")
_DASHED = re.compile(r"(\s*)-(?=[\w\"'{\[])")


def _tab(trouble: Trouble) -> Fault | None:
    """A tab that sets a line in; one that only parts things is right (YAML 1.2.2, 6.2), and PyYAML knows it not."""
    if trouble.source[trouble.column : trouble.column + 1] != "\t":
        return None
    line, column = trouble.line, trouble.column
    what = "a tab stands where only spaces may"
    if trouble.source[:column].strip() or not trouble.source.partition("#")[0].strip():
        here = replaced(line, trouble.source, column, " ")
        others = [_parted(n, one) for n, one in enumerate(trouble.lines) if n != line and _PARTING_TAB.search(one)]
        return Fault(line, column, ALLOWED, what, "write a space instead", (here, *others))
    width = next((indent_of(one) for one in trouble.lines if one.startswith(" ") and one.strip()), 2)
    last = line
    while last + 1 < len(trouble.lines) and "\t" in trouble.lines[last + 1][: indent_of(trouble.lines[last + 1])]:
        last += 1
    edits = tuple(_without_tabs(n, trouble.lines[n], width) for n in range(line, last + 1))
    remedy = "indent with spaces" + (f", as down to line {last + 1}" if last > line else "")
    return Fault(line, column, "tab-indent", what, remedy, edits)


def _parted(line: int, source: str) -> Edit:
    return Edit(line, _PARTING_TAB.sub(lambda match: " " * len(match[0]), source))


def _without_tabs(line: int, source: str, width: int) -> Edit:
    indent = source[: indent_of(source)]
    spaces = indent.replace("\t", " " * width)
    return Edit(line, spaces + source[len(indent) :], len(indent), len(spaces) - len(indent))


def _first_sign(trouble: Trouble) -> Fault | None:
    """A text that begins with a sign of YAML's own: @ ` % * & | >."""
    mark = trouble.error.context_mark if trouble.context.startswith("while scanning a") else trouble.error.problem_mark
    begins = ("while scanning an alias", "while scanning an anchor", "while scanning a block scalar")
    found = trouble.context.startswith(begins) or "cannot start any token" in trouble.problem
    if mark is None or not (found or trouble.problem.startswith("found undefined alias")):
        return None
    source = trouble.lines[mark.line]
    sign = source[mark.column]
    what = f"a text that is not in quotes cannot begin with {sign}"
    edit = replaced(mark.line, source, mark.column)
    return Fault(mark.line, mark.column, "needs-quotes", what, f'put the whole text into quotes: "{sign}…"', (edit,))


def _anchor_twice(trouble: Trouble) -> Fault | None:
    if not trouble.context.startswith("found duplicate anchor"):
        return None
    name = re.match(r"&\S*", trouble.source[trouble.column :])
    length = len(name[0]) if name else 1
    first = trouble.error.context_mark
    remedy = f"first at line {first.line + 1}; give each a name of its own" if first else "give each a name of its own"
    edit = Edit(
        trouble.line, trouble.source[: trouble.column] + " " * length + trouble.source[trouble.column + length :]
    )
    what = f"the mark {name[0] if name else '&'} is given twice"
    return Fault(trouble.line, trouble.column, "duplicate-anchor", what, remedy, (edit,))


def _escape(trouble: Trouble) -> Fault | None:
    if trouble.context != "while scanning a double-quoted scalar" or trouble.column == 0:
        return None
    column = trouble.column - 1
    what = f"\\{trouble.source[trouble.column : trouble.column + 1]} is no escape"
    remedy = 'inside "…" a \\ begins an escape: write \\\\ for one, or use single quotes'
    edit = replaced(trouble.line, trouble.source, column)
    return Fault(trouble.line, column, "bad-escape", what, remedy, (edit,))


def _second_document(trouble: Trouble) -> Fault | None:
    if "another document" not in trouble.problem and "<document start>" not in trouble.problem:
        return None
    what, remedy = "--- begins another document, and a settings file is one", "remove the line"
    return Fault(trouble.line, trouble.column, "second-document", what, remedy, (Edit(trouble.line, ""),))


def _list_on_line(trouble: Trouble) -> Fault | None:
    if not trouble.problem.startswith("sequence entries are not allowed here"):
        return None
    what, remedy = "a list cannot begin behind its key", "begin it on the next line, or write [one, another]"
    edit = replaced(trouble.line, trouble.source, trouble.column)
    return Fault(trouble.line, trouble.column, "bad-list", what, remedy, (edit,))


def _second_colon(trouble: Trouble) -> Fault | None:
    """`mapping values are not allowed here`, where the same line has a key already."""
    if trouble.problem.startswith("mapping values"):
        inside = _KEY.match(trouble.source)
        if inside is None or inside.end() - 1 >= trouble.column:
            return None
    elif not (trouble.problem.endswith("but got ':'") and trouble.begun == trouble.line):
        return None
    what = "a colon inside a text begins a value"
    edits = [replaced(trouble.line, trouble.source, trouble.column)]
    if not trouble.source[trouble.column + 1 :].strip():  # What stands below belongs to a key that is none.
        edits += _below(trouble)
    remedy = 'put the text that holds it into quotes, as in name: "one: two"'
    return Fault(trouble.line, trouble.column, "colon-in-text", what, remedy, tuple(edits))


def _below(trouble: Trouble) -> Iterator[Edit]:
    for number in range(trouble.line + 1, len(trouble.lines)):
        source = trouble.lines[number]
        if source.strip() and indent_of(source) <= indent_of(trouble.source):
            return
        yield Edit(number, "")


def _dash_and_bracket(trouble: Trouble) -> Fault | None:
    dashed = _DASHED.match(trouble.source)
    if dashed is None or "expected <block end>" not in trouble.problem:
        return None
    return _glued_dash(trouble, trouble.line, dashed.end())


def _glued_dash(trouble: Trouble, number: int, column: int) -> Fault:
    line = trouble.lines[number]
    edits = (Edit(number, f"{line[:column]} {line[column:]}", column, 1), *_set_in(trouble, number))
    what, remedy = "a dash without a space behind it is part of the word", "write a space behind the dash"
    return Fault(number, column - 1, "missing-space", what, remedy, edits)


def _set_in(trouble: Trouble, number: int) -> Iterator[Edit]:
    """One column more for what stands below a line."""
    for below in range(number + 1, len(trouble.lines)):
        source = trouble.lines[below]
        if source.strip() and indent_of(source) <= indent_of(trouble.lines[number]):
            return
        yield Edit(below, f" {source}", 0, 1)


def _line_before(trouble: Trouble) -> Fault | None:
    """The parser took the line before and this one for one text, or missed a colon there."""
    missed = trouble.problem.startswith("could not find expected ':'")
    if not (missed or trouble.problem.startswith("mapping values")):
        return None
    number = int(trouble.error.context_mark.line) if missed and trouble.error.context_mark else trouble.before()
    if number < 0:
        return None
    for at in (number, trouble.line):
        line = trouble.lines[at] if at < len(trouble.lines) else ""
        if glued := _GLUED.match(line):
            column = glued.end() - 1
            edit = Edit(at, f"{line[: column + 1]} {line[column + 1 :]}", column + 1, 1)
            what, remedy = "a colon without a space behind it is part of the word", "write a space behind the colon"
            return Fault(at, column, "missing-space", what, remedy, (edit,))
    line = trouble.lines[number]
    if dashed := _DASHED.match(line):
        return _glued_dash(trouble, number, dashed.end())
    return _without_colon(trouble, number, missed=missed)


def _without_colon(trouble: Trouble, number: int, *, missed: bool) -> Fault | None:
    """A key that is alone, or stands before its value with nothing between."""
    line = trouble.lines[number]
    if _BARE.match(line):
        alone = indent_of(trouble.source) <= indent_of(line)
        edit = appended(number, line, f": {STAND_IN}" if alone else ":")
        what, remedy = f'"{line.split("#")[0].strip(" -")}" has no colon behind it', "write key: value"
        return Fault(number, indent_of(line), "missing-colon", what, remedy, (edit,))
    if missed and (two := _TWO_WORDS.match(line)):
        edit = Edit(number, f"{line[: two.end()]}:{line[two.end() :]}", two.end(), 1)
        return Fault(
            number, two.start(1), "missing-colon", f'"{two[1]}" has no colon behind it', "write key: value", (edit,)
        )
    return None


SIGN_READINGS: tuple[Callable[[Trouble], Fault | None], ...] = (
    *(_tab, _first_sign, _anchor_twice, _escape, _second_document, _list_on_line),
    *(_second_colon, _line_before, _dash_and_bracket),
)

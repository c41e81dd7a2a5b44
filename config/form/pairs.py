"""Mistakes of pairs and of layout: quotes and brackets that do not close, and lines set in too far or too little."""

import re
from collections.abc import Callable

import yaml

from config.form.trouble import STAND_IN, Edit, Fault, Trouble, appended, indent_of, replaced

_CLOSING = {"[": "]", "{": "}"}
_OPENING = {"]": "[", "}": "{"}
_LINE_OF_KEY = re.compile(r"\s*(?:- +)*+[\"']?[\w. @-]+[\"']?\s*:(?:\s|$)")
_VARIABLE = re.compile(r"\$\{\w+\}")
_MOST_TOKENS = 200_000


def _open_quote(trouble: Trouble) -> Fault | None:
    """A text in quotes that reaches the end of the file, or another quote in a later line."""
    if trouble.context == "while scanning a quoted scalar" and trouble.error.context_mark is not None:
        return _unclosed(trouble, int(trouble.begun), int(trouble.error.context_mark.column))
    quoted = _quoted_before(trouble)
    apart = trouble.context.startswith("while parsing a flow") and trouble.source[: trouble.column].endswith(" ")
    if quoted is None or (apart and quoted.start_mark.line == trouble.line):  # Then a comma is missing.
        return None
    start = quoted.start_mark
    if start.line < trouble.line:
        return _unclosed(trouble, int(start.line), int(start.column))
    line, column = trouble.line, trouble.column
    mark, rest = quoted.style, trouble.source[column:]
    if str(mark) in rest and not trouble.source[column - 1].isspace():
        edit = replaced(line, trouble.source, column - 1)
        return Fault(line, column - 1, "open-quote", f"this {mark} ends the text, and more follows", _TWICE, (edit,))
    what = "more follows behind the quotes of a text"
    edit = Edit(line, trouble.source[:column] + re.sub(r"[^\]}#]", " ", rest.split(" #")[0]))
    return Fault(line, column, "open-quote", what, "put all of it into quotes, or remove it", (edit,))


_TWICE = "inside '…' write '' for an apostrophe, inside \"…\" write \\\" for a quote"


def _unclosed(trouble: Trouble, line: int, column: int) -> Fault:
    source = trouble.lines[line]
    mark = source[column]
    ending = re.search(r"[\]},\s]*$", source)
    at = max(ending.start() if ending else len(source), column + 1)
    edit = Edit(line, f"{source[:at]}{STAND_IN}{mark}{source[at:]}")
    return Fault(line, column, "open-quote", f"this {mark} is never closed", f"close it with {mark}", (edit,))


def _quoted_before(trouble: Trouble) -> yaml.ScalarToken | None:
    """The text in quotes that ends where the parser stopped; None for none."""
    if not trouble.problem.endswith("'<scalar>'") or trouble.error.problem_mark is None:
        return None
    found = None
    try:
        for _, token in zip(range(_MOST_TOKENS), yaml.scan(trouble.text, Loader=yaml.SafeLoader), strict=False):
            if token.start_mark.index >= trouble.error.problem_mark.index:
                break
            found = token
    except yaml.MarkedYAMLError:  # Behind the place: what was read before it counts.
        pass
    if isinstance(found, yaml.ScalarToken) and found.style in ("'", '"'):
        return found
    return None


def _open_bracket(trouble: Trouble) -> Fault | None:
    if not trouble.context.startswith("while parsing a flow") or trouble.error.context_mark is None:
        return None
    begun, column = _last_open(trouble) or (int(trouble.begun), int(trouble.error.context_mark.column))
    below = trouble.line > begun and indent_of(trouble.source) <= indent_of(trouble.lines[begun])
    ends = "stream end" in trouble.problem or "document" in trouble.problem
    if not ends and not (below and _LINE_OF_KEY.match(trouble.source)):
        return None
    sign = trouble.lines[begun][column : column + 1]
    closing = _CLOSING.get(sign, "")
    if not closing:
        return None
    last = max(trouble.before(), begun)
    if ends:  # It may have swallowed lines that are none of its own: it ends where the next key stands.
        later = range(begun + 1, len(trouble.lines))
        keys = (n for n in later if _LINE_OF_KEY.match(trouble.lines[n]) and not _is_within(trouble, begun, n))
        last = max(next(keys, last + 1) - 1, begun)
    edit = appended(last, trouble.lines[last], closing)
    return Fault(begun, column, "open-bracket", f"this {sign} is never closed", f"close it with {closing}", (edit,))


def _last_open(trouble: Trouble) -> tuple[int, int] | None:
    """The line and column of the last bracket that is open, where the parser names only the end that it came to."""
    if trouble.context != "while parsing a flow node":
        return None
    opened: list[tuple[int, int]] = []
    try:
        for _, token in zip(range(_MOST_TOKENS), yaml.scan(trouble.text, Loader=yaml.SafeLoader), strict=False):
            if isinstance(token, (yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken)):
                opened.append((token.start_mark.line, token.start_mark.column))
            elif isinstance(token, (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken)) and opened:
                opened.pop()
    except yaml.MarkedYAMLError:  # Behind the place: what was read before it counts.
        pass
    return opened[-1] if opened else None


def _is_within(trouble: Trouble, begun: int, line: int) -> bool:
    return indent_of(trouble.lines[line]) > indent_of(trouble.lines[begun])


def _in_brackets(trouble: Trouble) -> Fault | None:
    """Inside […] or {…}: a variable without quotes, or a comma that is missing."""
    if not trouble.context.startswith("while parsing a flow"):
        return None
    line, column, source = trouble.line, trouble.column, trouble.source
    variable = _VARIABLE.match(source, max(column - 1, 0))
    if variable:
        name = variable[0]
        hidden = f"${STAND_IN}{name[2:-1]}{STAND_IN}"
        edit = Edit(line, source[: variable.start()] + hidden + source[variable.end() :])
        what = f"inside […] and {{…}} a variable needs quotes: {name}"
        return Fault(line, variable.start(), "needs-quotes", what, f'write "{name}"', (edit,))
    if source[column : column + 1] in _OPENING:
        return _unmatched(trouble)
    if "but got '" not in trouble.problem:
        return None
    edits = (replaced(line, source, column - 1, ","),) if column and source[column - 1].isspace() else ()
    return Fault(line, column, "missing-comma", "a comma is missing before this", "write one, another", edits)


def _unmatched(trouble: Trouble) -> Fault | None:
    """One bracket is closed by another's end."""
    mark, line, column = trouble.error.context_mark, trouble.line, trouble.column
    if mark is None or (sign := trouble.lines[mark.line][mark.column]) not in _CLOSING:
        return None
    closing = _CLOSING[sign]
    edit = Edit(line, trouble.source[:column] + closing + trouble.source[column:], column, 1)
    return Fault(
        mark.line, mark.column, "open-bracket", f"this {sign} is never closed", f"close it with {closing}", (edit,)
    )


def _extra_bracket(trouble: Trouble) -> Fault | None:
    sign = trouble.source[trouble.column : trouble.column + 1]
    if sign not in _OPENING or not trouble.context.startswith("while parsing a block"):
        return None
    edit = replaced(trouble.line, trouble.source, trouble.column, " ")
    what = f"this {sign} closes nothing"
    return Fault(trouble.line, trouble.column, "open-bracket", what, "remove it, or open it before", (edit,))


def _indentation(trouble: Trouble) -> Fault | None:
    """A line that is neither beside the one before it nor below it."""
    line = trouble.line
    deeper = trouble.problem.startswith("mapping values are not allowed")
    block = trouble.context.startswith("while parsing a block") and "expected <block end>" in trouble.problem
    if not (deeper or block) or trouble.before() < 0:
        return None
    indent = indent_of(trouble.source)
    moved = [_moved(trouble, at, together) for at in _candidates(trouble) for together in (True, False)]
    edits = next((edits for edits in moved if _reads_on(trouble, edits)), None)
    if edits is None:
        return None
    meant = indent + edits[0].by
    what = f"this line is set in by {indent}, and belongs to no line above"
    aim = next((n + 1 for n in range(line - 1, -1, -1) if _starts(trouble.lines[n], meant)), trouble.before() + 1)
    remedy = f"set it in by {meant}, as line {aim} is"
    return Fault(line, indent, "bad-indent", what, remedy, edits)


def _starts(line: str, column: int) -> bool:
    """Whether something begins there: a line, or what stands behind its dashes."""
    return bool(line.strip()) and column in _columns(line)


def _columns(line: str) -> list[int]:
    dashes = re.match(r"\s*(?:- +)*+", line)
    found = [at for at, sign in enumerate(line[: dashes.end() if dashes else 0]) if sign == "-"]
    return [*found, dashes.end() if dashes else 0]


def _candidates(trouble: Trouble) -> list[int]:
    """The columns that lines above begin at, the nearest first."""
    above = [one for one in trouble.lines[: trouble.line] if one.strip() and not one.lstrip().startswith("#")]
    columns = {column for one in above[-40:] for column in _columns(one)}
    indent = indent_of(trouble.source)
    return sorted(columns - {indent}, key=lambda column: (abs(column - indent), -column))[:8]


def _reads_on(trouble: Trouble, edits: tuple[Edit, ...]) -> bool:
    """Whether the parser gets past the lines when they are so."""
    lines = list(trouble.lines)
    for edit in edits:
        lines[edit.line] = edit.text
    last = edits[-1].line
    try:
        yaml.compose("\n".join(lines[: last + 2]), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        return error.problem_mark is not None and error.problem_mark.line > last
    return True


def _moved(trouble: Trouble, column: int, together: bool) -> tuple[Edit, ...]:
    """The line, set in so far, and those below it; `together`: also those beside it."""
    indent = indent_of(trouble.source)
    edits = []
    for number in range(trouble.line, len(trouble.lines)):
        source = trouble.lines[number]
        if number > trouble.line and source.strip() and indent_of(source) < indent + (not together):
            break
        if source.strip():
            edits.append(Edit(number, " " * column + source[indent:], indent, column - indent))
    return tuple(edits)


PAIR_READINGS: tuple[Callable[[Trouble], Fault | None], ...] = (
    *(_open_quote, _open_bracket, _in_brackets, _extra_bracket, _indentation),
)

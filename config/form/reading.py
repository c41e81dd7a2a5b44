"""Reads a text as YAML; a mistake of form is told, mended as it may have been meant, and read on behind."""

from collections import defaultdict
from typing import NamedTuple

import yaml

from config.form.pairs import PAIR_READINGS
from config.form.signs import SIGN_READINGS
from config.form.trouble import ALLOWED, Edit, Fault, Trouble

MOST_FAULTS = 25  # Of one file; each costs another reading of it.
LONGEST = 200_000  # Characters; a longer file is not read again behind its first mistake.


class Form(NamedTuple):
    """A text that was read, and the mistakes of its form."""

    node: yaml.Node | None  # None where nothing could be made of it, or it is empty.
    text: str  # As it was read in the end: repaired.
    faults: tuple[Fault, ...]  # At their places in the text as it was given.
    moves: "Moves"
    left_out: str  # The lines that nothing could be made of.

    @property
    def broken(self) -> bool:
        """Whether the text could not be read to its end."""
        return self.node is None and bool(self.faults)


class Moves:
    """How far the columns of repaired lines are from where they stood."""

    def __init__(self) -> None:
        self._moves: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)

    def add(self, edit: Edit) -> None:
        """Count an edit in."""
        if edit.by:
            self._moves[edit.line].append((edit.start, edit.by))

    def original(self, line: int, column: int) -> int:
        """The column of the given text that a column of the repaired one comes from; both from 0."""
        for start, by in reversed(self._moves.get(line, ())):
            if column >= start + by:
                column -= by
            else:
                column = min(column, start)
        return column


def read_form(text: str) -> Form:
    """The text as nodes. Raises yaml.reader.ReaderError for what is no text, and RecursionError."""
    lines = text.split("\n")
    faults: list[Fault] = []
    moves = Moves()
    left_out: list[str] = []
    allowed = 0
    while True:
        now = "\n".join(lines)
        try:
            node = yaml.compose(now, Loader=yaml.SafeLoader)
            return Form(node, now, tuple(faults), moves, "\n".join(left_out))
        except yaml.MarkedYAMLError as error:
            fault = _understood(Trouble(error, lines, now))
        at = moves.original(fault.line, fault.column)
        if fault.code == ALLOWED and allowed < MOST_FAULTS:
            allowed += 1
            for edit in fault.edits:
                lines[edit.line] = edit.text
            continue
        fault = fault._replace(code=fault.code or "tab-indent")
        known = any((fault.line, at, fault.code) == (one.line, one.column, one.code) for one in faults)
        if not known:
            faults.append(fault._replace(column=at))
        if len(faults) >= MOST_FAULTS or len(text) > LONGEST:
            return Form(None, now, tuple(faults), moves, "")
        edits = fault.edits if not known else ()
        if not edits and not _leave_out(lines, fault.line, left_out):
            return Form(None, now, tuple(faults), moves, "")
        for edit in edits:
            lines[edit.line] = edit.text
            moves.add(edit)


def _understood(trouble: Trouble) -> Fault:
    """The mistake that the parser met."""
    readings = (*SIGN_READINGS, *PAIR_READINGS)
    found = (fault for read in readings if (fault := read(trouble)) is not None)
    return next(found, _unknown(trouble))


def _unknown(trouble: Trouble) -> Fault:
    remedy = "check indentation, quotes and brackets"
    if 0 <= trouble.begun < trouble.line:
        remedy += f" from line {trouble.begun + 1} on"
    if trouble.problem.startswith("could not find") and trouble.begun >= 0:
        return Fault(trouble.begun, 0, "not-yaml", f"this is not YAML: {trouble.problem}", remedy)
    return Fault(trouble.line, trouble.column, "not-yaml", f"this is not YAML: {trouble.problem}", remedy)


def _leave_out(lines: list[str], number: int, left_out: list[str]) -> bool:
    """Read on without a line; False where there is nothing to leave out."""
    if number >= len(lines) or not lines[number].strip():
        return False
    left_out.append(lines[number])
    lines[number] = ""
    return True

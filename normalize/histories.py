"""Where in a text mail programs put what was written before."""

from collections.abc import Sequence
from typing import NamedTuple

from normalize.header_blocks import block_at, is_label
from normalize.quote_marks import (
    announces_forward,
    asks_to_reply_above,
    has_date,
    introduces_quote,
    introduces_what_follows,
    is_own_rule,
    is_quoted,
    is_rule,
    is_separator,
    may_announce_forward,
    may_end_introduction,
    names_dated_sender,
)

_SPREAD = 4  # Lines over which mail programs wrap "On ... wrote:".
_RULES = 3  # Lines above a quotation that may be a rule and blank.
_WRAPPED_AT = 66  # Characters; RFC 3676 4.2 has lines of 66 generated, most programs wrap at 72 to 78.
_WRAPPED_WITHIN = 60  # Where the next word is a long one; a small letter says that a sentence goes on.


class History(NamedTuple):
    """One quotation, by the numbers of its lines."""

    start: int
    words: int  # Where the quoted words begin, below what introduces them.
    end: int  # The line after its last one.


def histories(lines: Sequence[str], *, answers_us: bool = False) -> tuple[list[History], int]:
    """The quotations of a text in their order, and the line where a forwarded mail begins or the text ends.

    Of what is forwarded nothing counts as quoted. Our own rule counts only in what may answer us (`answers_us`),
    because programs draw their tables with it. Takes time linear in the text: each line is looked at a fixed number of
    times.
    """
    found: list[History] = []
    index = floor = 0
    while index < len(lines):
        line = lines[index]
        if not line:
            index += 1
            continue
        if begins_forward(lines, index):
            return found, _above_rule(lines, index, floor)
        history = _history_at(lines, index, floor, answers_us=answers_us)
        if history is None:
            index += 1
            continue
        found.append(history)
        index = floor = history.end
    return found, len(lines)


def begins_forward(lines: Sequence[str], index: int) -> bool:
    """Whether a forwarded mail begins with line `index`; it may be quoted below its first line."""
    if announces_forward(lines[index]):
        return True
    if not may_announce_forward(lines[index]):
        return False
    below = lines[index + 1 : index + 1 + _RULES]
    return any(is_label(line.lstrip("> ")) for line in below)


def _history_at(lines: Sequence[str], index: int, floor: int, *, answers_us: bool) -> History | None:
    """The quotation whose first mark is complete with line `index`; its first line is `floor` or later."""
    line = lines[index]
    if is_quoted(line) and not (index > floor and _is_open(lines[index - 1])):
        return History(index, index, _end_of_quote(lines, index))
    if is_separator(line) or asks_to_reply_above(line) or (answers_us and is_own_rule(line)):
        return _from(lines, index, index, floor)
    marked = _below_rule(lines, index)
    if (marked or is_label(line)) and block_at(lines, index, marked=marked) is not None:
        return History(_above_rule(lines, index, floor), index, len(lines))
    if names_dated_sender(line) and _stands_alone(lines, index):
        return _from(lines, index, index, floor)
    first = _start_of_introduction(lines, index, floor)
    if first is not None:
        return _from(lines, first, index, floor)
    return History(index, index, _end_of_quote(lines, index)) if is_quoted(line) else None


def _from(lines: Sequence[str], first: int, last: int, floor: int) -> History:
    """What the lines `first` to `last` introduce: the lines with a quote's mark; where none follows, all the rest."""
    start, words = _above_rule(lines, first, floor), _next_words(lines, last)
    if words < len(lines) and _is_marked(lines[words]):
        return History(start, words, _end_of_quote(lines, words))
    if not any(lines[:start]) and _is_answered_below(lines, words):
        return History(start, words, words)
    return History(start, words, len(lines))


def _is_answered_below(lines: Sequence[str], start: int) -> bool:
    """Whether quoted lines follow and words after them: an introduction far above is for what its writer answers."""
    quoted = next((index for index in range(start, len(lines)) if is_quoted(lines[index])), len(lines))
    return any(line and not is_quoted(line) for line in lines[quoted:])


def _next_words(lines: Sequence[str], index: int) -> int:
    return next((number for number in range(index + 1, len(lines)) if lines[number]), len(lines))


def _is_open(line: str) -> bool:
    """Whether an address was broken in the line, so that the ">" in front of the next one closes it."""
    return line.rfind("<") > line.rfind(">")


def _stands_alone(lines: Sequence[str], index: int) -> bool:
    above, below = lines[index - 1] if index else "", lines[index + 1] if index + 1 < len(lines) else ""
    return not above and (not below or _is_marked(below))


def _below_rule(lines: Sequence[str], index: int) -> bool:
    """Whether the underscores stand above that Outlook draws over a header block."""
    above = index - 1
    while above > 0 and index - above < _RULES and not lines[above]:
        above -= 1
    return above >= 0 and lines[above].startswith("______") and is_rule(lines[above])


def _above_rule(lines: Sequence[str], start: int, floor: int) -> int:
    """The first line of a quotation together with the rule that a mail program drew above it."""
    above = start
    while above > floor and start - above < _RULES and (not lines[above - 1] or is_rule(lines[above - 1])):
        above -= 1
    return above


def _start_of_introduction(lines: Sequence[str], last: int, floor: int) -> int | None:
    """The first line of an "On ... wrote:" that ends in line `last`; None where none ends there.

    The date may stand lines above the verb, and is looked for before less is taken for enough.
    """
    if not may_end_introduction(lines[last]):
        return None
    found = None
    joined = ""
    for first in range(last, max(last - _SPREAD, floor - 1), -1):
        if not lines[first]:
            break
        joined = f"{lines[first]} {joined}".rstrip()
        if introduces_quote(joined):
            if has_date(joined):
                return first
            found = last if found is None else found
    if found is not None:
        return found
    below = _next_words(lines, last)
    followed = below < len(lines) and is_quoted(lines[below])
    return last if followed and introduces_what_follows(lines[last]) else None


def _is_marked(line: str) -> bool:
    """Whether a line below an introduction is quoted; there, some programs mark with a bar."""
    return is_quoted(line) or line.startswith("|")


def _end_of_quote(lines: Sequence[str], start: int) -> int:
    """The line after the last one of the quotation that begins at `start`; blank lines around it belong to it."""
    marked = is_quoted if is_quoted(lines[start]) else _is_marked
    for index in range(start, len(lines)):
        if lines[index] and not marked(lines[index]) and not _is_wrapped(lines, index):
            return index
    return len(lines)


def _is_wrapped(lines: Sequence[str], index: int) -> bool:
    """Whether a line is the rest of a quoted line that a mail program broke without marking the rest.

    Only between quoted lines: what else stands below may be cut off, so that nothing follows from it.
    """
    above, line = lines[index - 1] if index else "", lines[index]
    below = lines[index + 1] if index + 1 < len(lines) else ""
    if not is_quoted(above) or len(line) >= _WRAPPED_AT or not is_quoted(below):
        return False
    return len(above) >= (_WRAPPED_WITHIN if line[:1].islower() else _WRAPPED_AT)

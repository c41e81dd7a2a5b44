"""Parts the words that a person wrote now from the history and the signature below them; nothing is thrown away."""

from typing import NamedTuple

from msgspec.structs import replace

from normalize.quote_marks import (
    begins_forward,
    begins_header_block,
    has_date,
    introduces_quote,
    is_forward,
    is_quoted,
    is_rule,
    is_separator,
    may_end_introduction,
)
from store.records import Message

_SIGNATURE = "--"  # RFC 3676 4.3 writes "-- "; `text.clean_text` took the space.
_LONGEST_SIGNATURE = 20  # Lines; what follows a "--" for longer is rather a person's text under a line of their own.
_SPREAD = 3  # Lines over which mail programs wrap "On ... wrote:".
_WRAPPED_AT = 66  # Characters; RFC 3676 4.2 has lines of 66 generated, most programs wrap at 72 to 78.


class Parts(NamedTuple):
    """A text, cut in two."""

    visible: str
    quoted: str


def cut_quotes(message: Message) -> Message:
    """The step: what is cut off `text` stands in `quoted`; where nothing would be left, all stays in `text`.

    Of a forwarded mail nothing is cut, because what it forwards is what it is about.
    """
    parts = split(message.text, forwarded=is_forward(message.subject))
    quoted = "\n".join(part for part in (parts.quoted, message.quoted) if part)
    return replace(message, text=parts.visible, quoted=quoted)


def split(text: str, *, forwarded: bool = False) -> Parts:
    """The visible reply of a clean text, and the rest; each line of the text is in one of the two, in its order.

    Takes time linear in the text: each line is looked at a fixed number of times.
    """
    lines = text.split("\n")
    start, end = (len(lines), len(lines)) if forwarded else _history(lines)
    head, tail = lines[:start], lines[end:]
    if not _has_words(head) and _has_words(tail):  # The answer stands below the quotation.
        head, cut = tail, lines[:end]
    elif _has_words(tail):  # Answers between the quoted lines make no sense without them.
        head, cut = lines, []
    else:
        cut = lines[start:]
    signature = _signature(head)
    visible, cut = "\n".join(head[:signature]).strip("\n"), [*head[signature:], *cut]
    return Parts(visible, "\n".join(cut).strip("\n")) if visible.strip() else Parts(text, "")


def _history(lines: list[str]) -> tuple[int, int]:
    """From which line to which line the first quotation goes; both are the number of lines where there is none."""
    for index, line in enumerate(lines):
        if begins_forward(line):
            break
        if is_separator(line) or begins_header_block(lines, index):
            return _with_rule(lines, index), len(lines)
        first = _start_of_introduction(lines, index)
        if first is None and is_quoted(line):
            return index, _end_of_quote(lines, index)
        if first is not None:
            following = next((number for number in range(index + 1, len(lines)) if lines[number]), len(lines))
            quoted = following < len(lines) and is_quoted(lines[following])
            return _with_rule(lines, first), _end_of_quote(lines, following) if quoted else len(lines)
    return len(lines), len(lines)


def _with_rule(lines: list[str], start: int) -> int:
    """The first line of a quotation together with the rule that a mail program drew above it."""
    above = start
    while above and start - above < _SPREAD and (not lines[above - 1] or is_rule(lines[above - 1])):
        above -= 1
    return above


def _start_of_introduction(lines: list[str], last: int) -> int | None:
    """The first line of an "On ... wrote:" that ends in line `last`; None where none ends there.

    The date may stand lines above the verb, and is looked for before less is taken for enough.
    """
    if not may_end_introduction(lines[last]):
        return None
    found = None
    joined = ""
    for first in range(last, max(last - _SPREAD, -1), -1):
        if not lines[first]:
            break
        joined = f"{lines[first]} {joined}".rstrip()
        if introduces_quote(joined):
            if has_date(joined):
                return first
            found = last if found is None else found
    return found


def _end_of_quote(lines: list[str], start: int) -> int:
    """The line after the last one of the quotation that begins at `start`; blank lines around it belong to it."""
    for index in range(start, len(lines)):
        if lines[index] and not is_quoted(lines[index]) and not _is_wrapped(lines, index):
            return index
    return len(lines)


def _is_wrapped(lines: list[str], index: int) -> bool:
    """Whether a line is the rest of a quoted line that a mail program broke without marking the rest."""
    above, below = lines[index - 1] if index else "", lines[index + 1] if index + 1 < len(lines) else ""
    broken = is_quoted(above) and len(above) >= _WRAPPED_AT and len(lines[index]) < _WRAPPED_AT
    return broken and (not below or is_quoted(below))


def _signature(lines: list[str]) -> int:
    """The line of a "--" near the end; the number of lines where there is none."""
    last = len(lines)
    while last and not lines[last - 1]:
        last -= 1
    for index in range(last - 1, max(last - 2 - _LONGEST_SIGNATURE, -1), -1):
        if lines[index] == _SIGNATURE:
            return index
    return len(lines)


def _has_words(lines: list[str]) -> bool:
    return any(lines[: _signature(lines)])

"""Parts the words that a person wrote now from the history and the signature below them; nothing is thrown away."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from normalize.histories import History, histories
from normalize.quote_marks import is_forward
from normalize.signatures import end_of_words
from store.records import Message

_LOOKS = 4  # How often what is left is looked at again; seldom is it more than once.
_BLANK = -1  # In place of a line's number.


class Parts(NamedTuple):
    """A text, cut in two."""

    visible: str
    quoted: str
    uncut: bool = False  # It is nothing but history or a signature, so that all of it is visible.


class _Piece(NamedTuple):
    """Lines that stay together."""

    start: int
    end: int


def cut_quotes(message: Message) -> Message:
    """The step: what is cut off `text` stands in `quoted`; where nothing would be left, all stays, and `uncut` says so.

    Of a forwarded mail nothing is cut, because what it forwards is what it is about.
    """
    answers_us = bool(message.references or message.tokens)
    parts = split(message.text, forwarded=is_forward(message.subject), answers_us=answers_us)
    quoted = "\n".join(part for part in (parts.quoted, message.quoted) if part)
    return replace(message, text=parts.visible, quoted=quoted, uncut=parts.uncut)


def split(text: str, *, forwarded: bool = False, answers_us: bool = False) -> Parts:
    """The visible reply of a clean text, and the rest; each line of the text is in one of the two, in its order.

    An answer may stand above the quotation, below it or between the quoted lines; between them the questions stay.
    Takes time linear in the text: each line is looked at a fixed number of times.
    """
    lines = text.split("\n")
    if forwarded:
        return Parts(text, "")
    before = [*range(len(lines))]
    own = _own(lines, before, answers_us=answers_us)
    if not own:
        return Parts(text, "", uncut=bool(text.strip()))
    for _ in range(_LOOKS):
        # What was cut may have kept something above it from being seen for what it is.
        less = _own(lines, own, answers_us=answers_us) if own != before else []
        if not less:
            break
        before, own = own, less
    visible = set(own)
    rest = _joined(lines, [_Piece(number, number + 1) for number in range(len(lines)) if number not in visible])
    return Parts(_text(lines, own), _text(lines, rest))


def _own(lines: Sequence[str], numbers: Sequence[int], *, answers_us: bool) -> list[int]:
    """Of these lines those that are the person's own words; `_BLANK` stands where something is left out."""
    shown = [lines[number] if number != _BLANK else "" for number in numbers]
    found, end = histories(shown, answers_us=answers_us)
    kept = [*_kept(shown, found, end)]
    if end < len(shown):
        kept.append(_Piece(end, len(shown)))
    return [numbers[at] if at != _BLANK else _BLANK for at in _joined(shown, kept)]


def _kept(lines: Sequence[str], found: Sequence[History], end: int) -> Iterator[_Piece]:
    """The person's own words up to line `end`, and between them the quotations that they answer."""
    starts, ends = [0, *(history.end for history in found)], [*(history.start for history in found), end]
    # What a forwarded mail stands below is no signature's end.
    gaps = [_Piece(start, end_of_words(lines, start, stop)) for start, stop in zip(starts, ends, strict=True)]
    worded = [number for number, gap in enumerate(gaps) if gap.start < gap.end and any(lines[gap.start : gap.end])]
    introduced = any(history.words > history.start for history in found)
    if len(worded) == 1 and (worded[0] == 0 or introduced):  # What is quoted without a word on whose it is was chosen.
        yield gaps[worded[0]]
        return
    for number in range(worded[-1] if worded else 0):
        yield _Piece(starts[number], ends[number])
        yield _Piece(found[number].words, found[number].end)
    if worded:
        yield gaps[worded[-1]]


def _joined(lines: Sequence[str], pieces: Sequence[_Piece]) -> list[int]:
    """The numbers of the pieces' lines, without blank ones around; `_BLANK` parts those that stood apart."""
    runs: list[list[int]] = []
    last = _BLANK
    for start, end in pieces:
        if start >= end:
            continue
        if start != last or not runs:
            runs.append([])
        runs[-1].extend(range(start, end))
        last = end
    joined: list[int] = []
    for run in runs:
        worded = [at for at, number in enumerate(run) if lines[number]]
        if worded:
            joined += [*([_BLANK] if joined else []), *run[worded[0] : worded[-1] + 1]]
    return joined


def _text(lines: Sequence[str], numbers: Sequence[int]) -> str:
    return "\n".join(lines[number] if number != _BLANK else "" for number in numbers)

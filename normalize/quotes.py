"""Parts the words that a person wrote now from the history and the signature below them; nothing is thrown away."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from normalize.histories import History, histories
from normalize.quote_marks import is_forward
from normalize.signatures import end_of_words
from store.records import Message


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
    found, end = histories(lines, answers_us=answers_us)
    kept = [*_kept(lines, found, end)]
    if end < len(lines):
        kept.append(_Piece(end, len(lines)))
    visible = _text(lines, kept)
    if not visible:
        return Parts(text, "", uncut=bool(text.strip()))
    return Parts(visible, _text(lines, _others(kept, len(lines))))


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


def _others(kept: Sequence[_Piece], count: int) -> Iterator[_Piece]:
    """The lines out of `count` that are in none of the pieces."""
    last = 0
    for piece in kept:
        yield _Piece(last, piece.start)
        last = piece.end
    yield _Piece(last, count)


def _text(lines: Sequence[str], pieces: Sequence[_Piece] | Iterator[_Piece]) -> str:
    """The pieces one below the other; those that stood apart are parted by a blank line."""
    texts: list[str] = []
    joined: list[str] = []
    last = -1
    for start, end in pieces:
        if start >= end:
            continue
        if start != last and joined:
            texts.append("\n".join(joined).strip("\n"))
            joined = []
        joined.extend(lines[start:end])
        last = end
    texts.append("\n".join(joined).strip("\n"))
    return "\n\n".join(text for text in texts if text)

"""Reads out of a mail's own text the mail that it passes on."""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from normalize.header_blocks import block_at, is_label
from normalize.histories import History, begins_forward, histories
from normalize.quote_marks import announces_forward, is_forward, is_quoted, is_rule
from normalize.text import MAX_NAME, MAX_SUBJECT, clean_line
from store.records import Address, Forwarded, Message

_NEAR = 4  # Lines below the one that announces a forwarded mail in which its header begins.
_QUOTE = re.compile(r" {0,2}> ?")

# "-------- Конец пересылаемого сообщения --------"; programs that close it are few.
_END = re.compile("\\bend of|\\bende\\b|\\bfin d|\\bkoniec\\b|конец|кінець", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_BRACKETS = re.compile(r"[<(\[].*", re.DOTALL)  # All behind a name.
_AROUND = " \t\xa0\"'\u201c\u201d\u201e\u00ab\u00bb*_,;:\u200e\u200f"
_LINE = 1000  # Characters that are read of a line.


def read_forward(message: Message) -> Message:
    """The step: `forwarded` for a mail that passes on another in its text; one that was attached stays."""
    if message.forwarded is not None or message.sender.kind != "mail":
        return message
    return replace(message, forwarded=forwarded_in(message.text, message.subject))


def forwarded_in(text: str, subject: str) -> Forwarded | None:
    """The mail that a clean text passes on; None where it passes on none.

    It does where a line says so, or where the subject does and a quotation stands in the text. The sender's value is in
    lower case, and empty where no address is said. Of a mail that was forwarded twice this is the one nearer to us.
    """
    lines = text.split("\n")
    said = is_forward(subject)
    if not said and not any(begins_forward(lines, index) for index in range(len(lines))):
        return None
    found, end = histories(lines)
    if end < len(lines) and (said or not found):  # Else it is part of what an answer quotes.
        return _announced(lines[end:])
    return _quotation(lines, found[0]) if said and found else None


def _quotation(lines: Sequence[str], history: History) -> Forwarded:
    """What a quotation in a forwarded mail says, whose header is a block or "On ... wrote:"."""
    passed = _unquoted(lines[history.words : history.end])
    block = next(
        (block for index in range(min(_NEAR, len(passed))) if (block := block_at(passed, index, marked=True))), None
    )
    if block is not None:
        return _forwarded(block.sender, block.subject, passed[block.end :])
    introduction = " ".join(line[:_LINE] for line in lines[history.start : history.words][:_NEAR])
    return _forwarded(_bare(introduction), "", passed)


def _announced(lines: Sequence[str]) -> Forwarded:
    """What stands below "---------- Forwarded message ---------"; both may be quoted by the program."""
    first = next((index for index, line in enumerate(lines[:_NEAR]) if not is_rule(line) and line), 0)
    below = _unquoted(lines[first + 1 :])
    top = next((index for index, line in enumerate(below) if line), len(below))
    block = block_at(below, top, marked=True) if top < len(below) else None
    if block is not None:
        return _forwarded(block.sender, block.subject, below[block.end :])
    found, _ = histories(below)  # Yandex writes an introduction.
    return _quotation(below, found[0]) if found and found[0].start <= top else _forwarded("", "", below)


def _forwarded(sender: str, subject: str, words: Sequence[str]) -> Forwarded:
    first = next((index for index, line in enumerate(words) if line), 0)
    if words and announces_forward(words[first]) and not any(map(is_label, words[first + 1 : first + 2])):
        first += 1  # Zoho closes the header with the line that announced it.
    last = next((index for index, line in enumerate(words) if _ends(line)), len(words))
    address = _ADDRESS.search(sender[:_LINE])
    return Forwarded(
        sender=Address(kind="mail", value=address[0].lower() if address else "", name=_name(sender[:_LINE])),
        subject=clean_line(subject, MAX_SUBJECT),
        text="\n".join(words[first:last]).strip("\n"),
    )


def _name(sender: str) -> str:
    """The name in "Jan <jan@example.org>", "Jan [mailto:jan@example.org]", "jan@example.org (Jan)" or "Jan"."""
    before = _BRACKETS.sub("", sender)
    if _ADDRESS.search(before):
        behind = sender[len(before) :].strip(_AROUND + "()")
        before = "" if _ADDRESS.search(behind) else behind
    return clean_line(before.strip(_AROUND), MAX_NAME)


def _bare(introduction: str) -> str:
    """The address in "On ... wrote:"; what is a name there and what a date differs by language."""
    address = _ADDRESS.search(introduction)
    return address[0] if address else ""


def _ends(line: str) -> bool:
    """Whether a program says here that the forwarded mail ends."""
    return announces_forward(line) and _END.search(line) is not None


def _unquoted(lines: Sequence[str]) -> list[str]:
    """The lines without the outermost quote's mark, up to the first that has none; as they are where none has."""
    first = next((line for line in lines if line), "")
    if not is_quoted(first):
        return [*lines]
    last = next((index for index, line in enumerate(lines) if line and not is_quoted(line)), len(lines))
    return [_QUOTE.sub("", line, count=1) for line in lines[:last]]

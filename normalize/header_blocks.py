"""The block of a few header lines that a mail program writes above a mail that it quotes or forwards."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from normalize.header_labels import LABELS, LONGEST_LABEL, Role

_MARKS = " \t\xa0\u202f*_|\u200e\u200f"  # Around a label: emphasis, the bars of a table, direction marks.
_WITHIN = LONGEST_LABEL + 12  # Characters in which a label's colon stands.
_COLONS = re.compile("[:\uff1a]")  # The second is the full-width one of Chinese and Japanese.
_ADDRESS = re.compile(r"[^\s<>@]@[^\s<>@]")
_ANY_LABEL = re.compile(r"[*\s]{0,3}[^\W\d_][^:\uff1a@]{0,24}[:\uff1a]")
_TIME = re.compile(r"\d{1,2}[:.]\d{2}")
_DIRECTIONS = re.compile("[\u200e\u200f\u061c\u2066-\u2069]")
_LONGEST = 1000  # Characters that are read of a line; the limit of RFC 5322 2.1.1 is 998.
_LINES = 16  # Lines that are looked at: a long list of recipients wraps.
_UNLABELLED = 3  # Of them in a row without a label: more are text.
_ENOUGH = 3  # Roles that make a block.


class Block(NamedTuple):
    """A header block as it was found; both texts are empty where it does not say them."""

    end: int  # The line after its last one.
    sender: str
    subject: str


class _Field(NamedTuple):
    role: Role
    value: str


def block_at(lines: Sequence[str], start: int, *, marked: bool = False) -> Block | None:
    """The block that begins in line `start`; None where none does.

    Below a line that announces a mail (`marked`), one label is enough, and three lines will do whose labels are of a
    language that is not listed. Looks at a fixed number of lines.
    """
    if _field(lines[start]) is None:
        return _unknown(lines, start) if marked else None
    found, end = _read(lines, start)
    sender = found.get(Role.FROM, "")
    if not _is_enough(found) and not (marked and (Role.FROM in found or len(found) >= _ENOUGH - 1)):
        return None
    return Block(end, sender, found.get(Role.SUBJECT, ""))


def _unknown(lines: Sequence[str], start: int) -> Block | None:
    end = start
    while end < min(start + _LINES, len(lines)) and _ANY_LABEL.match(lines[end]):
        end += 1
    values = [_COLONS.split(line[:_LONGEST], maxsplit=1)[1].strip(_MARKS) for line in lines[start:end]]
    senders = [value for value in values if _ADDRESS.search(value)]
    return Block(end, senders[0], "") if len(values) >= _ENOUGH and senders else None


def is_label(line: str) -> bool:
    """Whether the line begins as one of a header block."""
    return _field(line) is not None


def _is_enough(found: Mapping[Role, str]) -> bool:
    """Whether it says from whom and two things more, and what only a mail has.

    That is a subject, an address of the sender, or the time between sender and recipient where some programs put it:
    "From: Warsaw", "To: Berlin", "Date: 5.05.2026" are a customer's words.
    """
    if Role.FROM not in found or len(found) < _ENOUGH:
        return False
    if Role.SUBJECT in found or _ADDRESS.search(found[Role.FROM]):
        return True
    ordered = [*found][:_ENOUGH] == [Role.FROM, Role.DATE, Role.TO]
    return ordered and _TIME.search(_DIRECTIONS.sub("", found[Role.DATE])) is not None


def _field(line: str) -> _Field | None:
    head = line[:_WITHIN]
    colon = _COLONS.search(head)
    if colon is None:
        return None
    role = LABELS.get(head[: colon.start()].strip(_MARKS).casefold().replace("\u2019", "'"))
    return None if role is None else _Field(role, line[colon.end() : _LONGEST].strip(_MARKS))


def _read(lines: Sequence[str], start: int) -> tuple[dict[Role, str], int]:
    """What the lines of a block say, and where it ends; a value may go on in the next lines."""
    found: dict[Role, str] = {}
    waiting: list[str] = []  # Lines that belong to the last label if another one follows.
    role, end = Role.OTHER, start
    for index in range(start, min(start + _LINES, len(lines))):
        line = lines[index]
        field = _field(line)
        if field is not None:
            if field.role in found and field.role is not Role.OTHER:
                break  # Another block.
            if waiting:
                found[role] = " ".join([found[role], *waiting]).strip()
                waiting.clear()
            role, end = field.role, index + 1
            found[role] = field.value
        elif not line:
            # Programs that make paragraphs of the lines leave one blank between them.
            following = lines[index + 1] if index + 1 < len(lines) else ""
            if found.get(role) and _field(following) is None:
                break
        elif not found[role] or (role in (Role.TO, Role.CC) and _ADDRESS.search(line)):
            found[role], end = " ".join([found[role], *waiting, line[:_LONGEST].strip()]).strip(), index + 1
            waiting.clear()
        elif len(waiting) == _UNLABELLED:
            break
        else:
            waiting.append(line[:_LONGEST].strip())
    return found, end

"""The marks by which mail programs set off what they quote."""

import re
from collections.abc import Sequence

from normalize.phrases import FORWARD_PREFIXES, FORWARDED, FROM_LABELS, ORIGINAL_MESSAGE, OTHER_LABELS, WROTE

COLONS = (":", "\uff1a")  # The second is the full-width one of Chinese and Japanese.

_LONGEST = 400  # Characters of an introduction over all of its lines; longer lines are no mail program's.
_ENDS = (*COLONS, "--")  # With dashes it begins with dashes as well.
_VERB_WITHIN = 60  # Characters from either end of an introduction in which its verb stands.

_VERB = re.compile("|".join(WROTE), re.IGNORECASE)
# A time of day, a day, or a year as the Gregorian, Persian (14..) or Thai (25..) calendar writes it; \d is a digit of
# any script, and the first digit of the year is a 1 or 2, Latin, Persian or Arabic.
_DATE = re.compile(
    r"\d{1,2}[:.\u066b]\d{2}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|(?<!\d)[12\u06f1\u06f2\u0661\u0662]\d{3}(?!\d)"
)
_ADDRESS = re.compile(r"[^\s<>@]@[^\s<>@]")
_BARE_END = re.compile(r"[>)\]]\s?[:\uff1a]$")  # "Jan Kowalski <jan@example.org>:", as Russian programs end.
_NOISE = re.compile("[\u200c\u200e\u200f\u061c\u2066-\u2069*_]")  # Direction marks and emphasis.

_SEPARATOR = re.compile(rf"-{{2,}}\s?(?:{'|'.join(ORIGINAL_MESSAGE)})\s?-{{2,}}$", re.IGNORECASE)
_RULE = re.compile(r"[-_=*~\u2014]{3,}$")

_BEGINS = re.compile(rf"\*?(?:{'|'.join(FROM_LABELS)})\W{{0,3}}[:\uff1a]", re.IGNORECASE)
_LABEL = re.compile(rf"\*?({'|'.join((*FROM_LABELS, *OTHER_LABELS))})\W{{0,3}}[:\uff1a]", re.IGNORECASE)
_LABELS = 3  # Different ones that make a block.
_BLOCK = 8  # Lines in which they stand: a long list of recipients wraps.

_FORWARD = re.compile(rf"(?:{'|'.join(FORWARD_PREFIXES)})\s?[:\uff1a]", re.IGNORECASE)
_FORWARDED = re.compile(rf"-{{2,}}.{{0,20}}(?:{'|'.join(FORWARDED)})", re.IGNORECASE)


def is_quoted(line: str) -> bool:
    """Whether the line carries a quote's mark (RFC 3676 4.5)."""
    return line.startswith((">", " >"))


def is_separator(line: str) -> bool:
    """Whether the line is "-----Original Message-----" in some language; a forwarded message's line is not."""
    return line.startswith("--") and len(line) <= _LONGEST and _SEPARATOR.match(line) is not None


def is_rule(line: str) -> bool:
    """Whether the line is drawn of dashes, underscores or the like from end to end."""
    return _RULE.match(line.strip()) is not None


def has_date(line: str) -> bool:
    """Whether a day or a time of day stands in the line."""
    return _DATE.search(line[:_LONGEST]) is not None


def may_end_introduction(line: str) -> bool:
    """Whether "On ... wrote:" can end in this line; cheap, because every line is asked."""
    return line.endswith(_ENDS)


def introduces_quote(line: str) -> bool:
    """Whether this is "On ... wrote:": it ends in a colon and has two of a date, an address and that verb.

    A date and an address alone count only where the address stands last, because "Mail it to me@example.org on
    5.1.2026:" is a person's sentence.
    """
    if not line.endswith(_ENDS) or len(line) > _LONGEST or (line.endswith("--") and not line.startswith("--")):
        return False
    line = _NOISE.sub("", line)
    date, address = _DATE.search(line) is not None, _ADDRESS.search(line) is not None
    verb = any(_VERB.search(end) for end in (line[:_VERB_WITHIN], line[-_VERB_WITHIN:]))
    return (verb and (date or address)) or (date and address and _BARE_END.search(line) is not None)


def begins_header_block(lines: Sequence[str], index: int) -> bool:
    """Whether a quoted message's header block begins here: a line "From:" and at least two other labels below it."""
    if not _BEGINS.match(lines[index][:_LONGEST].lstrip()):
        return False
    found: set[str] = set()
    for line in lines[index : index + _BLOCK]:
        label = _LABEL.match(line[:_LONGEST].lstrip())
        if label is not None:
            found.add(label.group(1).casefold())
        elif not line:
            break
    return len(found) >= _LABELS


def is_forward(subject: str) -> bool:
    """Whether a subject says that the mail was forwarded."""
    return _FORWARD.match(subject) is not None


def begins_forward(line: str) -> bool:
    """Whether the line is "---------- Forwarded message ---------" in some language."""
    return line.startswith("--") and _FORWARDED.match(line[:_LONGEST]) is not None

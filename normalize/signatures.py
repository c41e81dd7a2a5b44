"""Where a person's words end and what stands below every mail of theirs begins."""

import re
from collections.abc import Sequence

from normalize.quote_marks import is_rule
from normalize.signature_phrases import DEVICES, EXCUSES, LIST_FOOTERS, SENT_FROM, SENT_FROM_ENDS

_SIGNATURE = "--"  # RFC 3676 4.3 writes "-- "; `text.clean_text` took the space.
_LONGEST_SIGNATURE = 20  # Lines; what follows a "--" for longer is rather a person's text under a line of their own.
_CARD = 10  # Lines of a signature under another line; only what is plainly a visiting card counts.
_CARD_WIDTH = 60  # Characters of its lines.
_NAME_WORDS = 5
_FOOTER = 4  # Lines below its rule in which a list says what it is.
_PRODUCT_WORDS = 9  # Of "Sent from my", the name of a device and what kind it is.
_PRODUCT_LINE = 120  # Characters of "Sent from my iPhone", a link included.

_LINK = re.compile(r"[<(\[]\s?(?:https?|mailto):[^\s<>()\[\]]++\s?[>)\]]")
_BRACKETS = str.maketrans("", "", "[]<>()")
_MINE = ("sent from my ", "from my iphon")  # Whatever follows.
_ANYTHING = ("sent from ", "sent via ", "sent with ")  # Whatever product follows, if the line stands apart.
_FOOTERS = re.compile("|".join(map(re.escape, LIST_FOOTERS)), re.IGNORECASE)
# "-Jan Kowalski" in a line of its own; a list has a space behind the dash.
_DASHED_NAME = re.compile(r"-[^\W\d_]{2,30}+(?: [^\W\d_][\w.'-]{0,30}+){0,2}$")
_CARD_RULE = re.compile(r"(?:-{2,}|_{2,}|={3,}|\*{3,}|~{3,})$")
_CONTACT = re.compile(r"\+?\d[\d ()./-]{6,20}\d|[^\s<>@]@[^\s<>@]|https?://|www\.")


def end_of_words(lines: Sequence[str], start: int, end: int) -> int:
    """The line after the last one of a person's words between `start` and `end`; `start` where there are none.

    Each look is at a fixed number of lines near the end, and whatever it finds shortens the text.
    """
    while True:
        while end > start and not lines[end - 1]:
            end -= 1
        below = _product(lines, start, end)
        below = _signature(lines, start, end) if below is None else below
        if below is None:
            return end
        end = below


def _signature(lines: Sequence[str], start: int, end: int) -> int | None:
    """The line near the end under which a signature or a list's footer stands; None where there is none."""
    for index in range(end - 1, max(end - 2 - _LONGEST_SIGNATURE, start - 1), -1):
        line = lines[index]
        if line == _SIGNATURE or _is_footer(lines, index, end) or _is_card(lines, index, end):
            return index
    return None


def _product(lines: Sequence[str], start: int, end: int) -> int | None:
    """The first line of a closing "Sent from my iPhone" or "-Jan"; None where the words end otherwise.

    A link of the product may stand in a line of its own below.
    """
    if end > start + 1 and not lines[end - 2] and _DASHED_NAME.match(lines[end - 1]) and lines[end - 1][1].isupper():
        return end - 1
    for index in range(end - 1, max(end - 3, start - 1), -1):
        line = lines[index]
        if _is_product(line, apart=index == start or not lines[index - 1]):
            return index
        if not (_LINK.fullmatch(line) or is_rule(line)):
            return None
    return None


def _is_product(line: str, *, apart: bool) -> bool:
    if len(line) > 3 * _PRODUCT_LINE:
        return False
    line = _LINK.sub("", line).translate(_BRACKETS).strip(" *_|-\u200e\u200f\u202f\xa0").casefold()
    if not line or len(line) > _PRODUCT_LINE:
        return False
    said, _, more = line.partition(", ") if ", " in line else line.partition(". ")
    if more and not any(word in more for word in EXCUSES):
        return False  # "Sent from my desk, this is easier to write": a sentence.
    if line.startswith(_MINE) and len(said.split()) <= _PRODUCT_WORDS:
        return True
    if not line.startswith(SENT_FROM) and not line.endswith(SENT_FROM_ENDS):
        return False
    return any(device in line for device in DEVICES) or (apart and line.startswith(_ANYTHING))


def _is_footer(lines: Sequence[str], index: int, end: int) -> bool:
    """Whether the rule of a mailing list stands here (RFC 2919 lists put it there)."""
    line = lines[index]
    if line not in ("\u2014", "\u2013") and not is_rule(line):
        return False
    return any(_FOOTERS.search(below[:200]) for below in lines[index + 1 : min(index + 1 + _FOOTER, end)])


def _is_card(lines: Sequence[str], index: int, end: int) -> bool:
    """Whether a rule stands here with a visiting card below it: a name first, then how to reach its owner."""
    if _CARD_RULE.match(lines[index]) is None:
        return False
    card = [line for line in lines[index + 1 : end] if line]
    if not 1 < len(card) <= _CARD or any(len(line) > _CARD_WIDTH or line.endswith(("?", "!")) for line in card):
        return False
    name = card[0].strip(" *_")
    named = len(name.split()) <= _NAME_WORDS and name[:1].isupper() and not re.search(r"[\d:@/=]", name)
    return named and any(_CONTACT.search(line) for line in card[1:])

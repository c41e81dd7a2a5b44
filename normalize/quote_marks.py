"""The marks by which mail programs set off what they quote or forward."""

import re

from normalize.phrases import FORWARD_PREFIXES, FORWARDED, ORIGINAL_MESSAGE, REPLY_ABOVE, WROTE

_LONGEST = 400  # Characters of an introduction over all of its lines; longer lines are no mail program's.
_DIRECTIONS = "\u200e\u200f\u061c\u2066\u2067\u2068\u2069"  # Hebrew and Arabic programs close their lines with them.
_ENDS = (
    ":",
    "\uff1a",
    "--",
)  # The full-width colon is Chinese and Japanese; with dashes it begins so as well.
_VERB_WITHIN = 60  # Characters from either end of an introduction in which its verb stands.
_SHORT = 80  # Characters of "Jan Kowalski wrote:".

_VERB = re.compile("|".join(WROTE), re.IGNORECASE)
# A time of day, a day, or a year as the Gregorian, Persian (14..) or Thai (25..) calendar writes it; \d is a digit of
# any script, and the first digit of the year is a 1 or 2, Latin, Persian or Arabic.
_TIME = r"\d{1,2}[:.\u066b]\d{2}"
_DAY = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|(?<!\d)[12\u06f1\u06f2\u0661\u0662]\d{3}(?!\d)"
_DATE = re.compile(f"{_TIME}|{_DAY}")
_DAY_AND_TIME = re.compile(rf"(?:{_DAY})\D.{{0,40}}?{_TIME}")
_ADDRESS = re.compile(r"[^\s<>@]@[^\s<>@]")
# "Jan Kowalski <jan@example.org>:", as Russian programs end; a link may stand behind the address.
_BARE_END = re.compile(r"[>)\]]\s?[:\uff1a]$")
_NOISE = re.compile(f"[\u200c{_DIRECTIONS}*_]")  # Direction marks and emphasis.

# "2013/7/20 Jan Kowalski <jan@example.org>" and "2016-03-03 17:21 GMT+01:00 Jan Kowalski", as Gmail wrote until 2017.
_DATED_SENDER = re.compile(r"\d{4}[/-]\d{1,2}[/-]\d{1,2}\s[^<>@]{1,150}<[^\s<>@]{1,64}@[^\s<>@]{1,255}>$")
_DATED_BY_ZONE = re.compile(r"\d{4}-\d{2}-\d{2} \d{1,2}:\d{2} (?:GMT|UTC)[+-]\d{2}:\d{2} \S.{0,150}$")

_SEPARATOR = re.compile("|".join(ORIGINAL_MESSAGE), re.IGNORECASE)
_RULES = ("--", "==", "__")
_REPLY_ABOVE = re.compile("|".join(REPLY_ABOVE), re.IGNORECASE)
# How such a line begins; cheap, because every line is asked.
_ABOVE = ("#", "-", "=", "*", "_", "~", "[", "(", "<", "\u2014", "Please", "please", "Reply", "reply", "Type", "Write")
_RULE = re.compile(r"[-_=*~\u2014\u2500\u2501]{3,}+$")
_OWN_RULE = re.compile("\u2500{20,}+$")

_FORWARD = re.compile(rf"(?:{'|'.join(FORWARD_PREFIXES)})\s?[:\uff1a]", re.IGNORECASE)
_FORWARDED = re.compile(rf"[-=]{{2,}}+.{{0,30}}(?:{'|'.join(FORWARDED)})", re.IGNORECASE)
# "Begin forwarded message:" of Apple's programs, without dashes.
_FORWARD_BEGINS = re.compile(rf".{{0,30}}(?:{'|'.join(FORWARDED)}).{{0,30}}[:\uff1a]$", re.IGNORECASE)
_APPLE = 60  # Characters of that line.


def is_quoted(line: str) -> bool:
    """Whether the line carries a quote's mark (RFC 3676 4.5)."""
    return line.startswith((">", " >", "  >"))


def is_separator(line: str) -> bool:
    """Whether the line is "-----Original Message-----" in some language; a forwarded message's line is not."""
    line = line.lstrip()
    if not (line.startswith(_RULES) and line.endswith(_RULES)) or len(line) > _LONGEST:
        return False
    between = line.strip("-=_ ")
    return between != "" and _SEPARATOR.fullmatch(between) is not None


def asks_to_reply_above(line: str) -> bool:
    """Whether the line is the one that help desks put above their mail: "Please type your reply above this line"."""
    if not line.startswith(_ABOVE) or len(line) > _LONGEST:
        return False
    return _REPLY_ABOVE.search(line) is not None


def is_own_rule(line: str) -> bool:
    """Whether the line is the long rule that our mail to technicians draws below its head."""
    return line.startswith("\u2500\u2500") and _OWN_RULE.match(line) is not None


def is_rule(line: str) -> bool:
    """Whether the line is drawn of dashes, underscores or the like from end to end."""
    return _RULE.match(line.strip()) is not None


def has_date(line: str) -> bool:
    """Whether a day or a time of day stands in the line."""
    return _DATE.search(line[:_LONGEST]) is not None


def may_end_introduction(line: str) -> bool:
    """Whether "On ... wrote:" can end in this line; cheap, because every line is asked."""
    return line.rstrip(_DIRECTIONS).endswith(_ENDS)


def introduces_quote(line: str) -> bool:
    """Whether this is "On ... wrote:": it ends in a colon and has two of a date, an address and that verb.

    A date and an address alone count only where the address stands last, because "Mail it to me@example.org on
    5.1.2026:" is a person's sentence.
    """
    if not may_end_introduction(line) or len(line) > _LONGEST:
        return False
    line = _NOISE.sub("", line)
    if line.endswith("--") and not line.startswith("--"):
        return False
    date, address = _DATE.search(line) is not None, _ADDRESS.search(line) is not None
    if not date and not address:
        return False
    return (date and address and _BARE_END.search(line) is not None) or _has_verb(line)


def introduces_what_follows(line: str) -> bool:
    """Whether the line introduces the quoted line that follows it, in whatever language."""
    if not may_end_introduction(line) or len(line) > _LONGEST:
        return False
    line = _NOISE.sub("", line)
    named = len(line) <= _SHORT and _has_verb(line)
    return named or _ADDRESS.search(line) is not None or _DAY_AND_TIME.search(line) is not None


def names_dated_sender(line: str) -> bool:
    """Whether the line alone is a date and who wrote then, as introductions without a verb and a colon are."""
    if not line[:4].isdigit() or len(line) > _LONGEST:
        return False
    return _DATED_SENDER.match(line) is not None or _DATED_BY_ZONE.match(line) is not None


def is_forward(subject: str) -> bool:
    """Whether a subject says that the mail was forwarded."""
    return _FORWARD.match(subject) is not None


def announces_forward(line: str) -> bool:
    """Whether the line is "---------- Forwarded message ---------" in some language."""
    line = line.strip(" *_")
    return line.startswith(("--", "==")) and line.endswith(("--", "==")) and _FORWARDED.match(line) is not None


def may_announce_forward(line: str) -> bool:
    """Whether the line is "Begin forwarded message:" in some language, if a header block follows."""
    if len(line) > _APPLE or not line.endswith((":", "\uff1a")):
        return False
    return _FORWARD_BEGINS.match(line) is not None


def _has_verb(line: str) -> bool:
    return any(_VERB.search(end) for end in (line[:_VERB_WITHIN], line[-_VERB_WITHIN:]))

"""Reads the fields of a delivery status (RFC 3464, 2), in their own part or written into the text. Pure."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ingest.channels.mail.bounces.addresses import address_of
from ingest.channels.mail.bounces.codes import outcome_of, status_in

MAX_RECIPIENTS = 100  # Of one report; RFC 5321, 4.5.3.1.8 has servers take so many in one transaction.

_FIELD = re.compile(r"[ \t>]{0,4}([A-Za-z][A-Za-z-]{1,40}):[ \t]*+(.*)")
_NAMES = ("original-recipient", "final-recipient")
_KNOWN = frozenset((*_NAMES, "action", "status", "diagnostic-code", "x-actual-recipient"))
_COMMENT = re.compile(r"\([^()]{0,200}\)")
_MAX_VALUE = 2000  # Characters of a field that are read.


class Failure(NamedTuple):
    """What became of a mail for one recipient; the name is that of the usual case."""

    recipient: str  # In lower case; empty where it cannot be told.
    outcome: str  # "bounced", "delayed", "delivered" or "complained"; empty: not said.
    status: str  # RFC 3463; empty: not said.
    detail: str  # The other side's own words.


def failures_in(text: str) -> list[Failure]:
    """One for each recipient that the fields name, at most MAX_RECIPIENTS; each address once."""
    found: dict[str, Failure] = {}
    for group in _groups(text):
        failure = _failure(group)
        found.setdefault(failure.recipient, failure)
        if len(found) == MAX_RECIPIENTS:
            break
    named = [failure for failure in found.values() if failure.recipient]
    return named or list(found.values())[:1]


def _groups(text: str) -> Iterator[dict[str, str]]:
    """The fields of each recipient. Mailers put blank lines where none belong, and leave them out where they do."""
    group: dict[str, str] = {}
    gap = False
    name = ""
    for line in text.split("\n"):
        field = _FIELD.match(line)
        if field is None:
            gap = gap or not line.strip()
            if line[:1] in (" ", "\t") and name and line.strip():
                group[name] = f"{group[name]} {line.strip()}"[:_MAX_VALUE]
            continue
        name = field[1].lower()
        if name not in _KNOWN:
            name = ""
            continue
        begins_anew = gap and name in _NAMES and any(known in group for known in _NAMES)
        if group and (name in group or begins_anew):
            yield group
            group = {}
        group[name] = field[2].strip()[:_MAX_VALUE]
        gap = False
    if group:
        yield group


def _failure(group: dict[str, str]) -> Failure:
    """The original recipient is the one that we wrote to; the final one may be where it was forwarded."""
    recipient = next((found for name in _NAMES if (found := address_of(group.get(name, "")))), "")
    action = _COMMENT.sub("", group.get("action", "")).split(" ")[0].strip(" ;,.").lower()
    detail = group.get("diagnostic-code", "")
    given = status_in(_COMMENT.sub("", group.get("status", "")))
    diagnosed = status_in(detail)
    # A status of "5.0.0" says no more than the action; the diagnostic often says which failure it was.
    vague = not given or (given.endswith(".0.0") and given[0] == diagnosed[:1])
    status = diagnosed if diagnosed and vague else given
    kind, _, words = detail.partition(";")
    detail = words.strip() if words and " " not in kind.strip() else detail
    outcome = outcome_of(action, group.get("status", "").strip())
    return Failure(recipient, outcome, "" if outcome == "delivered" else status, detail)

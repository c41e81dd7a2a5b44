"""Whether a machine wrote a mail, by what its header says, and which sort of machine. Pure.

Every help desk has shipped a mail loop because it looked for its own header only: bounces, vacation notes and other
help desks have to be known as well (RFC 3834, 2; RFC 3464; RFC 5965; RFC 2369).
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from ingest.channels.mail.headers import Headers

LOOP = "x-deskwire-loop"  # Stands on every automatic mail of ours.

# RFC 5230 and RFC 3834, 2, name the first two; the others are what mailing software of the last thirty years writes.
_ROBOT = re.compile(
    r"(mailer-daemon|postmaster|no[-_.]?reply|do[-_.]?not[-_.]?reply|bounces?|listserv|majordomo"
    r"|owner-.{1,64}|.{1,64}-(request|errors|bounces?|noreply))([-+=].{0,200})?"
)
_REPORTS = {
    "delivery-status": "bounce",
    "disposition-notification": "report",
    "feedback-report": "report",
    "tlsrpt": "report",
}
_SUPPRESSED = frozenset(("all", "autoreply", "oof"))


class Clues(NamedTuple):
    """What there is to tell a machine by."""

    headers: Headers
    kind: str  # Of the whole mail: "multipart/report".
    report: str  # Its parameter report-type.
    sender: str  # The address in From, in lower case; empty where it is unreadable.
    envelope_sender: str  # Empty: the null sender.
    ours: bool  # Whether `sender` is an address of this channel.
    loop: str  # What stands behind LOOP on our own mail.


def machine(clues: Clues) -> str:
    """Why the mail is held to be a machine's, most telling reason first; empty: a person wrote it.

    "own", "bounce", "report", "auto-replied", "auto-generated", "null-sender", "list", "bulk" or "noreply".
    """
    return next((reason for rule in _RULES if (reason := rule(clues))), "")


def _own(clues: Clues) -> str:
    mark = clues.headers.keyword(LOOP)
    if clues.ours or (mark and mark == clues.loop):
        return "own"
    return "auto-generated" if mark else ""  # Another desk's automatic mail.


def _report(clues: Clues) -> str:
    if clues.kind == "multipart/report":
        return _REPORTS.get(clues.report.lower(), "report")
    if clues.headers.has("x-failed-recipients"):  # Exim's bounces, which are no multipart/report.
        return "bounce"
    daemon = "mailer-daemon" in clues.headers.line("from").lower()  # Often no address at all: "MAILER-DAEMON <>".
    return "bounce" if daemon and not clues.envelope_sender else ""


def _declared(clues: Clues) -> str:
    submitted = clues.headers.keyword("auto-submitted").split(" ")[0]
    if submitted and submitted != "no":
        return "auto-replied" if submitted in ("auto-replied", "auto-notified") else "auto-generated"
    return ""


def _responder(clues: Clues) -> str:
    headers = clues.headers
    if headers.keyword("precedence") == "auto_reply":
        return "auto-replied"
    if any(headers.has(name) for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-autoreply-from")):
        return "auto-replied"
    if headers.has("x-auto-generated") or headers.has("x-fc-machinegenerated"):
        return "auto-generated"
    wishes = {wish.strip() for wish in headers.line("x-auto-response-suppress").lower().split(",")}
    return "auto-generated" if wishes & _SUPPRESSED else ""


def _null_sender(clues: Clues) -> str:
    return "" if clues.envelope_sender else "null-sender"


def _list(clues: Clues) -> str:
    if any(name.startswith("list-") for name, _ in clues.headers.fields):
        return "list"
    return "list" if clues.headers.keyword("precedence") == "list" else ""


def _bulk(clues: Clues) -> str:
    if clues.headers.keyword("precedence") in ("bulk", "junk") or clues.headers.has("feedback-id"):
        return "bulk"
    return ""


def _noreply(clues: Clues) -> str:
    return "noreply" if _ROBOT.fullmatch(clues.sender.partition("@")[0]) else ""


_RULES: tuple[Callable[[Clues], str], ...] = (
    _own,
    _report,
    _declared,
    _responder,
    _null_sender,
    _list,
    _bulk,
    _noreply,
)

"""Whether a machine wrote a mail, by what its header says, and which sort of machine. Pure.

Every help desk has shipped a mail loop because it looked for its own header only: bounces, vacation notes and other
help desks have to be known as well (RFC 3834, 2; RFC 3464; RFC 5965; RFC 2369).
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from ingest.channels.mail.headers import Headers
from ingest.channels.mail.machine_words import CHALLENGES, VERIFICATIONS
from ingest.channels.mail.mime import Tree, walk
from store.mailboxes import is_robots

LOOP = "x-deskwire-loop"  # Stands on every automatic mail of ours.

_SUPPRESSED = frozenset(("all", "autoreply", "oof"))

# What programs that answer by themselves write, beside what RFC 3834, 5, asks for.
_RESPONDERS = (
    *("x-autoreply", "x-autorespond", "x-autoresponder", "x-autoreply-from", "x-mail-autoreply", "x-vacation"),
    *("x-ms-exchange-inbox-rules-loop", "x-autoreply-sent", "x-out-of-office"),
)
_CHALLENGERS = ("x-tmda-fingerprint", "x-spamarrest", "x-boxbe-verify", "x-cr-hashedpuzzle-challenge")

# Reports of other servers about mail in our name: RFC 7489, 7.2.1.1, and RFC 8460, 5.1 and 5.3.
_ABOUT_A_DOMAIN = re.compile(r"(?:\[\S{1,60}\] ?)?report[- ]domain:? ?\S{1,255}", re.IGNORECASE)
_REPORT_FILE = re.compile(
    r"[\w.-]{1,255}![\w.-]{1,255}!\d{6,12}!\d{6,12}(?:![\w.-]{1,255})?\.(?:xml|json|zip|gz)", re.ASCII
)
_REPORT_KINDS = frozenset(("application/tlsrpt+gzip", "application/tlsrpt+json"))

_CHALLENGE = re.compile("|".join(CHALLENGES))
_VERIFICATION = re.compile(rf"(?:\[[^\]]{{1,60}}\] ?|\S{{1,40}}: )?(?:{'|'.join(VERIFICATIONS)})")


class Clues(NamedTuple):
    """What there is to tell a machine by."""

    headers: Headers
    kind: str  # Of the whole mail: "multipart/report".
    sender: str  # The address in From, in lower case; empty where it is unreadable.
    envelope_sender: str  # MAIL FROM; empty: the null sender, where it is known.
    sender_known: bool  # False for a mail that was fetched: `envelope_sender` means nothing then.
    ours: bool  # Whether `sender` is an address of this channel.
    loop: str  # What stands behind LOOP on our own mail.
    files: tuple[str, ...] = ()  # `files_of` the mail.

    @property
    def null_sender(self) -> bool:
        """Whether it came from the null sender: by the transport, else by the Return-Path (RFC 5321, 4.4)."""
        if self.sender_known:
            return self.envelope_sender in ("", "<>")
        return self.headers.has("return-path") and self.headers.first("return-path").strip() in (b"<>", b"")


def machine(clues: Clues) -> str:
    """Why the mail is held to be a machine's, most telling reason first; empty: a person wrote it.

    "own", "report", "challenge", "auto-replied", "auto-generated", "null-sender", "list", "bulk" or "noreply"; and
    "verification" for one of the last five that asks to confirm an address or an account. Bounces are no concern of
    this: see `bounces.reports`.
    """
    reason = next((reason for rule in _RULES if (reason := rule(clues))), "")
    return "verification" if reason in _IMPERSONAL and _verifies(clues) else reason


def is_own(clues: Clues) -> bool:
    """Whether it is our own mail that came back."""
    return _own(clues) == "own"


def files_of(tree: Tree) -> tuple[str, ...]:
    """The types and names of the parts of a mail whose subject speaks of a domain's report, in lower case.

    None of any other: nobody asks for them.
    """
    if _ABOUT_A_DOMAIN.match(tree.root.headers.line("subject")) is None:
        return ()
    return tuple(
        f"{part.kind} {part.parameters.get('name', '')} {part.headers.line('content-disposition')}".lower()
        for part in walk(tree.root)
        if not part.parts
    )


def _own(clues: Clues) -> str:
    mark = clues.headers.keyword(LOOP)
    if clues.ours or (mark and mark == clues.loop):
        return "own"
    return "auto-generated" if mark else ""  # Another desk's automatic mail.


def _report(clues: Clues) -> str:
    if clues.kind == "multipart/report":
        return "report"
    if clues.headers.has("tls-report-domain"):
        return "report"
    if _ABOUT_A_DOMAIN.match(clues.headers.line("subject")) is None:
        return ""
    told = (_REPORT_FILE.search(file) or file.split(" ", 1)[0] in _REPORT_KINDS for file in clues.files)
    return "report" if any(told) else ""


def _challenge(clues: Clues) -> str:
    """Words alone prove nothing: a person may ask us to confirm something."""
    if any(clues.headers.has(name) for name in _CHALLENGERS):
        return "challenge"
    if _CHALLENGE.match(clues.headers.line("subject").casefold()) is None:
        return ""
    rules = (_declared, _responder, _null_sender, _bulk, _noreply)
    return "challenge" if any(rule(clues) for rule in rules) else ""


def _declared(clues: Clues) -> str:
    whole = clues.headers.keyword("auto-submitted")
    submitted = whole.split(" ")[0]
    if not submitted or submitted == "no":
        return ""
    replied = submitted in ("auto-replied", "auto-notified") or "auto-replied" in whole
    return "auto-replied" if replied else "auto-generated"


def _responder(clues: Clues) -> str:
    headers = clues.headers
    if any(headers.keyword(name).startswith("auto_reply") for name in ("precedence", "x-precedence", "preference")):
        return "auto-replied"
    if any(headers.has(name) for name in _RESPONDERS) or "autoresponder" in headers.line("x-post-messageclass").lower():
        return "auto-replied"
    if any(headers.has(name) for name in ("x-auto-generated", "x-autogenerated", "x-fc-machinegenerated")):
        return "auto-generated"
    wishes = {wish.strip() for wish in headers.line("x-auto-response-suppress").lower().split(",")}
    return "auto-generated" if wishes & _SUPPRESSED else ""


def _null_sender(clues: Clues) -> str:
    return "null-sender" if clues.null_sender else ""


def _list(clues: Clues) -> str:
    if any(name.startswith("list-") for name, _ in clues.headers.fields):
        return "list"
    return "list" if clues.headers.keyword("precedence") == "list" else ""


def _bulk(clues: Clues) -> str:
    if clues.headers.keyword("precedence") in ("bulk", "junk") or clues.headers.has("feedback-id"):
        return "bulk"
    return ""


def _noreply(clues: Clues) -> str:
    return "noreply" if is_robots(clues.sender) else ""


def _verifies(clues: Clues) -> bool:
    return _VERIFICATION.match(clues.headers.line("subject").casefold()) is not None


_IMPERSONAL = frozenset(("auto-generated", "null-sender", "list", "bulk", "noreply"))
_RULES: tuple[Callable[[Clues], str], ...] = (
    _own,
    _report,
    _challenge,
    _declared,
    _responder,
    _null_sender,
    _list,
    _bulk,
    _noreply,
)

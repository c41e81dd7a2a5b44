"""Whether a mail is another system's report about a mail of ours. Pure.

A customer who forwards a bounce, or copies it into a question, is a customer; and parcels cannot be delivered either.
So words are never enough: with them there is a form that only machines use, or a sender that no person has.
"""

import re

from ingest.channels.mail.bounces.foreign import named_by_flufl
from ingest.channels.mail.bounces.letter import FEEDBACK, STATUS, Letter, sort_of
from ingest.channels.mail.bounces.wordings import PASSED_ON, SENTENCES, SUBJECTS
from ingest.channels.mail.headers import Headers
from ingest.channels.mail.mime import Tree, walk

# Who writes reports: the first nothing else, the second mostly, the third also ordinary mail to customers.
_DAEMON = re.compile(r"mail(?:er)?[-_.]?d(?:a?emon)?|mdaemon|double-bounce")
_POSTMASTER = re.compile(r"post[-_]?master|ndr|bounces?|.{1,64}-bounces?")
_ROBOT = re.compile(
    r"no[-_.]?reply|do[-_.]?not[-_.]?reply|admin(?:istrator)?|system|mail(?:er)?|.{1,64}-(?:admin|request)"
)
_NAMES = ("mail delivery s", "mail deliver s", "mailer-daemon", "mailer daemon", "delivery subsystem", "mail delivery")

_SUBJECT = re.compile(rf"(?:\[[^\]]{{1,60}}\] ?)?(?:\S{{1,60}} )?(?:automatic(?:ally)? )?(?:{'|'.join(SUBJECTS)})")
_PASSED_ON = re.compile(rf"(?:{'|'.join(PASSED_ON)}) ?(?:\[\d{{1,3}}\])? ?[:\uff1a]")
_SENTENCE = re.compile("|".join(SENTENCES))
_REPLY = re.compile(
    r"(?<![\d.])(?:[45]\d\d[ -](?:[45]\.\d|[a-z<\"(-])|[45]\.\d\.\d{1,3}(?!\.?\d))"
)  # An SMTP server's.
_OPENING = 2  # Lines in which a report comes to the point, and a person greets.


def is_suspect(tree: Tree, sender: str, *, null_sender: bool) -> bool:
    """Whether the mail is worth taking apart: true for every report, false for nearly every other mail."""
    headers = tree.root.headers
    subject = headers.line("subject").casefold()
    return (
        null_sender
        or tree.root.kind == "multipart/report"
        or _author(headers, sender) != ""
        or headers.has("x-amz-sns-message-id")
        or _title(subject)
        or subject.startswith(_COMPLAINTS)
        or any(sort_of(part) in STATUS | FEEDBACK for part in walk(tree.root))
    )


def is_bounce(letter: Letter) -> bool:
    """Whether it says what became of a mail: delivered, delayed or failed."""
    if letter.kind == "multipart/report":
        return _is_delivery_status(letter)
    author = _author(letter.headers, letter.sender)
    if author == "daemon" or (author == "postmaster" and letter.wrapped is not None):
        return True
    if not _tells(letter) and not ((author or letter.null_sender) and any(named_by_flufl(letter))):
        return False
    titled = _title(letter.subject)
    signs = titled + letter.null_sender + _gives_back(letter)
    if author == "postmaster":
        return signs >= 1
    if author == "robot" or letter.null_sender:
        return signs >= 2 and (titled or author == "robot")  # noqa: PLR2004 (one may be chance)
    return titled and _is_nothing_else(letter) and not letter.from_its_own_address


def is_complaint(letter: Letter) -> bool:
    """Whether a provider passes on that somebody called a mail of ours spam (RFC 5965, and what was before it)."""
    if letter.kind == "multipart/report" and letter.report == "feedback-report":
        return True
    if letter.feedback and letter.kind.startswith("multipart/"):
        return True
    # Hotmail's, whose only part is the mail.
    return letter.subject.startswith(_COMPLAINTS) and len(letter.enclosed) == 1 and not letter.text.strip()


_COMPLAINTS = ("complaint about message from", "complaint from")


def _author(headers: Headers, sender: str) -> str:
    """What the sender calls itself: "daemon", "postmaster", "robot", or "" for what may be a person."""
    local = sender.partition("@")[0]
    shown = headers.line("from").casefold()
    if _DAEMON.fullmatch(local) or shown.startswith(("mailer-daemon", "<mailer-daemon")):
        return "daemon"
    named = any(name in shown for name in _NAMES)
    if named and not sender:
        return "daemon"
    if named or _POSTMASTER.fullmatch(local) or headers.has("x-failed-recipients"):
        return "postmaster"
    if not sender and ("<>" in shown or shown.startswith(("postmaster", "<postmaster"))):
        return "postmaster"
    return "robot" if _ROBOT.fullmatch(local) or headers.has("x-mlserver") else ""


def _title(subject: str) -> bool:
    return _PASSED_ON.match(subject) is None and _SUBJECT.match(subject) is not None


def _tells(letter: Letter) -> bool:
    return (
        bool(letter.status)
        or letter.headers.has("x-failed-recipients")
        or _SENTENCE.search(_joined(letter.text)) is not None
    )


def _gives_back(letter: Letter) -> bool:
    """Whether it holds what only servers have: the mail that failed, fields for machines, or a server's answer."""
    if letter.status or letter.enclosed or letter.given_back or letter.headers.has("x-mlserver"):
        return True
    return _REPLY.search(letter.text.casefold()) is not None


def _is_nothing_else(letter: Letter) -> bool:
    """Whether it begins with the report and ends with the mail that came back, so that nobody has added a word."""
    if not letter.given_back and not letter.enclosed:
        return False
    lines = [line for line in letter.text.split("\n") if line.strip()][:_OPENING]
    return _SENTENCE.search(_joined("\n".join(lines))) is not None


def _joined(text: str) -> str:
    """Without the line breaks, which fall inside of sentences."""
    return " ".join(text.casefold().split())


def _is_delivery_status(letter: Letter) -> bool:
    """Whether a report (RFC 6522) is one about delivery, whatever its type is called.

    A full mailbox may answer with a receipt "automatically deleted" (RFC 8098), as Dovecot did for years.
    """
    if letter.notified or letter.feedback:
        return "was automatically rejected" in _joined(letter.text)
    named = letter.report == "delivery-status" or _author(letter.headers, letter.sender) == "daemon"
    return named or bool(letter.status) or (not letter.report and _tells(letter))

"""A mail taken apart as reports are: what it says, the fields for machines, and the mail that it gives back. Pure."""

import re
from typing import NamedTuple

from ingest.channels.mail.bounces.addresses import address_of, addresses_in
from ingest.channels.mail.charset import to_text
from ingest.channels.mail.headers import Headers, split_header
from ingest.channels.mail.html import html_to_text
from ingest.channels.mail.mime import Part, Tree, content_of, parse, walk
from ingest.channels.mail.parameters import parse_parameters

# What is read of each part. Reports are short, and what they give back tells enough in its header.
MAX_TEXT = 32 * 1024
MAX_LINES = 600
MAX_LINE = 500
_MAX_PARTS = 10  # Of each sort.

STATUS = frozenset(("message/delivery-status", "message/global-delivery-status"))  # RFC 3464; RFC 6533.
FEEDBACK = frozenset(("message/feedback-report",))  # RFC 5965.
_NOTIFIED = frozenset(("message/disposition-notification", "message/global-disposition-notification"))
_ENCLOSED = frozenset(("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"))

# Where a report in plain text begins to give the mail back: a line that says so, or the mail's own first fields.
_GIVEN_BACK = re.compile(
    r"(?:[>\s*=#-]{0,80}(?:this is a copy of (?:the|your) message|below this line is a copy|original message"
    r"|your message (?:reads|text|follows)|message text follows"
    r"|the (?:first \d{1,4} lines of your )?original message"
    r"|original mail|returned (?:mail|message)|unsent message|message headers?|start of returned message"
    r"|bounced e-?mail"
    r"|(?:a )?copy of (?:the|your) (?:original )?(?:message|mail)|the header of the original|old message"
    r"|included is a copy|undelivered message|en-t[eê]tes? du message|kopie der nachricht|исходное сообщение"
    r"|(?:message )?headers follow|your original message|content of the message|message contents?"
    r"|mail follows)\b.{0,100}"
    r"|>?\s{0,3}(?:return-path|received|x-original-to|delivered-to|arc-seal|dkim-signature):.{0,500})",
    re.IGNORECASE,
)


class Letter(NamedTuple):
    """What there is to tell a report by, and to read it from."""

    headers: Headers
    kind: str  # "multipart/report"
    report: str  # Its parameter report-type, in lower case.
    subject: str  # In lower case.
    sender: str  # The address in From, in lower case; "" where it names none, or not one alone.
    null_sender: bool  # It is known to have come from the null sender.
    text: str  # What it says itself, at most MAX_TEXT characters.
    beginning: str  # The same, before its lines were cut.
    given_back: str  # What follows in the same text: the mail that it is about.
    status: tuple[str, ...]  # The fields of delivery statuses.
    feedback: tuple[str, ...]  # The fields of complaints (RFC 5965).
    notified: tuple[str, ...]  # The fields of disposition notifications (RFC 8098).
    enclosed: tuple[bytes, ...]  # The mails that it encloses, or their headers.

    @property
    def wrapped(self) -> "Letter | None":
        """The report that a gateway has put into another envelope; None where what is enclosed is no report."""
        for content in self.enclosed[:2]:
            tree = parse(content)
            if tree.root.kind == "multipart/report":
                return letter_of(tree, "", null_sender=True)
        return None

    @property
    def from_its_own_address(self) -> bool:
        """Whether the address that its errors go to is the one in From, as it is with people."""
        return bool(self.sender) and address_of(self.headers.line("return-path")) == self.sender

    @property
    def recipients(self) -> frozenset[str]:
        """Whom it is addressed to: ourselves, as a rule."""
        values = [value for name in ("to", "cc", "delivered-to") for value in self.headers.all(name)[:10]]
        return frozenset(address for value in values for address in addresses_in(to_text(value[:MAX_TEXT])))


def letter_of(tree: Tree, sender: str, *, null_sender: bool) -> Letter:
    """The mail, as far as it is needed here. Never descends into a mail that it encloses."""
    parts = list(walk(tree.root))
    headers = tree.root.headers
    whole = _text_of(parts)
    text, given_back = parted(whole)
    return Letter(
        headers=headers,
        kind=tree.root.kind,
        report=tree.root.parameters.get("report-type", "").lower(),
        subject=headers.line("subject").casefold(),
        sender=sender,
        null_sender=null_sender or _came_from_nobody(headers),
        text=text,
        beginning=whole[:MAX_TEXT],
        given_back=given_back,
        status=_fields_of(parts, STATUS),
        feedback=_fields_of(parts, FEEDBACK),
        notified=_fields_of(parts, _NOTIFIED),
        enclosed=tuple(content_of(part)[: 4 * MAX_TEXT] for part in parts if _is_enclosed(part))[:_MAX_PARTS],
    )


def parted(text: str) -> tuple[str, str]:
    """What a report says, and the mail that it gives back below; each in lines of at most MAX_LINE characters."""
    lines = [line[:MAX_LINE].rstrip() for line in text[:MAX_TEXT].split("\n")[:MAX_LINES]]
    said = False
    for number, line in enumerate(lines):
        if said and _GIVEN_BACK.match(line):
            return "\n".join(lines[:number]), "\n".join(lines[number:])
        said = said or bool(line.strip())
    return "\n".join(lines), ""


def _came_from_nobody(headers: Headers) -> bool:
    """Sendmail writes down its own address where there was none."""
    path = headers.line("return-path").strip("<> ").lower()
    return headers.has("return-path") and (not path or path == "mailer-daemon" or path.startswith("mailer-daemon@"))


def _text_of(parts: list[Part]) -> str:
    """The plain parts in order, of which reports have few; where they say nothing, what the HTML says."""
    plain = [part for part in parts if sort_of(part) == "text/plain" and not _is_file(part)][:_MAX_PARTS]
    text = "\n".join(map(_text, plain))
    if text.strip():
        return text
    return "\n".join(_text(part) for part in [part for part in parts if sort_of(part) == "text/html"][:_MAX_PARTS])


def _text(part: Part) -> str:
    data = content_of(part)[: 2 * MAX_TEXT]
    text = to_text(data, part.parameters.get("charset", ""))
    return html_to_text(text) if sort_of(part) == "text/html" else text.replace("\r\n", "\n")


def sort_of(part: Part) -> str:
    """A part's type without what a mailer wrote behind it without a semicolon."""
    return part.kind.split(" ", 1)[0].strip()


def _fields_of(parts: list[Part], kinds: frozenset[str]) -> tuple[str, ...]:
    found = (part for part in parts if sort_of(part) in kinds)
    return tuple(_text(part)[:MAX_TEXT] for part, _ in zip(found, range(_MAX_PARTS), strict=False))


def _is_enclosed(part: Part) -> bool:
    if part.number and sort_of(part) in _ENCLOSED:
        return True
    # Some write the header of the mail into a text file beside the report.
    return sort_of(part) == "text/plain" and _is_file(part) and len(Headers(split_header(part.content)[0]).fields) > 2  # noqa: PLR2004


def _is_file(part: Part) -> bool:
    return parse_parameters(part.headers.first("content-disposition"))[0] == "attachment"

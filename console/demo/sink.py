"""A local mailbox for all mail that goes out: an SMTP server that takes only mail without a fault, and keeps it."""

import asyncio
import contextlib
import email
import email.policy
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from typing import NamedTuple

from aiosmtpd.smtp import SMTP, Envelope, Session

_LONGEST_LINE = 998  # Octets; RFC 5322, section 2.1.1.
_ONCE = ("From", "To", "Date", "Message-ID", "Subject", "MIME-Version")  # RFC 5322, section 3.6; RFC 2045, section 4.


class Mail(NamedTuple):
    """A mail that came."""

    recipient: str
    at: datetime
    reply_to: str  # Where a mail program sends an answer.
    subject: str
    text: str
    message_id: str
    references: tuple[str, ...]


class Sink:
    """The mail that came, in order."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """`now` is when a mail came."""
        self._now = now
        self.mails: list[Mail] = []

    def to(self, recipient: str) -> list[Mail]:
        """What came for one address."""
        return [mail for mail in self.mails if mail.recipient == recipient]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """Keep a mail, or say what is wrong with it."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        options = {option.upper() for option in envelope.mail_options}
        found = faults(content, envelope.rcpt_tos, eight_bit="BODY=8BITMIME" in options)
        if found:
            return f"554 5.6.0 {found[0]}"
        self.mails.append(_read(content, envelope.rcpt_tos[0], self._now()))
        return "250 2.0.0 Kept"


@contextlib.asynccontextmanager
async def running(sink: Sink) -> AsyncIterator[int]:
    """Take mail on loopback; gives the port."""
    loop = asyncio.get_running_loop()
    sessions: list[SMTP] = []

    def session() -> SMTP:
        sessions.append(SMTP(sink, hostname="sink.invalid", enable_SMTPUTF8=True, loop=loop))
        return sessions[-1]

    server = await loop.create_server(session, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for one in sessions:
            if one.transport is not None:
                one.transport.close()
        await server.wait_closed()


def faults(content: bytes, recipients: list[str], *, eight_bit: bool) -> list[str]:
    """What a strict mail server or mail program would object to, in words; empty for a mail without fault."""
    found = []
    if len(recipients) != 1:
        found.append(f"{len(recipients)} recipients stand in one transaction, and one is right")
    if content.count(b"\r\n") != content.count(b"\n") or content.count(b"\r\n") != content.count(b"\r"):
        found.append("a line ends in CR or LF alone")
    if any(len(line) > _LONGEST_LINE for line in content.split(b"\r\n")):
        found.append(f"a line is longer than {_LONGEST_LINE} octets")
    if not eight_bit and not content.isascii():
        found.append("there are octets over 127, and 8BITMIME was not asked for")
    mail = _parsed(content)
    for name in _ONCE:
        count = len(mail.get_all(name, []))
        if count != 1:
            found.append(f"the field {name} stands there {count} times")
    found += [f"{type(defect).__name__} in the mail" for part in mail.walk() for defect in part.defects]
    if recipients and parseaddr(str(mail["To"]))[1].lower() != recipients[0].lower():
        found.append("the field To names somebody else")
    return found


def _read(content: bytes, recipient: str, at: datetime) -> Mail:
    mail = _parsed(content)
    part = mail.get_body(("plain",))
    return Mail(
        recipient=recipient.lower(),
        at=at,
        reply_to=parseaddr(str(mail["Reply-To"] or mail["From"]))[1],
        subject=str(mail["Subject"]),
        text=part.get_content().replace("\r\n", "\n").strip() if isinstance(part, EmailMessage) else "",
        message_id=str(mail["Message-ID"]).strip(),
        references=tuple(str(mail["References"] or "").split()),
    )


def _parsed(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.SMTP)

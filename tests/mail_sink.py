"""The other side of a desk's mail: letters that customers write, and the relay that takes what the desk sends."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import NamedTuple
from uuid import uuid4

import aiosmtplib
from aiosmtpd.smtp import SMTP, Envelope, Session

ADDRESS = "help@desk.example"  # The desk's own.
AUTHSERV_ID = "mx.desk.example"  # What the desk's mail server calls itself where it says whether a sender is proven.


class Mail(NamedTuple):
    """A mail that arrived in the sink."""

    sender: str  # As the envelope says; empty: the null sender.
    recipient: str
    content: bytes

    @property
    def parsed(self) -> EmailMessage:
        message = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def id(self) -> str:
        return str(self.parsed["Message-ID"])

    @property
    def text(self) -> str:
        """Its plain part."""
        part = self.parsed.get_body(("plain",))
        assert part is not None
        return str(part.get_content())


class Sink:
    """The relay that the desk sends through; keeps what it accepts. A test may change `answer` and what follows it."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.answer = "250 2.0.0 OK"
        self.refuses = b""  # A mail that has this in it; empty: none.
        self.delay = 0.0  # Seconds between taking a mail and saying so.
        self.port = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's)
        content = envelope.content
        assert isinstance(content, bytes)
        assert len(envelope.rcpt_tos) == 1, "one recipient a transaction"
        if self.refuses and self.refuses in content:
            return "552 5.7.0 blocked for security reasons"
        if self.answer.startswith("2"):
            self.mails.append(Mail((envelope.mail_from or "").strip("<>"), envelope.rcpt_tos[0], content))
        await asyncio.sleep(self.delay)
        return self.answer

    def to(self, recipient: str) -> list[Mail]:
        """What this recipient got, in order."""
        return [mail for mail in self.mails if mail.recipient == recipient]

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["Sink"]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(self, loop=loop, enable_SMTPUTF8=True), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()


def letter(
    text: str,
    *,
    sender: str,
    subject: str = "Help",
    message_id: str = "",
    references: Sequence[str] = (),
    proven: bool = False,
    **fields: str,
) -> bytes:
    """A mail; `references` oldest first, of which it answers the last. Further fields with "_" for "-".

    `proven`: the desk's mail server found that it comes from the domain of its sender.
    """
    result = f"{AUTHSERV_ID}; dmarc=pass header.from={sender.rpartition('@')[2]}"
    head = {
        **({"Authentication-Results": result} if proven else {}),
        "From": sender,
        "To": ADDRESS,
        "Subject": subject,
        "Date": "Sun, 22 Nov 2026 08:00:00 +0000",
        "Message-ID": message_id or f"<{uuid4().hex}@mail.example>",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }
    if references:
        head |= {"In-Reply-To": references[-1], "References": " ".join(references)}
    head |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [*(f"{name}: {value}" for name, value in head.items()), "", *text.splitlines(), ""]
    return "\r\n".join(lines).encode()


DAEMON = "MAILER-DAEMON@mx.customer.example"


def bounce(recipient: str, *, about: str = "<lost@mx.customer.example>", **fields: str) -> bytes:
    """As a mail server says that it has no such user (RFC 3464), about a mail of this id; `fields` as in `letter`."""
    text = (
        f"--b\nContent-Type: text/plain\n\nThere is no {recipient}.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.customer.example\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {about}\n--b--"
    )
    kind = "multipart/report; report-type=delivery-status; boundary=b"
    return letter(text, sender=DAEMON, subject="Returned", Content_Type=kind, **fields)


async def deliver(content: bytes, *, sender: str, port: int, to: str = ADDRESS) -> str:
    """Hand a mail over to loopback's `port`, and return the last answer; raises what aiosmtplib does."""
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, timeout=60, start_tls=False)
    async with client:
        _, answer = await client.sendmail(sender, [to], content, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
    return answer


async def deliver_patiently(content: bytes, *, sender: str, port: int, to: str = ADDRESS) -> str:
    """As `deliver`, like a mail server: whatever has no 250 is sent again, the same bytes."""
    while True:
        try:
            return await deliver(content, sender=sender, port=port, to=to)
        except (aiosmtplib.SMTPException, OSError) as error:
            if isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= 500:
                raise
            await asyncio.sleep(0.1)

"""One client's SMTP or LMTP conversation: aiosmtpd's, with the gaps closed that hostile clients were seen to use.

Left as they are: the greeting, HELO, STARTTLS, RSET, NOOP, HELP, VRFY, QUIT. Our own are: addresses and limits, the
reading of DATA, time, what happens when a client drops, and what it hears of our trouble.
"""

import asyncio
import ssl
from collections.abc import Sequence
from typing import NamedTuple

import structlog
from aiosmtpd.smtp import SMTP, syntax

from ingest.smtp.data import Refused, read_mail
from ingest.smtp.gate import Gate
from ingest.smtp.handover import OURS, Handover
from ingest.smtp.mailboxes import Mailbox, Mailboxes, mails_for
from ingest.smtp.paths import path_in
from ingest.smtp.patience import Patience
from ingest.smtp.settings import SmtpSettings

log = structlog.get_logger()

_BUFFER = 64 * 1024  # Bytes that a reader holds before it stops the client; a mail comes in pieces of this size.
_FREELY = ("MAIL", "RCPT", "DATA", "RSET")  # Commands that mails need again and again.


class Desk(NamedTuple):
    """What all sessions of a listener share."""

    settings: SmtpSettings
    hostname: str
    tls: ssl.SSLContext | None
    mailboxes: Mailboxes
    gate: Gate
    handover: Handover


class SmtpSession(SMTP):
    """A connection, from its greeting to its end."""

    line_length_limit = _BUFFER

    def __init__(self, desk: Desk, loop: asyncio.AbstractEventLoop) -> None:
        settings = desk.settings
        limits = {"*": settings.commands} | dict.fromkeys(_FREELY, settings.messages * (settings.max_recipients + 1))
        super().__init__(
            desk,
            loop=loop,
            data_size_limit=settings.max_message,
            enable_SMTPUTF8=True,
            hostname=desk.hostname,
            ident="ESMTP",
            tls_context=desk.tls,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            command_call_limit=limits,
        )
        self._desk = desk
        self._peer = ""
        self._recipients: list[tuple[Mailbox, str]] = []
        self._mails = 0
        self._refusals = 0
        self._busy = False  # Whether a mail is in hand, from its DATA to its reply.
        self._patience = Patience(settings, loop.time())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Also called when TLS has begun, on the connection that is counted already."""
        again = self.transport is not None
        super().connection_made(transport)
        if again:
            return
        name = transport.get_extra_info("peername")
        self._peer = name[0] if isinstance(name, tuple) else ""
        if self._handler_coroutine is not None:
            self._handler_coroutine.add_done_callback(_look_at)
        if not self._desk.gate.enter(self, self._peer):
            self._say_and_close("421 4.7.0 Too many connections, try again later")

    def connection_lost(self, error: Exception | None) -> None:
        """What was handed over goes on without us."""
        self._desk.gate.leave(self)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Every byte is a sign of life."""
        self._patience.hear(self.loop.time(), len(data))
        super().data_received(data)

    def eof_received(self) -> bool | None:
        """A client that only stops sending still gets its replies; aiosmtpd would cancel what runs."""
        keep = asyncio.StreamReaderProtocol.eof_received(self)
        return False if self.session is not None and self.session.ssl is not None else keep

    def leave(self) -> None:
        """See `gate.Connection`."""
        if not self._busy:
            self._say_and_close("421 4.3.2 This system stops, try again later")

    def abort(self) -> None:
        """See `gate.Connection`."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    def _say_and_close(self, reply: str) -> None:
        transport = self.transport
        if not isinstance(transport, asyncio.WriteTransport) or transport.is_closing():
            return
        if transport.get_write_buffer_size():  # It does not read: it would keep the connection open for ever.
            transport.abort()
            return
        transport.write(reply.encode("ascii") + b"\r\n")
        transport.close()

    def _reset_timeout(self, duration: float | None = None) -> None:  # noqa: ARG002 (aiosmtpd's signature)
        """One timer for a connection's whole life; aiosmtpd sets one for each command, and none inside DATA."""
        self._patience.hear(self.loop.time())
        if self._timeout_handle is None:
            self._timeout_cb()

    def _timeout_cb(self) -> None:
        transport = self.transport
        if transport is not None and transport.is_closing():
            self.abort()
            return
        if reply := self._patience.verdict(self.loop.time()):
            self._say_and_close(reply)
        self._timeout_handle = self.loop.call_later(self._patience.tick, self._timeout_cb)

    async def push(self, status: str | bytes) -> None:
        """Say it; a client that is refused too often is sent away."""
        reply = status if isinstance(status, bytes) else status.encode("ascii", "replace")
        self._writer.write(reply + b"\r\n")
        if reply[:1] in (b"4", b"5"):
            self._refusals += 1
            if self._refusals > self._desk.settings.refusals:
                self._say_and_close("421 4.7.0 Too many errors")
        await self._writer.drain()

    async def handle_exception(self, error: Exception) -> str:
        """Never 5xx for our own failure, and never its text."""
        if isinstance(error, asyncio.IncompleteReadError | ConnectionError):  # The client left.
            self._writer.close()
            await self._writer.wait_closed()
        else:
            log.error("SMTP session failed because of a defect", error=type(error).__name__, exc_info=error)
        return OURS

    def _set_post_data_state(self) -> None:
        super()._set_post_data_state()  # type: ignore[no-untyped-call]  # aiosmtpd leaves it without annotations.
        self._recipients = []

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802 (aiosmtpd finds commands by these names)
        """SMTP's old greeting."""
        if self._desk.settings.protocol == "lmtp":
            await self.push("500 5.5.1 This is LMTP: say LHLO")
        else:
            await super().smtp_HELO(hostname)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        """SMTP's greeting."""
        await self._greet(hostname, "smtp", "500 5.5.1 This is LMTP: say LHLO")

    async def smtp_LHLO(self, hostname: str) -> None:  # noqa: N802
        """LMTP's greeting (RFC 2033, 4.1)."""
        await self._greet(hostname, "lmtp", "500 5.5.1 This is SMTP: say EHLO")

    async def _greet(self, hostname: str, protocol: str, otherwise: str) -> None:
        """Say what we can do. AUTH is not among it: whoever reaches us may bring mail for us, and nothing else."""
        if self._desk.settings.protocol != protocol or self.session is None:
            await self.push(otherwise)
            return
        if not hostname:
            await self.push("501 5.5.4 Say who you are")
            return
        self._set_post_data_state()
        self.session.extended_smtp = True
        self.session.host_name = hostname
        words = [self.hostname, f"SIZE {self._desk.settings.max_message}", "8BITMIME", "SMTPUTF8", "PIPELINING"]
        if self._desk.tls is not None and self.session.ssl is None:
            words.append("STARTTLS")
        await self.push("".join(f"250-{word}\r\n" for word in words) + "250 ENHANCEDSTATUSCODES")

    @syntax("MAIL FROM: <address>", extended=" [SP <mail-parameters>]")
    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        """Take the sender."""
        envelope = self.envelope
        if envelope is None or await self.check_helo_needed():
            return
        path = path_in("FROM:", arg)
        if path is None:
            await self.push("501 5.5.4 Syntax: MAIL FROM:<address>")
        elif envelope.mail_from is not None:
            await self.push("503 5.5.1 Nested MAIL command")
        elif not path.is_storable():
            await self.push("553 5.1.7 Malformed sender address")
        elif not path.has_mail_options():
            await self.push("555 5.5.4 MAIL parameters not recognized")
        elif path.declared_size() > self._desk.settings.max_message:
            await self.push("552 5.3.4 Message too big for this system")
        elif self._mails >= self._desk.settings.messages:
            self._say_and_close("421 4.7.0 Too many mails on one connection, connect again")
        else:
            envelope.mail_from = path.address
            await self.push("250 2.1.0 OK")

    @syntax("RCPT TO: <address>", extended=" [SP <mail-parameters>]")
    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        """Take a recipient, if it is one of ours."""
        if await self.check_helo_needed():
            return
        path = path_in("TO:", arg)
        if self.envelope is None or self.envelope.mail_from is None:
            await self.push("503 5.5.1 Need MAIL command")
        elif path is None or not path.address:
            await self.push("501 5.5.4 Syntax: RCPT TO:<address>")
        elif not path.is_storable():
            await self.push("553 5.1.3 Malformed recipient address")
        elif path.options:
            await self.push("555 5.5.4 RCPT parameters not recognized")
        elif len(self._recipients) >= self._desk.settings.max_recipients:
            await self.push("452 4.5.3 Too many recipients, send the others separately")
        else:
            await self._take_recipient(path.address)

    async def _take_recipient(self, address: str) -> None:
        mailbox = self._desk.mailboxes.find(address)
        if mailbox is None:
            await asyncio.sleep(self._desk.settings.refusal_delay.total_seconds())
            await self.push("550 5.1.1 No such mailbox here")
        elif not mailbox.allows(self._peer):
            await self.push("550 5.7.1 This mailbox takes no mail from your network")
        elif mailbox.accept is None:
            await self.push(OURS)
        else:
            self._recipients.append((mailbox, address))
            await self.push("250 2.1.5 OK")

    @syntax("DATA")
    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        """Take the mail, and say 250 once it is durable."""
        if await self.check_helo_needed():
            return
        if not self._recipients:
            await self.push("503 5.5.1 Need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        self._busy = True
        try:
            for reply in await self._receive():
                await self.push(reply)
        except Refused as refusal:
            await self._refuse(refusal)
        finally:
            self._busy = False
            self._patience.data_ends()
        self._set_post_data_state()
        if self._desk.gate.closing:
            self.leave()

    async def _receive(self) -> Sequence[str]:
        """The replies to one mail: one for all recipients, or over LMTP one for each (RFC 2033, 4.2)."""
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        self._patience.data_begins(self.loop.time())
        hold = self._desk.gate.hold()
        try:
            content = await read_mail(self._reader, self._desk.settings.max_message, hold)
        except BaseException:
            hold.release()
            raise
        self._patience.data_ends()
        self._mails += 1
        sender = (self.envelope.mail_from if self.envelope is not None else None) or ""
        mails = mails_for(self._recipients, content, sender, self._peer)
        self._patience.wait_for_us()
        replies = await self._desk.handover.deliver(list(mails.items()), hold)
        self._patience.wait_for_client(self.loop.time())
        if self._desk.settings.protocol == "lmtp":
            by_mailbox = dict(zip(mails, replies, strict=True))
            return [by_mailbox[mailbox] for mailbox, _ in self._recipients]
        return [next((reply for reply in replies if not reply.startswith("250")), replies[0])]

    async def _refuse(self, refusal: Refused) -> None:
        if refusal.hang_up:
            self._say_and_close(refusal.reply)
            return
        for _ in self._recipients if self._desk.settings.protocol == "lmtp" else (None,):
            await self.push(refusal.reply)


def _look_at(task: asyncio.Task[None]) -> None:
    """A client that dropped is no error to report; asyncio complains of one that nobody looked at."""
    if not task.cancelled():
        task.exception()

"""One client's connection: aiosmtpd's, with the gaps closed that hostile clients were seen to use.

Left as they are: the reading of bytes, TLS, RSET, NOOP, HELP, QUIT. Our own are: who is let in, how commands are read,
time, what happens when a client drops, and what it hears of our trouble. The commands of mail are in `session`.
"""

import asyncio
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import structlog
from aiosmtpd.smtp import SMTP, TLSSetupException

from ingest.smtp.gate import Gate
from ingest.smtp.handover import Handover
from ingest.smtp.mailboxes import Mailboxes
from ingest.smtp.patience import Patience
from ingest.smtp.rates import SenderRates
from ingest.smtp.refused import Refused
from ingest.smtp.room import Room
from ingest.smtp.settings import SmtpSettings
from store.blobs import Blobs

log = structlog.get_logger()

_BUFFER = 64 * 1024  # Bytes that a reader holds before it stops the client; a mail comes in pieces of this size.
_LONGEST_COMMAND = 2048  # Bytes; RFC 5321 4.5.3.1.4 asks for 512, and SIZE, BODY and SMTPUTF8 add to it.
_FREELY = ("MAIL", "RCPT", "DATA", "RSET")  # Commands that mails need again and again.
_WITHOUT_TLS = ("EHLO", "HELO", "LHLO", "NOOP", "QUIT", "STARTTLS")  # RFC 3207, 4.

TOO_MANY = "452 4.5.3 Too many recipients, send the others separately"

Command = Callable[[str | None], Awaitable[None]]


class Desk(NamedTuple):
    """What all connections of a listener share."""

    settings: SmtpSettings
    hostname: str
    tls: ssl.SSLContext | None
    mailboxes: Mailboxes
    gate: Gate
    handover: Handover
    blobs: Blobs
    room: Room
    rates: SenderRates


class SmtpConnection(SMTP):
    """From the greeting to the end, one command after the other."""

    line_length_limit = _BUFFER

    def __init__(self, desk: Desk, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            desk,
            loop=loop,
            data_size_limit=desk.settings.max_message,
            enable_SMTPUTF8=True,
            hostname=desk.hostname,
            ident="ESMTP",
            tls_context=desk.tls,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
        )
        self._desk = desk
        self._peer = ""
        self._spoke = asyncio.Event()  # Whether the client has said anything.
        self._said: Counter[str] = Counter()
        self._refusals = 0
        self._busy = False  # Whether a mail is in hand, from its DATA to its reply.
        self._patience = Patience(desk.settings, loop.time())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Also called when TLS has begun, on the connection that is counted already."""
        again = self.transport is not None
        super().connection_made(transport)
        if again:
            return
        name = transport.get_extra_info("peername")
        self._peer = name[0] if isinstance(name, tuple) else ""
        if self._handler_coroutine is not None:
            self._handler_coroutine.add_done_callback(self._ended)
        if not self._desk.gate.enter(self, self._peer):
            self._say_and_close("421 4.7.0 Too many connections, try again later")
        elif self._desk.handover.is_slow:
            self._say_and_close("421 4.3.2 Too busy here, try again later")

    def connection_lost(self, error: Exception | None) -> None:
        """What was handed over goes on without us."""
        self._desk.gate.leave(self)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Every byte is a sign of life."""
        self._spoke.set()
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
        transport.write(reply.encode("ascii", "replace") + b"\r\n")
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
        if reply := self._patience.verdict(self.loop.time(), crowded=self._desk.gate.crowded):
            self._say_and_close(reply)
        self._timeout_handle = self.loop.call_later(self._patience.tick, self._timeout_cb)

    async def push(self, status: str | bytes) -> None:
        """Say it; a client that is refused too often is sent away."""
        reply = status if isinstance(status, bytes) else status.encode("ascii", "replace")
        self._writer.write(reply + b"\r\n")
        if reply[:1] in (b"4", b"5") and status != TOO_MANY:  # Which honest clients hear many times over.
            self._refusals += 1
            if self._refusals > self._desk.settings.refusals:
                self._say_and_close("421 4.7.0 Too many errors")
        await self._writer.drain()

    async def _handle_client(self) -> None:
        """One command after the other. The loop of aiosmtpd ends them at a bare LF, and greets who speaks already."""
        try:
            await self._greet_first()
            while self.transport is not None and not self.transport.is_closing():
                try:
                    await self._obey(await self._next_line())
                except Refused as refusal:
                    if refusal.hang_up:
                        self._say_and_close(refusal.reply)
                        return
                    await self.push(refusal.reply)
        except (asyncio.IncompleteReadError, ConnectionError):  # The client left.
            self._writer.close()

    async def _greet_first(self) -> None:
        """Only a program that does not listen to us speaks before we do; so speak most that send unwanted mail."""
        try:
            await asyncio.wait_for(self._spoke.wait(), self._desk.settings.greeting_delay.total_seconds())
        except TimeoutError:
            if self.transport is not None and not self.transport.is_closing():
                await self.push(f"220 {self.hostname} ESMTP")
        else:
            self._say_and_close("554 5.5.1 You spoke before the greeting: wait for it (RFC 5321, 4.3.1)")

    async def _next_line(self) -> bytes:
        """A command, less its CRLF. Raises Refused for one that does not end so, or does not end."""
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.LimitOverrunError:
            line = b""
        if not line or len(line) > _LONGEST_COMMAND:
            raise Refused("500 5.5.6 Command line too long", hang_up=True)
        if line[-2:] != b"\r\n" or b"\r" in line[:-2]:
            raise Refused("500 5.5.2 Commands end with CR LF, and with that alone (RFC 5321, 2.3.8)", hang_up=True)
        return line[:-2]

    async def _obey(self, line: bytes) -> None:
        verb, _, argument = line.partition(b" ")
        name = verb.upper().decode("ascii", "replace")
        command: Command | None = self._smtp_methods.get(name)
        if command is None:
            raise Refused("500 5.5.1 Command not recognized")
        settings = self._desk.settings
        self._said[name] += 1
        most = settings.messages * (settings.max_recipients + 1) if name in _FREELY else settings.commands
        if self._said[name] > most:
            raise Refused(f"421 4.7.0 {name} sent too many times", hang_up=True)
        unsafe = settings.tls is not None and settings.tls.required and self._tls_protocol is None
        if unsafe and name not in _WITHOUT_TLS:
            raise Refused("530 5.7.0 Say STARTTLS first: mail is taken under TLS alone here")
        self._patience.hear(self.loop.time())
        # Senders use UTF-8 whether they have declared it or not; other bytes must survive until they are refused.
        await command(argument.strip().decode("utf-8", "surrogateescape") or None)

    async def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802 (aiosmtpd finds commands by these names)
        """Begin TLS; what was said in the clear is forgotten (RFC 3207, 4.2). A failed start ends the connection."""
        if self._tls_protocol is not None:
            raise Refused("503 5.5.1 TLS is active already")
        in_clear = self.transport
        try:
            async with asyncio.timeout(self._desk.settings.idle.total_seconds()):
                await super().smtp_STARTTLS(arg)
        except (TimeoutError, TLSSetupException):
            failed = True
        else:
            failed = self._tls_protocol is not None and (self.session is None or self.session.ssl is None)
        if failed:
            log.info("TLS was not agreed on")
            if isinstance(in_clear, asyncio.WriteTransport):
                in_clear.abort()
            self.connection_lost(None)  # asyncio tells nobody of a connection that is lost within the handshake.

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A client that dropped is no error; a defect costs one connection, and its text stays here."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("SMTP session failed because of a defect", error=type(error).__name__, exc_info=error)
            self._say_and_close("421 4.3.0 Temporary failure here, try again later")

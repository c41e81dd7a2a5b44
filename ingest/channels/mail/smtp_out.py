"""Hands a mail to the relay, one recipient a transaction, and says how far it got (RFC 5321, 4.5.3.2 and 6.1)."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

import aiosmtplib
import structlog
from aiosmtplib import SMTPException, SMTPResponseException

from ingest.channels.mail.compose import envelope_and_mail
from ingest.channels.mail.headers import Headers, one_line, split_header
from ingest.channels.mail.identity import is_address, wire_address
from ingest.channels.mail.send_settings import Send
from store.errors import DeskwireError, InDoubt, Permanent, Temporary
from store.outgoing import Receipt
from store.tokens import masked

log = structlog.get_logger()

_REFUSED = 500  # Replies from here on are final (RFC 5321, 4.2.1).
_OUR_LOGIN = frozenset((530, 534, 535, 538))  # RFC 4954, 6: it is our login that is wrong, not the mail.
_DOTS = re.compile(rb"^\.", re.MULTILINE)
_LOOK = 0.01  # Seconds between looks at whether a large mail has left.
_BLOCK = 256 * 1024  # Bytes of it that may take one `timeout` (RFC 5321, 4.5.3.2.5: for each block).
_DETAIL = 200  # Characters that are kept of what the relay says.


Mark = Callable[[], Awaitable[None]]


class Progress(NamedTuple):
    """One attempt's mail."""

    sender: str  # Where a bounce goes; empty: the null sender, so that none of an acknowledgement's comes back.
    own: str  # The mailbox itself, for a relay that knows no other sender.
    recipient: str
    lines: bytes  # With dots doubled, ending in CRLF.
    message_id: str


class Relay:
    """Connections to one relay, reused while they are fresh."""

    def __init__(self, settings: Send, address: str) -> None:
        """`address` is the channel's: where bounces of answers go. Does no I/O."""
        self._settings = settings
        self._address = wire_address(address)
        self._slots = asyncio.Semaphore(settings.connections)
        self._idle: dict[aiosmtplib.SMTP, asyncio.TimerHandle] = {}

    async def send(self, payload: bytes, address: str, mark: Mark | None = None) -> Receipt:
        """Send a composed mail; returns once the relay has it. The relay cannot have it before `mark` returns.

        Raises Temporary where it certainly was not taken and may be later, Permanent where it is refused, InDoubt where
        its end was sent and no answer came.
        """
        mail = _progress(payload, address, self._address)
        async with self._slot():
            while self._idle:
                client, timer = self._idle.popitem()
                timer.cancel()
                if client.is_connected and await _is_alive(client):
                    return await self._send(client, mail, mark)
            return await self._send(await self._connect(), mail, mark)

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """One of the connections; whoever waits too long for it knows at least that nothing was sent."""
        try:
            async with asyncio.timeout(self._settings.timeout.total_seconds()):
                await self._slots.acquire()
        except TimeoutError as error:
            raise Temporary("all connections to the relay are busy: allow more `connections` if it is slow") from error
        try:
            yield
        finally:
            self._slots.release()

    async def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            client, timer = self._idle.popitem()
            timer.cancel()
            client.close()

    async def _send(self, client: aiosmtplib.SMTP, mail: Progress, mark: Mark | None) -> Receipt:
        """One transaction; the connection is kept only where nothing went wrong."""
        try:
            await _begin(client, mail)
            await _write(client, mail.lines, self._settings.timeout.total_seconds())
            if mark is not None:
                await mark()
            answer = await _end(client, self._settings.final_timeout.total_seconds())
        except BaseException:
            client.close()
            raise
        self._idle[client] = asyncio.get_running_loop().call_later(
            self._settings.keep.total_seconds(), self._drop, client
        )
        return Receipt(external_id=mail.message_id, detail=answer)

    def _drop(self, client: aiosmtplib.SMTP) -> None:
        self._idle.pop(client, None)
        client.close()

    async def _connect(self) -> aiosmtplib.SMTP:
        """A connection that is ready for MAIL; every failure is Temporary, since no mail is to blame for it."""
        settings = self._settings
        host, _, port = settings.smtp.rpartition(":")
        client = aiosmtplib.SMTP(
            hostname=host.strip("[]"),
            port=int(port),
            timeout=settings.timeout.total_seconds(),
            use_tls=settings.tls == "tls",
            start_tls=settings.tls == "starttls",
            tls_context=_tls_context(settings),
            local_hostname=self._address.rpartition("@")[2],
        )
        async with _unsent(client, _ours):
            await client.connect()
            if settings.password is not None:
                await client.login(settings.user or self._address, settings.password.get_secret_value())
        return client


def _progress(payload: bytes, address: str, own: str) -> Progress:
    """Raises Permanent for an address that could not stand in a command."""
    if not is_address(address):
        raise Permanent("a mail was to be sent to something that is no plain mail address: correct the address")
    sender, mail = envelope_and_mail(payload)
    lines = _DOTS.sub(b"..", mail if mail.endswith(b"\r\n") else mail + b"\r\n")
    headers = Headers(split_header(mail)[0])
    message_id = next(iter(headers.ids("message-id")), "")
    if sender is None:  # An earlier release queued it: a courtesy has the null sender (RFC 3834, 3.3) all the same.
        sender = "" if headers.keyword("auto-submitted") == "auto-replied" else own
    return Progress(sender, own, wire_address(address), lines, message_id)


async def _is_alive(client: aiosmtplib.SMTP) -> bool:
    """Whether the relay still listens on a connection that was idle."""
    try:
        return (await client.rset()).code < _REFUSED
    except (SMTPException, OSError):
        client.close()
        return False


async def _begin(client: aiosmtplib.SMTP, mail: Progress) -> None:
    """Up to the relay's word that the mail may come."""
    options = [] if f"{mail.recipient}{mail.sender}".isascii() else ["SMTPUTF8"]
    if options and not await _takes_utf8(client):
        raise Permanent("the relay takes no addresses with letters beyond ASCII (SMTPUTF8): use another address")
    encoding = "utf-8" if options else "ascii"
    await _name_sender(client, mail, options, encoding)
    async with _unsent(client, _refusal):
        await client.rcpt(mail.recipient, encoding=encoding)
        ready = await client.execute_command(b"DATA")
        if ready.code != 354:  # noqa: PLR2004 (RFC 5321, 4.2.3: start mail input)
            raise SMTPResponseException(ready.code, ready.message)


async def _name_sender(client: aiosmtplib.SMTP, mail: Progress, options: list[str], encoding: str) -> None:
    """Some relays take the mailbox alone for a sender: bounces are then told apart by the Message-IDs they quote."""
    async with _unsent(client, _ours):
        try:
            await client.mail(mail.sender, options=options, encoding=encoding)
        except SMTPResponseException as error:
            if error.code < _REFUSED or error.code in _OUR_LOGIN or mail.sender == mail.own:
                raise
            log.info("relay refuses the bounce address", code=error.code)
            await client.mail(mail.own, options=options, encoding=encoding)


async def _takes_utf8(client: aiosmtplib.SMTP) -> bool:
    async with _unsent(client, _ours):
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
        return client.supports_extension("smtputf8")


async def _write(client: aiosmtplib.SMTP, lines: bytes, timeout: float) -> None:  # noqa: ASYNC109 (of each block)
    """Everything but the lone dot. Until that is written the relay has nothing that it may keep."""
    async with _unsent(client, _refusal):
        protocol, transport = client.protocol, client.transport
        if protocol is None or not isinstance(transport, asyncio.WriteTransport):
            raise ConnectionResetError("the connection was closed")
        protocol.write(lines)
        while left := transport.get_write_buffer_size():
            async with asyncio.timeout(timeout):
                # A transport tells nobody how much has left it.
                while transport.get_write_buffer_size() > max(0, left - _BLOCK):  # noqa: ASYNC110
                    await asyncio.sleep(_LOOK)
        if transport.is_closing():
            raise ConnectionResetError("the connection was closed")


async def _end(client: aiosmtplib.SMTP, patience: float) -> str:
    """Write the lone dot, and wait for the relay to take the mail over. From here on silence is doubt."""
    protocol = client.protocol
    if protocol is None:
        raise Temporary("the relay closed the connection before the end of the mail")
    try:
        protocol.write(b".\r\n")
        answer = await protocol.read_response(timeout=patience)
    except (SMTPException, OSError, TimeoutError) as error:
        raise InDoubt(f"the relay was given the whole mail and did not answer ({type(error).__name__})") from error
    if answer.code >= 400:  # noqa: PLR2004 (RFC 5321, 4.2.1: not taken)
        raise _refusal(answer.code, answer.message)
    return _said(answer.code, answer.message)


@asynccontextmanager
async def _unsent(client: aiosmtplib.SMTP, refusal: Callable[[int, str], DeskwireError]) -> AsyncIterator[None]:
    """Whatever goes wrong in here, the mail has not been sent. `refusal` says what a reply of the relay's means."""
    try:
        yield
    except SMTPResponseException as error:
        client.close()
        raise refusal(error.code, error.message) from error
    except (SMTPException, OSError, TimeoutError, ValueError) as error:
        client.close()
        raise Temporary(f"the relay could not be given the mail ({type(error).__name__}: {error})") from error


def _refusal(code: int, text: str) -> DeskwireError:
    """What a reply to a mail or to its recipient means."""
    if code >= _REFUSED and code not in _OUR_LOGIN:
        return Permanent(f"the relay refuses the mail: {_said(code, text)}")
    return _ours(code, text)


def _ours(code: int, text: str) -> DeskwireError:
    """A refusal of us (a login, our address, too many mails), which no mail is to be given up for."""
    if code >= _REFUSED:
        return Temporary(f"the relay refuses us ({_said(code, text)}): correct this channel's `send`")
    return Temporary(f"the relay does not take the mail now: {_said(code, text)}")


def _said(code: int, text: str) -> str:
    return masked(one_line(f"{code} {text}"))[:_DETAIL]  # Relays repeat the sender, which holds a token.


def _tls_context(settings: Send) -> ssl.SSLContext | None:
    """Certificates are always checked; raises Temporary where the file of authorities cannot be read."""
    if settings.tls == "none":
        return None
    context = ssl.create_default_context()
    try:
        if settings.ca is not None:
            context.load_verify_locations(settings.ca)
    except OSError as error:
        raise Temporary(f"the authorities in {settings.ca} cannot be read ({error}): correct `ca`") from error
    return context

"""The commands of SMTP and LMTP that bring mail, on a connection: greeting, sender, recipients, the mail itself."""

import asyncio
from collections.abc import Sequence

from aiosmtpd.smtp import syntax

from ingest.smtp.body import Body
from ingest.smtp.connection import TOO_MANY, Desk, SmtpConnection
from ingest.smtp.data import read_mail
from ingest.smtp.handover import OURS, Incoming
from ingest.smtp.mailboxes import Mailbox
from ingest.smtp.paths import Path, path_in
from ingest.smtp.refused import Refused
from store.errors import StorageBroken


class SmtpSession(SmtpConnection):
    """What a client may say, and what it brings."""

    def __init__(self, desk: Desk, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(desk, loop)
        self._recipients: list[tuple[Mailbox, str]] = []
        self._mails = 0

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
        else:
            self._admit(path)
            envelope.mail_from = path.address
            await self.push("250 2.1.0 OK")

    def _admit(self, path: Path) -> None:
        """Whether there is room for one more mail, of this size and by this sender; raises Refused."""
        desk = self._desk
        if path.declared_size() > desk.settings.max_message:
            raise Refused("552 5.3.4 Message too big for this system")
        if self._mails >= desk.settings.messages:
            raise Refused("421 4.7.0 Too many mails on one connection, connect again", hang_up=True)
        if not desk.room.is_left():
            raise Refused("452 4.3.1 No room for mail now, try again later")
        if not desk.rates.allows(path.address, self.loop.time()):
            raise Refused("450 4.7.1 Too many mails of this sender, try again later")

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
            await self.push(TOO_MANY)
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
        body = Body(self._desk.blobs, self._desk.gate.hold())
        try:
            await read_mail(self._reader, self._desk.settings.max_message, body)
        except BaseException as error:
            await body.drop()
            if isinstance(error, StorageBroken):
                self._desk.handover.give_up(error)
                raise Refused(OURS, hang_up=True) from error
            raise
        self._patience.data_ends()
        self._mails += 1
        sender = (self.envelope.mail_from if self.envelope is not None else None) or ""
        self._desk.rates.count(sender, self.loop.time())
        self._patience.wait_for_us()
        replies = await self._desk.handover.deliver(Incoming(body, tuple(self._recipients), sender, self._peer))
        self._patience.wait_for_client(self.loop.time())
        if self._desk.settings.protocol == "lmtp":
            return [replies[mailbox] for mailbox, _ in self._recipients]
        return [max(replies.values(), key=lambda reply: not reply.startswith("250"))]

    async def _refuse(self, refusal: Refused) -> None:
        if refusal.hang_up:
            raise refusal
        for _ in self._recipients if self._desk.settings.protocol == "lmtp" else (None,):
            await self.push(refusal.reply)

    @syntax("VRFY <address>")
    async def smtp_VRFY(self, arg: str | None) -> None:  # noqa: N802
        """Tell nobody who is here (RFC 5321, 7.3)."""
        await self.push("252 2.5.0 Send mail, and hear then whether it is taken" if arg else "501 5.5.4 Syntax: VRFY")

    async def smtp_EXPN(self, arg: str | None) -> None:  # noqa: ARG002, N802
        """There are no lists."""
        await self.push("502 5.5.1 EXPN is not offered")

    async def smtp_AUTH(self, arg: str | None) -> None:  # noqa: ARG002, N802
        """Whoever reaches us may bring mail for us, and nothing else: nobody has to say who they are."""
        await self.push("502 5.5.1 AUTH is not offered")

"""A mailbox: mail comes in over our own SMTP listener or is fetched by IMAP, and leaves through a relay."""

import asyncio
import contextlib
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network
from typing import Self

import msgspec
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from starlette.routing import BaseRoute

from ingest.channel import Capabilities, ChannelSettings, Parts
from ingest.channels.mail.compose import LONGEST_TEXT, Sender, compose, envelope_and_mail
from ingest.channels.mail.decode import Decoding
from ingest.channels.mail.dkim import Signer, private_key
from ingest.channels.mail.identity import is_address, wire_address
from ingest.channels.mail.imap_account import Account
from ingest.channels.mail.imap_sent import SentFolder
from ingest.channels.mail.imap_settings import ImapSettings
from ingest.channels.mail.order import message_id_of
from ingest.channels.mail.send_settings import Send
from ingest.channels.mail.smtp_out import Mark, Relay
from ingest.intake import Intake
from ingest.smtp import SmtpMail
from store.errors import Permanent
from store.outgoing import Outgoing, Receipt
from store.records import Address, Envelope, Fact

DECODER = "ingest.channels.mail.decode:decode"
EXTRACTOR = "ingest.channels.mail.attachments:attachment_bytes"


class ReceiveSmtp(BaseModel):
    """Mail that other servers bring to our listener."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    allow_from: tuple[IPv4Network | IPv6Network, ...] = Field(
        (), description="Networks that mail may come from, such as 10.20.0.0/16; empty: all."
    )


class Receive(ImapSettings):
    """How mail comes in: to the SMTP listener, or from a mailbox that we read."""

    smtp: ReceiveSmtp | None = Field(
        None, description="Take mail for our addresses on the SMTP listener; {} takes it from everybody."
    )

    @model_validator(mode="after")
    def _comes_somehow(self) -> Self:
        if self.smtp is None and not self.imap:
            raise ValueError(
                "mail comes in by `smtp` or by `imap`, and neither is there: write smtp: {}, or imap: HOST"
            )
        return self


class Authentication(BaseModel):
    """Whose word about the origin of a mail is believed (RFC 8601)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    authserv_id: str = Field(
        min_length=1,
        description="The name that your own mail server writes first into Authentication-Results. It must remove such "
        "fields that carry its name and come from outside.",
    )
    hops: int = Field(
        0,
        ge=0,
        le=10,
        description="How many Received fields stand above the results in a mail that your servers pass on to us.",
    )

    @field_validator("authserv_id")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        """In lower case; with a space or a semicolon in it no field would ever be believed (RFC 8601, 2.2)."""
        plain = name.strip().lower()
        if any(sign.isspace() or sign in ';"' for sign in plain):
            raise ValueError(
                f'"{name}" is no name of a server: '
                "write what stands first in Authentication-Results, before the semicolon"
            )
        return plain


class Settings(ChannelSettings):
    """A mailbox under `channels:`."""

    address: str = Field(description="The address that customers write to, and that answers come from.")
    aliases: tuple[str, ...] = Field((), description="Other addresses whose mail is this channel's.")
    from_name: str = Field("", description="The name beside the address; empty: the desk's.")
    receive: Receive | None = Field(None, description="How mail comes in; nothing: this channel only sends.")
    send: Send | None = Field(None, description="The relay that mails leave through; nothing: it only receives.")
    authentication: Authentication | None = Field(
        None, description="Whose Authentication-Results are believed; nothing: no sender is ever proven."
    )
    plus_addressing: bool = Field(
        True,
        description="Whether address+anything@domain reaches the mailbox, so that answers can be told apart by it.",
    )

    @field_validator("address", "aliases")
    @classmethod
    def _are_addresses(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for address in (value,) if isinstance(value, str) else value:
            if not is_address(address) or "+" in address:
                raise ValueError(f'"{address}" is no plain address: write one such as "help@example.org"')
        return value.lower() if isinstance(value, str) else tuple(address.lower() for address in value)

    @field_validator("send")
    @classmethod
    def _signs_for_itself(cls, send: Send | None, info: ValidationInfo) -> Send | None:
        address = info.data.get("address", "")
        domain = send.dkim.domain if send is not None and send.dkim is not None else ""
        if domain and address and not f".{address.rpartition('@')[2]}".endswith(f".{domain}"):
            raise ValueError(
                f'mails from {address} cannot be signed as "{domain}": receivers look for the domain of the address, '
                "or one above it; leave `domain` out, or correct it"
            )
        return send

    @property
    def domain(self) -> str:
        """The address's."""
        return self.address.rpartition("@")[2]

    @property
    def claims(self) -> Sequence[str]:
        """All addresses."""
        return (self.address, *self.aliases)

    @property
    def sends_to(self) -> str:
        """Mailboxes, through its relay."""
        return "mail" if self.send is not None else ""

    @property
    def takes_smtp(self) -> bool:
        """Whether it needs the SMTP listener."""
        return self.receive is not None and self.receive.smtp is not None

    @property
    def believes_anybody(self) -> bool:
        """Whether results are believed that no server of ours need have written: the client may be a stranger."""
        smtp = self.receive.smtp if self.receive is not None else None
        return smtp is not None and self.authentication is not None and not smtp.allow_from

    @property
    def hears_staff(self) -> bool:
        """Whether it receives mail whose origin is checked."""
        return self.receive is not None and self.authentication is not None


class MailChannel:
    """One mailbox."""

    capabilities = Capabilities(longest_text=LONGEST_TEXT, subjects=True, threads=True, files=True)

    def __init__(self, name: str, settings: Settings, parts: Parts) -> None:
        """`open_channel` makes it."""
        self.name = name
        self._settings = settings
        self._listener = parts.smtp
        loop = hmac.new(parts.key, b"deskwire loop v1", hashlib.sha256).hexdigest()[:20]
        self._sender = Sender(
            address=settings.address,
            name=settings.from_name or parts.site.name,
            key=parts.key,
            loop=loop,
            plus_addressing=settings.plus_addressing,
            signer=_signer(settings),
        )
        self._relay = Relay(settings.send, settings.address) if settings.send is not None else None
        receive = settings.receive
        self._mailbox = (
            parts.smtp.reserve(settings.claims, receive.smtp.allow_from)
            if receive is not None and receive.smtp is not None and parts.smtp is not None
            else None
        )
        self._account = (
            Account(name, settings.address, receive, parts.database, now=lambda: datetime.now(UTC))
            if receive is not None and receive.imap
            else None
        )
        self._sent = (
            SentFolder(name, receive.user or settings.address, receive)
            if receive is not None and receive.imap
            else None
        )

    @property
    def addresses(self) -> Sequence[Address]:
        """What comes from these is our own."""
        return [Address(kind="mail", value=address) for address in self._settings.claims]

    @property
    def decoding(self) -> msgspec.Struct:
        """The addresses, whom to believe, and the facts of every message."""
        settings = self._settings
        trusted = settings.authentication
        return Decoding(
            addresses=tuple(settings.claims),
            authserv_id=trusted.authserv_id if trusted is not None else "",
            hops=trusted.hops if trusted is not None else 0,
            loop=self._sender.loop,
            facts=tuple(Fact(name=name, value=value) for name, value in settings.sets.items()),
        )

    async def receive(self, intake: Intake) -> None:
        """Take the mail of our addresses until cancelled; a client hears 250 once `intake` has it."""

        async def accept(mail: SmtpMail) -> str:
            return await intake.accept(
                channel=self.name,
                source=mail.sender.lower() or message_id_of(mail.content.header),
                payload=mail.content.whole,
                content_type="message/rfc822",
                envelope=Envelope(sender=mail.sender, recipients=mail.recipients, peer=mail.peer),
            )

        with contextlib.ExitStack() as stack:
            if self._mailbox is not None and self._listener is not None:
                stack.enter_context(self._listener.claim(self._mailbox, accept))
            if self._account is not None:
                await self._account.run(intake)
            await asyncio.Event().wait()

    def prepare(self, outgoing: Outgoing) -> bytes:
        """The whole mail; see `compose`."""
        if self._relay is None:
            raise Permanent(f"the channel {self.name} cannot send: give it a relay, as `send: {{smtp: host:port}}`")
        return compose(outgoing, self._sender)

    async def send(self, payload: bytes, address: str) -> Receipt:
        """Hand the mail to the relay; see `Relay.send`."""
        if self._relay is None:
            raise Permanent(f"the channel {self.name} cannot send: give it a relay, as `send: {{smtp: host:port}}`")
        receipt = await self._relay.send(payload, address)
        if self._sent is not None:
            self._sent.keep(envelope_and_mail(payload)[1])
        return receipt

    async def send_marked(self, payload: bytes, address: str, mark: Mark) -> Receipt:
        """As `send`, for courtesies: the relay cannot have the mail before `mark` returns, and no copy is kept."""
        if self._relay is None:
            raise Permanent(f"the channel {self.name} cannot send: give it a relay, as `send: {{smtp: host:port}}`")
        return await self._relay.send(payload, address, mark)

    def routes(self) -> Sequence[BaseRoute]:
        """None."""
        return ()

    async def close(self) -> None:
        """Close the connections to the relay, after a moment for copies of what was sent."""
        if self._sent is not None:
            await self._sent.close()
        if self._relay is not None:
            await self._relay.close()


def open_channel(name: str, settings: Settings, parts: Parts) -> MailChannel:
    """The configured mailbox; does no I/O. Raises Permanent where another channel has one of its addresses."""
    return MailChannel(name, settings, parts)


def _signer(settings: Settings) -> Signer | None:
    dkim = settings.send.dkim if settings.send is not None else None
    if dkim is None:
        return None
    domain = wire_address(f"x@{dkim.domain or settings.domain}").rpartition("@")[2]
    return Signer(domain, dkim.selector, private_key(dkim.key.get_secret_value()))

"""How mail may be handed to us over SMTP or LMTP."""

import ssl
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ingest.loopback import is_loopback
from store.durations import Delay, Duration
from store.errors import Permanent
from store.files import NamedFile
from store.sizes import Size

_MIB = 1024 * 1024
_HIGHEST_PORT = 65_535


class TlsSettings(BaseModel):
    """The certificate that STARTTLS is offered with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cert: NamedFile = Field(description="PEM file with our certificate and those above it.")
    key: NamedFile = Field(description="PEM file with the certificate's private key.")
    required: bool = Field(False, description="Whether mail is taken under TLS alone (RFC 3207, 4).")

    def context(self) -> ssl.SSLContext:
        """What STARTTLS needs. Reads the files; raises Permanent where they cannot be used."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_RENEGOTIATION  # It costs the server more than the client.
        try:
            context.load_cert_chain(self.cert, self.key)
        except OSError as error:  # SSLError is one.
            raise Permanent(
                f"the certificate {self.cert} and its key cannot be used ({error}): give the PEM files of a "
                "matching pair that this process may read"
            ) from error
        return context

    def valid_until(self) -> datetime:
        """When our certificate expires. Reads the file, which `context` has found to be one."""
        from cryptography import x509  # noqa: PLC0415 (a listener without TLS needs none of it)

        return x509.load_pem_x509_certificates(self.cert.read_bytes())[0].not_valid_after_utc


class SmtpSettings(BaseModel):
    """The listener. Its limits are what a small desk needs, and what hostile clients were seen to be stopped by."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    listen: str = Field("127.0.0.1:2525", description='Where to listen: "host:port"; port 0 takes any that is free.')
    protocol: Literal["smtp", "lmtp"] = Field("smtp", description="`lmtp` for a mail server beside us (RFC 2033).")
    hostname: str = Field("", description="Our name in the greeting; empty: this machine's.")
    tls: TlsSettings | None = Field(None, description="A certificate: STARTTLS is offered then; nothing: it is not.")
    max_message: Size = Field(25 * _MIB, description="The largest mail that is taken.")
    max_recipients: int = Field(100, gt=0, description="Recipients of one mail (RFC 5321, 4.5.3.1.8: at least 100).")
    max_in_flight: Size = Field(
        256 * _MIB, description="Memory that all mails may take that are being received at once; large ones go to disk."
    )
    min_free: Size = Field(
        1024 * _MIB,
        description="Room on the disk below which no mail is taken; never less than 1.5 mails of the limit.",
    )
    connections: int = Field(200, gt=0, description="Connections at once, of all clients.")
    per_client: int = Field(20, gt=0, description="Connections at once of one network address.")
    per_network: int = Field(60, gt=0, description="Connections at once of one network: IPv4 /24, IPv6 /64.")
    per_sender: int = Field(200, gt=0, description="Mails of one envelope sender in an hour; bounces are not counted.")
    messages: int = Field(1_000, gt=0, description="Mails on one connection.")
    commands: int = Field(30, gt=0, description="Commands of each kind that carry no mail, on one connection.")
    refusals: int = Field(20, gt=0, description="Refused commands on one connection, before it is closed.")
    refusal_delay: Delay = Field(
        timedelta(seconds=1), description="The pause before a 550 for an unknown recipient: guessing is slow."
    )
    greeting_delay: Delay = Field(
        timedelta(seconds=0.1),
        description="The pause before our greeting: a client that speaks into it is no mail server.",
    )
    idle: Duration = Field(timedelta(minutes=1), description="Silence after which a connection is closed.")
    stress_idle: Duration = Field(
        timedelta(seconds=10), description="The same while more than four fifths of `connections` are taken."
    )
    total: Duration = Field(timedelta(minutes=10), description="How long one mail may take to arrive.")
    min_rate: int = Field(100, ge=0, description="Bytes a second that a mail must bring after its first 30 s.")
    publish_wait: Duration = Field(
        timedelta(seconds=30), description="How long a client waits for its mail to be durable, before it hears 451."
    )
    drain: Duration = Field(
        timedelta(seconds=30), description="How long mails in hand may still take when the desk stops."
    )

    @field_validator("listen")
    @classmethod
    def _is_a_place(cls, listen: str) -> str:
        _, colon, port = listen.rpartition(":")
        if not colon or not port.isdecimal() or int(port) > _HIGHEST_PORT:
            raise ValueError(f'"{listen}" is nowhere to listen: write host and port, such as "127.0.0.1:2525"')
        return listen

    @property
    def is_local(self) -> bool:
        """Whether only programs of this machine can connect."""
        return is_loopback(self.place()[0])

    def place(self) -> tuple[str, int]:
        """Host and port to listen on."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

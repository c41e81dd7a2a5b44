"""The settings of a mailbox's way out: the relay, and the key that its mails are signed with."""

import re
from datetime import timedelta
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ingest.channels.mail.dkim import private_key
from ingest.channels.mail.identity import is_address
from ingest.loopback import is_loopback
from store.durations import Duration
from store.files import NamedFile
from store.secrets import Secret

_HIGHEST_PORT = 65_535
_SELECTOR = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9_-]{1,63}){0,5}"
)  # RFC 6376, 3.1.


class Dkim(BaseModel):
    """The signature that receivers look for (RFC 6376)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    selector: str = Field(
        description="The public key stands in DNS at SELECTOR._domainkey.DOMAIN, as a TXT record.",
    )
    key: Secret = Field(description="The private key, RSA or Ed25519 in PEM form, as file:/path or ${NAME}.")
    domain: str = Field(
        "", description="Whose signature it is: the address's domain or one above it; empty: the address's."
    )

    @field_validator("selector")
    @classmethod
    def _is_a_name(cls, selector: str) -> str:
        if not _SELECTOR.fullmatch(selector):
            raise ValueError(f'"{selector}" is no selector: write the name that stands before ._domainkey in DNS')
        return selector

    @field_validator("domain")
    @classmethod
    def _is_a_domain(cls, domain: str) -> str:
        if domain and not is_address(f"x@{domain}"):
            raise ValueError(f'"{domain}" is no domain: write one such as "example.org"')
        return domain.lower()

    @field_validator("key")
    @classmethod
    def _is_a_key(cls, key: Secret) -> Secret:
        private_key(key.get_secret_value())
        return key


class Send(BaseModel):
    """The relay that mails leave through."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    smtp: str = Field(description='The relay: "host:port".')
    user: str = Field("", description="Login; empty: the channel's address, where there is a password.")
    password: Secret | None = Field(None, description="Password, as ${NAME} or file:/path; none: no login.")
    tls: Literal["none", "starttls", "tls"] = Field(
        "starttls", description="`starttls` and `tls` need a valid certificate; `none` is for a relay on this machine."
    )
    ca: NamedFile | None = Field(None, description="PEM file of authorities to trust besides the system's.")
    connections: int = Field(4, ge=1, le=50, description="Connections to the relay at once.")
    keep: Duration = Field(timedelta(seconds=10), description="How long an idle connection is kept.")
    timeout: Duration = Field(
        timedelta(minutes=1),
        description="How long to wait for each answer of the relay but the last, and for it to read 256 KiB.",
    )
    final_timeout: Duration = Field(
        timedelta(minutes=10), description="How long to wait for its last word (RFC 5321, 4.5.3.2.6: 10 minutes)."
    )
    dkim: Dkim | None = Field(None, description="Signs every mail; nothing: the relay signs, or nobody does.")

    @field_validator("smtp")
    @classmethod
    def _is_a_place(cls, smtp: str) -> str:
        host, _, port = smtp.rpartition(":")
        if not host or not port.isascii() or not port.isdecimal() or not 0 < int(port[:6]) <= _HIGHEST_PORT:
            raise ValueError(f'"{smtp}" is no relay: write host and port, such as "smtp.example.org:587"')
        return smtp

    @model_validator(mode="after")
    def _keeps_its_password(self) -> Self:
        host = self.smtp.rpartition(":")[0].strip("[]")
        if self.tls == "none" and self.password is not None and not is_loopback(host):
            raise ValueError(f'the password would go to "{self.smtp}" in the clear: write `tls: tls` or `starttls`')
        return self

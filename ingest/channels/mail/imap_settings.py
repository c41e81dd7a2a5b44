"""A mailbox on somebody else's server: where it is, how we log in, and what becomes of mail that we have."""

import re
from datetime import timedelta
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError

from ingest.loopback import is_loopback
from store.durations import Duration, parsed
from store.files import NamedFile
from store.secrets import Secret
from store.sizes import Size

AUTO, NONE = "auto", "none"

_PORTS = {"tls": 993, "starttls": 143, "none": 143}  # RFC 8314, 3.2; RFC 3501, 2.1.
_CONTROLS = re.compile("[\x00-\x1f\x7f]")
_FLAG = re.compile(r"\\?[!#$&'+,\-./0-9:;<=>?@A-Z^_`a-z|~]{1,64}")  # RFC 3501, 9: an atom, or "\" and an atom.


class Token(BaseModel):
    """Where access tokens come from, for servers that take no password (XOAUTH2)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    command: tuple[str, ...] = Field((), description="A program that prints a token, with its arguments.")
    url: str = Field("", description="Without a command: the provider's token endpoint (RFC 6749, 4.4).")
    id: str = Field("", description="The client's id there.")
    secret: Secret | None = Field(None, description="The client's secret there, as ${NAME} or file:/path.")
    scope: str = Field("", description="What the token is to be good for, in the provider's words.")
    timeout: Duration = Field(timedelta(seconds=30), description="How long to wait for a token.")

    @model_validator(mode="after")
    def _has_an_origin(self) -> Self:
        if self.command:
            return self
        if not self.url:
            raise ValueError("a token must come from somewhere: write `command`, or `url` with `id` and `secret`")
        host = re.sub(r"^http://|[:/].*$", "", self.url)
        if not self.url.startswith("https://") and not is_loopback(host):
            raise ValueError(f'"{self.url}" would carry the secret in the clear: write an address with https://')
        if not self.id or self.secret is None:
            raise ValueError("the token endpoint must know who asks: write `id` and `secret`")
        return self


class ImapSettings(BaseModel):
    """What `receive` says of IMAP."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    imap: str = Field("", description='The server that mail is fetched from: "host" or "host:port".')
    user: str = Field("", description="Login; empty: the channel's address.")
    password: Secret | None = Field(None, description="Password, as ${NAME} or file:/path.")
    token: Token | None = Field(None, description="In place of the password: where access tokens come from.")
    tls: Literal["tls", "starttls", "none"] = Field(
        "tls", description="`tls` and `starttls` need a valid certificate; `none` is for a server on this machine."
    )
    ca: NamedFile | None = Field(None, description="PEM file of authorities to trust besides the system's.")
    folder: str = Field("INBOX", min_length=1, description="The folder that is read.")
    start: Literal["new-only"] | Duration = Field(
        "new-only",
        description="What is taken of the mail that is there already: new-only, nothing; 7d, the last week's.",
    )
    after: Literal["keep", "flag", "move"] = Field(
        "keep", description="What becomes of a mail that is durable here: it stays as it is, or is flagged, or moved."
    )
    flag: str = Field("\\Seen", description="The flag that `after: flag` sets; only for people, we never read it.")
    move_to: str = Field("Processed", min_length=1, description="The folder that `after: move` moves to.")
    sent: str = Field(
        AUTO, min_length=1, description="The folder that keeps a copy of each answer: auto finds it; none."
    )
    max_message: Size = Field(25 * 2**20, description="Of a larger mail only the header is fetched.")
    idle: bool = Field(True, description="Whether the server is asked to tell of new mail at once (RFC 2177).")
    idle_renew: Duration = Field(
        timedelta(minutes=25),
        le=timedelta(minutes=29),
        description="When that is asked anew; servers forget it after 30 minutes (RFC 2177, 3).",
    )
    poll: Duration = Field(
        timedelta(minutes=1), ge=timedelta(seconds=1), description="The time between looks for new mail, told or not."
    )
    rescan: Duration = Field(
        timedelta(days=1), description="The time between looks at the whole window, for mail that the server hid."
    )
    window: Duration = Field(
        timedelta(days=7), description="How far such a look goes back before the last time that all was read."
    )
    connect_timeout: Duration = Field(timedelta(seconds=10), description="How long to wait for a connection.")
    read_timeout: Duration = Field(
        timedelta(minutes=1), le=timedelta(minutes=1), description="After what silence a connection is given up."
    )
    command_timeout: Duration = Field(timedelta(minutes=10), description="How long one answer of the server may take.")

    @property
    def place(self) -> tuple[str, int]:
        """Host and port."""
        return _place(self.imap, _PORTS[self.tls])

    @property
    def since(self) -> timedelta:
        """How old mail may be that is there at the first start."""
        return self.start if isinstance(self.start, timedelta) else timedelta(0)

    @field_validator("imap")
    @classmethod
    def _is_a_place(cls, imap: str) -> str:
        if imap and (not (found := _place(imap, 1))[0] or not 0 < found[1] < 2**16 or re.search(r"[\s/]", imap)):
            raise ValueError(f'"{imap}" is no mail server: write its host, such as "imap.example.org", or host:port')
        return imap

    @field_validator("folder", "move_to", "sent", "user")
    @classmethod
    def _is_one_line(cls, name: str) -> str:
        if _CONTROLS.search(name):
            raise ValueError("there is a line break or another control character in it: write the name as one line")
        return name

    @field_validator("password")
    @classmethod
    def _is_a_password(cls, password: SecretStr | None) -> SecretStr | None:
        if password is not None and _CONTROLS.search(password.get_secret_value()):
            raise ValueError("there is a line break or another control character in the password: write it as one line")
        return password

    @field_validator("flag")
    @classmethod
    def _is_a_flag(cls, flag: str) -> str:
        if not _FLAG.fullmatch(flag) or flag.lower() in ("\\deleted", "\\recent"):
            raise ValueError(f'"{flag}" cannot be set: write \\Seen, \\Flagged, or a word of your own such as $Ticket')
        return flag

    @field_validator("start", mode="before")
    @classmethod
    def _is_a_start(cls, start: object) -> object:
        if start == "new-only" or isinstance(start, timedelta):
            return start
        try:
            return parsed(str(start))
        except PydanticCustomError as error:
            raise ValueError(f'"{start}" is no start: write new-only, or how old mail may be, such as 7d') from error

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if not self.imap:
            return self
        if self.password is None and self.token is None:
            raise ValueError("an IMAP server asks who we are: write `password`, or `token` for one that takes XOAUTH2")
        if self.tls == "none" and not is_loopback(self.place[0]):
            raise ValueError(f'the password would go to "{self.imap}" in the clear: write `tls: tls` or `starttls`')
        if self.after == "move" and self.move_to == self.folder:
            raise ValueError(f'mail cannot be moved from "{self.folder}" to itself: write another `move_to`')
        return self


def _place(imap: str, port: int) -> tuple[str, int]:
    """Host and port of "host", "host:143", "[::1]" or "[::1]:143"; port 0 where it is none."""
    match = re.fullmatch(r"\[([^\]]*)\](?::([0-9]{1,5}))?|([^:]*)(?::([0-9]{1,5}))?", imap)
    if match is None:
        return "", 0
    return match[1] or match[3] or "", int(match[2] or match[4] or port)

"""What a channel is, and how one is found by the name of its type."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Literal, Protocol

import msgspec
from pydantic import BaseModel, ConfigDict, Field
from starlette.routing import BaseRoute

from ingest.intake import Intake
from ingest.smtp import SmtpListener
from store.database import Database
from store.errors import Permanent
from store.outgoing import Outgoing, Receipt
from store.records import Address


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """What every text and page may say about the desk."""

    name: str  # "Nordwind Help Desk"
    url: str  # Where the pages are reached from outside, without a slash at the end; empty: nowhere.
    languages: tuple[str, ...]  # At least one; the first is the fallback.
    time_zone: str  # IANA name.


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel is built from, beside its own settings."""

    site: Site
    key: bytes  # Signs tokens and form submissions; never logged, never handed to the child.
    database: Database
    smtp: SmtpListener | None  # None: no SMTP listener is configured.
    categories: Callable[[], Mapping[str, Mapping[str, str]]] = dict  # By name, those labels by language; as of now.


class ChannelSettings(BaseModel):
    """An entry under `channels:`; each type adds its own keys, and says here what concerns other sections."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sets: dict[str, str] = Field(
        default_factory=dict, description="Facts that every message of this channel carries, for rules to ask about."
    )
    acknowledge: Literal["once_per_ticket", "never"] = Field(
        default="once_per_ticket", description="Whether customers hear that what came in by it became a ticket."
    )

    @property
    def claims(self) -> Sequence[str]:
        """The addresses or paths that no other channel may have."""
        return ()

    @property
    def replies_through(self) -> str:
        """The channel that answers go through; empty: its own."""
        return ""

    @property
    def offers_categories(self) -> bool:
        """Whether customers choose one of the desk's categories there."""
        return False

    @property
    def sends_to(self) -> str:
        """The kind of address that it can send to, such as "mail"; empty: it only receives."""
        return ""

    @property
    def takes_smtp(self) -> bool:
        """Whether it needs the SMTP listener."""
        return False

    @property
    def believes_anybody(self) -> bool:
        """Whether whoever reaches the SMTP listener could bring mail that vouches for its own sender."""
        return False

    @property
    def hears_staff(self) -> bool:
        """Whether technicians' mail comes in by it, and somebody whom it believes proves who wrote it."""
        return False


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel's messages can do; whoever composes one degrades what is missing."""

    longest_text: int  # In the channel's own units.
    subjects: bool = False
    threads: bool = False
    edit: bool = False
    buttons: bool = False
    files: bool = False
    reactions: bool = False


class Channel(Protocol):
    """One configured way in and out.

    A module `ingest.channels.<type>` (for a package, its module `channel`) offers these names: `Settings`, a
    `ChannelSettings` for its entry under `channels:`; `open_channel(name, settings, parts)`, which returns the channel
    and does no I/O; and `DECODER`, "module:function" of its pure decoder
    `(RawMessage, settings without secrets) -> Sequence[Inbound | Action]`, which the parser's child imports by name.
    One whose messages hold files also offers `EXTRACTOR`, the same of a pure `(payload: bytes, part: int, member: int)
    -> bytes | None`, which finds a file by the numbers of its `Attachment`.
    """

    name: str
    capabilities: Capabilities

    @property
    def addresses(self) -> Sequence[Address]:
        """Our own addresses on it: what comes from them is no customer's."""

    @property
    def decoding(self) -> msgspec.Struct:
        """What the decoder needs of the settings; holds no secret, because it enters the child."""

    async def receive(self, intake: Intake) -> None:
        """Take messages in until cancelled; accept a message only after `intake` has returned."""

    def prepare(self, outgoing: Outgoing) -> bytes:
        """The final bytes to send. Pure: the same message gives the same bytes, so that a retry is recognised."""

    async def send(self, payload: bytes, address: str) -> Receipt:
        """Hand `payload` over to the peer; raises Temporary (not sent), Permanent (refused) or InDoubt."""

    def routes(self) -> Sequence[BaseRoute]:
        """What it serves over HTTP; empty for most."""

    async def close(self) -> None:
        """Let go of connections; nothing is sent or received any more."""


def module_of(kind: str) -> ModuleType:
    """The module of a type of channel: `mail` is `ingest.channels.mail`; a dotted name is imported as it is.

    Raises Permanent where there is none.
    """
    name = kind if "." in kind else f"ingest.channels.{kind}"
    unknown = Permanent(
        f'there is no type of channel called "{kind}": use one of the types that are built in, '
        "or the dotted name of a module that can be imported"
    )
    if not all(part.isidentifier() for part in name.split(".")):
        raise unknown
    try:
        module = importlib.import_module(name)
        return importlib.import_module(f"{name}.channel") if hasattr(module, "__path__") else module
    except ModuleNotFoundError as error:
        if error.name is not None and not name.startswith(error.name):
            raise
        raise unknown from error

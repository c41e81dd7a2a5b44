"""What goes out: a message before any channel has given it its form, and what became of it at the channel's peer."""

from datetime import datetime
from enum import StrEnum

import msgspec

# Stands in a text for the address that its reader's reply goes to, which only the channel knows. A noncharacter, "for
# internal use" (Unicode 16.0, 23.7). Where there is no such address, a channel leaves the lines out that have it.
REPLY_ADDRESS = "\ufdd0"


class Purpose(StrEnum):
    """What an outgoing message is for, which decides what a doubtful send may do."""

    ANSWER = "answer"  # A technician's words to a customer: at least once.
    ALERT = "alert"  # A team must hear of something: at least once.
    ACKNOWLEDGEMENT = "acknowledgement"  # A courtesy to a customer whose message arrived: at most once.
    NOTICE = "notice"  # A courtesy about what became of a ticket by itself: at most once.

    @property
    def is_courtesy(self) -> bool:
        """Whether nobody wrote it, so that it had better not come than come twice."""
        return self in (Purpose.ACKNOWLEDGEMENT, Purpose.NOTICE)


class OutgoingFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that goes out, with its bytes."""

    name: str  # Safe to show.
    content_type: str
    content: bytes


class Outgoing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message to send, before any channel has given it its form."""

    key: str  # The effect key: one send for each; ids that receivers see are derived from it.
    delivery: str  # The id of the delivery.
    purpose: Purpose
    address: str  # As in `ReplyPath.address`.
    subject: str = ""  # Channels without subjects leave it out.
    text: str
    language: str = "en"
    references: tuple[str, ...] = ()  # External ids of the conversation, oldest first; the last one is answered.
    ticket: int | None = None
    others: tuple[str, ...] = ()  # Addresses that get the same, for the recipient to see; each gets a send of its own.
    files: tuple[OutgoingFile, ...] = ()
    actor: str = ""  # Whom a reply token is made out to; empty: no token.
    reply: str = "c"  # What the token lets that person do (`tokens.Token.purpose`).
    silent: bool = False  # Whoever gets it is not to be disturbed by a sound; channels without sounds ignore it.
    at: datetime


class Receipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a channel's peer said when it took over a message."""

    external_id: str = ""  # The id under which the peer or its user will refer to the message.
    detail: str = ""  # The peer's own words, cut.

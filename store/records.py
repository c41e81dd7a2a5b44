"""The vocabulary: every record that crosses a stage, frozen, with a comment for each field.

Datetimes are aware and UTC. A reader ignores fields it does not know, and a field that is added later has a default,
so that old and new processes read each other's records.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

VERSION = 1
WHOLE_ORIGINAL = -1  # In `Attachment.part`.


class Proof(StrEnum):
    """How far it is proven that a message comes from the address it names, weakest first."""

    ANONYMOUS = "anonymous"  # No address, or one that cannot be read strictly.
    FAILED = "failed"  # The address was checked by somebody we trust, and the check failed (DMARC fail).
    CLAIMED = "claimed"  # Written in From or typed into a form; nobody checked it.
    DOMAIN = "domain-verified"  # DMARC passed for exactly this domain.
    TOKEN = "token"  # noqa: S105 (no secret) The message carries our token for exactly this person.
    TOKEN_AND_DOMAIN = "token+domain-verified"  # noqa: S105 (no secret)
    SESSION = "session"  # The channel itself vouches for the person: a Telegram user, an operator's login.


class Address(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a person or a machine writes from; the same pair is the same writer on every channel."""

    kind: str  # "mail", "telegram": the sort of address, shared by all channels of that sort.
    value: str  # In canonical form: a mail address in lower case, a chat user's number.
    name: str = ""  # The name that the sender goes by; data to show, never evidence.


class ReplyPath(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How an answer reaches a conversation; written by a channel's `decode`, read by the same channel's `send`."""

    channel: str  # The configured name of the channel that carries the answer.
    address: str  # What that channel's `send` takes: a mail address, a chat's number.


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the transport knew about a payload beyond its bytes."""

    sender: str = ""  # SMTP's MAIL FROM (empty: the null sender), a chat's number, a form's network address.
    recipients: tuple[str, ...] = ()  # The recipients of ours that this payload was accepted for.
    peer: str = ""  # The network address of the client.
    external_id: str = ""  # The transport's own id: an update's number, a submission's id; empty for mail.
    fetched: bool = False  # It came from a mailbox, where nothing says what MAIL FROM was: `sender` means nothing.


class RawMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="raw"):
    """Bytes that a channel accepted, exactly as they came."""

    id: str  # Ours, one for each acceptance; a mail that is delivered twice has two.
    channel: str  # The configured name of the channel.
    received_at: datetime
    content_type: str  # "message/rfc822", "application/json", "application/x-www-form-urlencoded", ...
    payload: bytes = b""  # Empty where `blob` is set.
    blob: str = ""  # The key of a blob that holds a large payload.
    envelope: Envelope = Envelope()


class Attachment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file that came with a message; its bytes stay in the original, and `part` finds them there."""

    name: str  # Safe to show; never used as a path.
    content_type: str
    size: int  # Decoded bytes.
    digest: str  # SHA-256 of the decoded bytes, hexadecimal.
    part: int  # The number of the part in the original, depth first, from 0; WHOLE_ORIGINAL: the original itself.
    member: int = 0  # The number of the file inside that part, from 1 (winmail.dat, uuencode); 0: the part itself.
    content_id: str = ""  # By which HTML shows it, without "cid:" and angle brackets; empty: it is not shown inline.


class Forwarded(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A mail that a message passes on, as far as it can be told; whoever forwards it could have written anything."""

    sender: Address  # Empty value: it is not said who wrote it.
    subject: str = ""
    text: str = ""  # Without the forwarder's own words.
    external_id: str = ""  # Its Message-ID; only where the whole mail is attached.


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that rules may ask about: set by the channel's settings or chosen by the customer in a form."""

    name: str
    value: str


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="message"):
    """One message of a person or a machine, in the one normal form that all stages read."""

    id: str  # Derived from the raw's id, so that normalizing twice gives the same record.
    raw: str  # The id of the `RawMessage`; with it the original bytes are found.
    channel: str
    external_id: str = ""  # The channel's id of this message: a Message-ID, "chat:message"; may be forged.
    references: tuple[str, ...] = ()  # The external ids that it answers, oldest first.
    tokens: tuple[str, ...] = ()  # What may be tokens of ours, unverified: the child holds no keys.
    sender: Address
    proof: Proof = Proof.CLAIMED
    reply_path: ReplyPath | None = None  # None: there is no way to answer.
    addressed: bool = True  # We are named as a recipient (To, Cc), rather than reached by a list or blind copy.
    others: tuple[Address, ...] = ()  # Who else is named in To and Cc, strictly read, at most MAX_OTHERS; never ours.
    subject: str = ""
    text: str = ""  # Cleaned and without quoted history; with `quoted` at most MAX_TEXT characters.
    quoted: str = ""  # What was cut off `text`, so that nothing is out of reach.
    uncut: bool = False  # Cutting would have left nothing, so that `text` is the whole.
    html: str = ""  # The same as sanitised HTML, at most MAX_HTML characters; empty: there was none, or it is larger.
    forwarded: Forwarded | None = None  # The mail that it passes on; None: it passes on none.
    language: str = ""  # BCP 47 primary tag; empty: could not be told.
    automated: str = ""  # Why we hold it to be written by a machine; empty: by a person.
    unreadable: str = ""  # Why the original could not be read; empty: it was.
    attachments: tuple[Attachment, ...] = ()
    facts: tuple[Fact, ...] = ()
    sent_at: datetime | None = None  # By the sender's clock, clamped by the reader; None: not said.
    received_at: datetime
    fingerprint: str  # Equal for two deliveries of the same message; unique among a channel's messages.
    digest: str = ""  # Of the normalized text: tells the same message that came by another path.


class Edit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="edit"):
    """A person changed a message that was sent before."""

    id: str
    raw: str
    channel: str
    external_id: str  # Of the message that was changed.
    sender: Address
    text: str
    edited_at: datetime
    fingerprint: str


class DeliveryReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="report"):
    """What became of something that we sent: the last word of our sender, or a bounce or receipt from outside."""

    id: str
    raw: str = ""  # Empty where our own sender reports.
    channel: str
    delivery: str = ""  # The id of the delivery that it is about; empty in a bounce: `references` and `tokens` tell.
    # Of our own sender: "sent", "failed", "in-doubt", of an alert "alert-failed", "alert-in-doubt". From outside:
    # "bounced", "delayed", "delivered" (RFC 3464, 2.3.3), "complained" (RFC 5965).
    outcome: str
    detail: str = ""  # The peer's own words, cut and cleaned.
    recipient: str = ""  # From outside: the address that it is about, in lower case; empty where it names none.
    status: str = ""  # From outside: the enhanced status code (RFC 3463), "5.1.1"; empty: not said.
    references: tuple[str, ...] = ()  # From outside: the Message-IDs of the mail that it gives back.
    tokens: tuple[str, ...] = ()  # From outside: as in `Message`; those of the address that it was sent to.
    at: datetime
    fingerprint: str


class Membership(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="membership"):
    """A person or the bot joined, left or blocked a chat, or the chat moved."""

    id: str
    raw: str
    channel: str
    chat: str
    change: str  # "joined", "left", "blocked", "unblocked", "migrated".
    moved_to: str = ""  # The new chat's number after "migrated".
    at: datetime
    fingerprint: str


Inbound = Message | Edit | DeliveryReport | Membership  # What topic `messages` carries.


class Action(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="action"):
    """What a technician, an operator or the API does to a ticket or to a kept item; the router applies it."""

    id: str
    # On a ticket "answer", "note", "claim", "give", "move", "change", "wait", "solve", "reopen", "close", "escalate",
    # "split", "link", "due"; on kept items "accept", "refuse", "replay", "drop"; on people "contact".
    kind: str
    actor: str  # Who did it: "operator:name", "person:name", "deskwire" for what comes due.
    ticket: int | None = None
    item: str = ""  # The id of the parked item, dead letter, split message or timer that it is about.
    text: str = ""
    # Of "change": "priority P1", "language pl", "category access"; of "give": "person:ola"; of "move": a team; of
    # "link": a ticket's number; of "due": the timer's name.
    value: str = ""
    why: str = ""  # Of "move", "give", "escalate": "wrong-topic", "wrong-team", "needs-skill", "customer-asked".
    until: datetime | None = None  # Of "wait": when the ticket wakes by itself; None: only the customer wakes it.
    card: "ContactCard | None" = None  # Of "contact".
    files: tuple["SentFile", ...] = ()  # That go out with an answer.
    at: datetime


class ContactCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an operator says about a person, or about everybody who writes from a mail domain."""

    addresses: tuple[Address, ...]  # That lead to them, at least one; kind "domain" is a whole mail domain.
    organisation: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""  # What they are answered in; empty: as they write.


class SentFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file of a technician's message that goes out with it; its bytes stay in the original."""

    raw: str  # The id of the `RawMessage` that holds it.
    file: Attachment


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of a decision: which rule decided, where it stands and what it saw."""

    part: str  # "conversation", "category", "priority", "team", "parked", ...
    result: str  # What was decided: "network", "P2", "continued 482917".
    rule: str  # The rule's name, or the name of the evidence.
    place: str = ""  # "deskwire.yaml:102"; empty for a rule that is built in.
    evidence: str = ""  # The word, token or address that matched, cut.


class Guess(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a learned model holds a message to be about."""

    category: str
    confidence: float  # From 0 to 1: how often such a guess is right.


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the router decided about one record, with a reason for each part."""

    outcome: str  # One of OUTCOMES.
    ticket: int | None = None
    category: str = ""
    priority: str = ""
    team: str = ""
    person: str = ""  # Whom it is routed to, "person:ola"; empty: it waits in the team's queue.
    guesses: tuple[Guess, ...] = ()  # The learned model's, the surest first, at most 3; empty: there is no model.
    answer_by: datetime | None = None  # None: nothing is promised; so too the next one.
    resolve_by: datetime | None = None
    copies: tuple[str, ...] = ()  # Teams that hear of a new ticket beside its own.
    because: tuple[Reason, ...] = ()


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="dead"):
    """A record that a stage gave up on, with all that is needed to understand it and to run it again."""

    id: str
    stage: str
    topic: str
    partition: int
    offset: int
    key: str
    value: bytes  # The record as it stood on the topic.
    reason: str  # The class of the error: what dead letters are grouped by.
    detail: str  # Its message and innermost place in our code; no message text.
    attempts: int
    first_at: datetime
    last_at: datetime
    code_version: str
    config_version: str


OUTCOMES = (
    "opened",
    "continued",
    "joined",
    "duplicate",
    "acted",
    "edited",
    "reported",
    "greeted",
    "parked",
    "dead",
)

MAX_TEXT = 65_536  # Characters of a message's text; the original keeps all of it.
MAX_HTML = 65_536  # Characters of a message's sanitised HTML; the original keeps all of it.
MAX_OTHERS = 48  # People beside the customer who are read from a message, and who may take part in a ticket.
MAX_REFERENCES = 100  # External ids that a message may refer to; the first and the last of a longer chain stay.

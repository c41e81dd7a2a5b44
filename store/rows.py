"""Rows of the desk's tables as values: what the router decides on and what it writes."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from store.codec import derived_id, digest_of
from store.events import TicketEvent, TicketView
from store.records import Address, Message, Proof, Reason, ReplyPath


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as its row stands."""

    number: int
    contact: str
    subject: str
    state: str  # One of `router.life.lifecycle.STATES`.
    category: str
    priority: str
    team: str
    language: str
    channel: str  # Where it was opened.
    customer: Address
    proof: Proof  # Of the message that opened it.
    reply_path: ReplyPath | None
    conversation: tuple[str, ...]  # As in `TicketView`.
    messages: int  # How many it has.
    version: int  # How many events it has.
    config_version: str
    apart: bool = False  # A message was split off, or it was split off itself: nothing joins it by likeness.
    participants: tuple[Address, ...] = ()  # As in `TicketView`; rows of a table of their own.
    related: tuple[int, ...] = ()  # The same.
    assignee: str = ""  # As in `TicketView`; so too the next six.
    person: str = ""
    claimed_at: datetime | None = None  # When its assignee took it; None: nobody has, or it was not noted.
    level: int = 1
    copies: tuple[str, ...] = ()
    answer_by: datetime | None = None
    update_by: datetime | None = None
    resolve_by: datetime | None = None
    answered_at: datetime | None = None  # When a person first answered.
    asked_at: datetime | None = None  # When the customer first wrote what no person has answered yet.
    waiting_since: datetime | None = None  # Since when `resolve_by` stands still: it waits, or it is solved.
    waiting_left: int | None = None  # Working seconds until `resolve_by` that were left then; None: it was missed.
    waited: int = 0  # Working seconds for which `resolve_by` stood still before.
    solved_at: datetime | None = None
    wakes_at: datetime | None = None  # When it stops waiting by itself; None: only the customer wakes it.
    ladder_at: datetime | None = None  # Since when the steps of its ladder count; None: since it was opened.
    opened_at: datetime
    changed_at: datetime

    @property
    def view(self) -> TicketView:
        """What an event says of it."""
        return TicketView(
            number=self.number,
            subject=self.subject,
            state=self.state,
            category=self.category,
            priority=self.priority,
            team=self.team,
            language=self.language,
            customer=self.customer,
            proof=self.proof,
            reply_path=self.reply_path,
            conversation=self.conversation,
            participants=self.participants,
            related=self.related,
            assignee=self.assignee,
            person=self.person,
            level=self.level,
            copies=self.copies,
            answer_by=self.answer_by,
            update_by=self.update_by,
            resolve_by=self.resolve_by,
            solved_at=self.solved_at,
            opened_at=self.opened_at,
        )

    @property
    def held_by(self) -> str:
        """Who has to do with it, "person:ola"; empty: nobody, or it is solved."""
        return self.person if self.state not in ("solved", "closed") else ""

    @property
    def due_by(self) -> datetime | None:
        """The soonest thing that is promised and not done; None: nothing is, or the ticket is solved."""
        if self.state in ("solved", "closed"):
            return None
        first = None if self.answered_at else self.answer_by
        resolve = None if self.waiting_since else self.resolve_by
        return min(filter(None, (first, self.update_by, resolve)), default=None)


class KeptMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a ticket, in its order there."""

    id: str
    ticket: int
    seq: int  # From 1.
    direction: str  # "in", "out", "note".
    external_id: str  # As `indexed` gives it.
    digest: str
    sender_value: str
    received_at: datetime
    record: bytes  # The encoded Message, or the Action that wrote it.
    words: str = ""  # Of it, as a search finds it; a row of a table of their own, which is not read back.


class KeptEvent(NamedTuple):
    """An event of a ticket, in its order there."""

    seq: int  # From 1; the ticket's version right after it.
    event: TicketEvent


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who takes part in a ticket beside its customer."""

    ticket: int
    seq: int  # From 1 within the ticket: the order in which they joined.
    address: Address
    cause: str  # The id of the record that brought them in.


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that may belong to another one."""

    ticket: int
    other: int
    because: str  # The evidence that was too weak to join them.


class Timer(NamedTuple):
    """Something that comes due by itself."""

    id: str  # Derived from what it is for, so that it fires once.
    ticket: int  # 0: it is about no ticket.
    name: str  # What comes due, in the words of `router.due.timers`.
    due_at: datetime

    @property
    def record(self) -> str:
        """The id of the action that it becomes when it fires; its row in the inbox is why it fires once."""
        return derived_id("timer", self.id)


class Load(NamedTuple):
    """How much a person has to do."""

    open: int  # Tickets that they hold and that are not solved.
    last_at: datetime | None  # When the newest ticket was routed to them; None: none ever was.


class Opened(NamedTuple):
    """A ticket that somebody opened."""

    number: int
    opened_at: datetime
    proof: Proof  # Of the message that opened it.


class Sent(NamedTuple):
    """Something that went out, as far as reports on it must know."""

    id: str  # Of the delivery.
    ticket: int
    purpose: str  # `outgoing.Purpose`.
    address: str


REACHABLE = "reachable"  # Something was wrong with an address, and its owner has written since.
FAILING = "failing"  # It refused for a while, less often than counts.
SUSPENDED = "suspended"  # Nothing reaches it: no courtesies until its owner writes again.
COMPLAINED = "complained"  # Its owner called mail of ours abuse: no courtesies any more (RFC 5965).


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an address that something of ours did not reach, or that wants nothing of ours."""

    kind: str  # As in `records.Address`.
    value: str
    state: str  # REACHABLE, FAILING, SUSPENDED or COMPLAINED.
    reason: str = ""  # The peer's own words, cut and cleaned.
    failures: int = 0  # Soft ones since `since`.
    since: datetime
    changed_at: datetime

    def turned_after(self, moment: datetime) -> bool:
        """Whether it became unwelcome after a moment."""
        return self.state in (SUSPENDED, COMPLAINED) and self.changed_at > moment


class Chat(NamedTuple):
    """A conversation on a channel that vouches for the person in it."""

    channel: str
    address: str  # As in `ReplyPath.address`.


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """A message that went in or out under some external id."""

    ticket: int
    sender_value: str = ""  # With `digest` empty where it is one of our deliveries.
    digest: str = ""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a message said, as far as it tells whether another one says the same."""

    message: str
    ticket: int
    contact: str
    channel: str
    sender: Address  # Without its name.
    proof: Proof  # Of the message.
    digest: str  # As in `Message.digest`.
    template: str = ""  # Of an alert: `router.sameness.monitoring.template_of` it; empty: a person wrote it.
    sketch: bytes  # As `router.sameness.likeness` encodes it.
    seen: int = 1  # How often an alert came so far.
    at: datetime  # When it came; an alert, when it last did.


class Awaited(msgspec.Struct, frozen=True, kw_only=True):
    """An external id that a ticket's message answers and that nobody has seen yet."""

    external_id: str
    ticket: int
    sender: Address  # Whose message may join; nobody else's.
    until: datetime


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A person, as one of their addresses leads to them."""

    id: str
    address: Address
    proof: Proof  # The strongest that was ever given for this address.
    language: str  # Of the last exchange; empty: unknown.
    organisation: str = ""
    tags: tuple[str, ...] = ()
    last_person: str = ""  # Who last worked on a ticket of theirs, "person:ola"; empty: nobody did.


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a record: its row in the inbox."""

    id: str
    raw: str = ""
    outcome: str
    ticket: int | None = None
    fingerprint: str = ""  # Empty: it holds none, because another record does.
    detail: str = ""
    because: tuple[Reason, ...] = ()  # Of what leaves no event and is not parked; of all else they stand there.


DraftKey = tuple[int, str]  # A ticket, and `tokens.actor_of` the technician who wrote to it.


class KeptDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A technician's mail that was not carried out, and waits to be sent as it stands."""

    key: DraftKey
    message: Message | None  # None: it is kept no longer.


class ParkedItem(msgspec.Struct, frozen=True, kw_only=True):
    """A record that waits for a person's word."""

    id: str
    value: bytes  # The record, encoded.
    key: str
    reason: str
    because: tuple[Reason, ...] = ()
    state: str = "waiting"  # "waiting", "accepted", "refused".
    decided_by: str = ""
    parked_at: datetime


# An index entry of PostgreSQL has at most 2,704 bytes (a third of a page), and senders write Message-IDs of any length.
_LONGEST_ID = 500


def indexed(external_id: str) -> str:
    """An external id in the form that is stored and looked up: itself, or a digest of one that is too long."""
    if len(external_id) <= _LONGEST_ID:
        return external_id
    return f"sha256:{digest_of(external_id.encode())}"

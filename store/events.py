"""What happened to tickets: the records of topic `events`, under the same promises as those of `store.records`."""

from datetime import datetime

import msgspec

from store.records import Address, Decision, Message, Proof, ReplyPath, SentFile

FOLLOWS = "follows"  # Why a ticket is linked with the closed one that its first message continued.
SENT_AGAIN = "the same words through another channel"  # The rule of a decision's reason, by which a card says so.


class TicketView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A ticket as it stood right after an event: all that a notification may need to say."""

    number: int
    subject: str
    state: str
    category: str
    priority: str
    team: str
    language: str  # The customer's; empty: unknown.
    customer: Address
    proof: Proof  # Of the message that opened it.
    reply_path: ReplyPath | None
    conversation: tuple[str, ...] = ()  # External ids to thread by, oldest first, at most 20.
    participants: tuple[Address, ...] = ()  # Who gets the answers beside the customer, in the order they joined.
    related: tuple[int, ...] = ()  # Tickets that this one may belong to; a hint for people, never evidence.
    assignee: str = ""  # Who claimed it, "person:ola"; empty: nobody yet.
    person: str = ""  # Whom it was routed to or, once it is claimed, the same as `assignee`; empty: the team's queue.
    level: int = 1  # Of its team, from 1 to 3; escalation goes up.
    copies: tuple[str, ...] = ()  # Teams that hear of it beside its own.
    answer_by: datetime | None = None  # When the first answer is due; None: nothing is promised. So too the next two.
    update_by: datetime | None = None  # When a later message of the customer must be answered.
    resolve_by: datetime | None = None  # While it waits for the customer: as it stood when that began.
    solved_at: datetime | None = None  # None while it is not solved.
    opened_at: datetime


class Beside(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One ticket of a digest."""

    number: int
    subject: str
    priority: str
    team: str
    state: str
    due_at: datetime | None = None  # Its next deadline; None: it has none.
    word: str = ""  # Why it is in the digest: "overdue", "due-today", "waiting", "overnight".


class TicketEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="event"):
    """One thing that happened to a ticket; written once, never changed."""

    id: str  # Derived from the record that caused it.
    kind: str  # "opened", "continued", "reopened", "answered", "noted", "delivery-failed", "not-sent", ...
    ticket: TicketView
    actor: str  # "customer", "operator:name", "deskwire".
    cause: str  # The id of the record that caused it.
    text: str = ""  # The words of an answer or a note; a customer's words stand in `message`.
    files: tuple[SentFile, ...] = ()  # That go out with an answer.
    to: Address | None = None  # The one person who must hear of it, where it is nobody else's business.
    message: Message | None = None  # The customer's message, without `quoted` and `html`; None for an action.
    decision: Decision | None = None
    silent: bool = False  # Whoever hears of it is not to be disturbed by a sound.
    beside: tuple[Beside, ...] = ()  # Of a digest, which is about all of these at once.
    at: datetime

"""The tables of the desk, the same on SQLite and PostgreSQL."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from store.instant import Instant
from store.metadata import metadata, text_column
from store.schema_messages import awaited, greetings, messages, sketches, texts
from store.schema_people import addresses, contacts, endpoints
from store.schema_work import attempts, held, leases, positions, progress, scans, timers, turns

# ── what they write about ────────────────────────────────────────────────────────────────────────────────────────

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("contact", Text, ForeignKey("contacts.id"), nullable=False, index=True),
    text_column("subject"),
    text_column("state", index=True),
    text_column("category"),
    text_column("priority"),
    text_column("team", index=True),
    Column("assignee", Text),  # "person:ola"; NULL: nobody works on it yet.
    Column("person", Text),  # Who holds it, claimed or not; NULL: the team's queue does.
    Column("level", Integer),  # Of its team; NULL: it is from before there were levels, so 1.
    Column("copies", LargeBinary),  # JSON of the teams that hear of it too; NULL: none.
    text_column("language"),
    text_column("channel"),  # Where it was opened.
    text_column("sender_kind"),
    text_column("sender_value"),
    text_column("sender_name"),
    text_column("proof"),
    text_column("reply_channel"),  # Empty: there is no way to answer.
    text_column("reply_address"),
    Column("because", LargeBinary, nullable=False),  # JSON of the opening decision's reasons.
    text_column("config_version"),
    Column("conversation", LargeBinary, nullable=False),  # JSON of the external ids to thread by.
    Column("messages", Integer, nullable=False),  # How many it has: the `seq` of the last one.
    Column("version", Integer, nullable=False),  # Counts every change: the `seq` of the last event.
    Column("opened_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("answer_by", Instant),
    Column("update_by", Instant),
    Column("resolve_by", Instant),
    Column("due_by", Instant),  # The soonest that is not done; NULL: nothing is due.
    Column("answered_at", Instant),
    Column("asked_at", Instant),
    Column("waiting_since", Instant),
    Column("waiting_left", Integer),  # Working seconds; so too the next one.
    Column("waited", Integer),  # NULL: it never did.
    Column("solved_at", Instant),
    Column("claimed_at", Instant),
    Column("wakes_at", Instant),
    Column("apart", Boolean),  # A message was split off it, or it was itself; NULL: it is from before that could be.
    Column("ladder_at", Instant),  # NULL: its ladder counts since it was opened.
    Index("ix_tickets_person_state", "person", "state"),  # Counts what each person has to do.
    Index("ix_tickets_person_opened_at", "person", "opened_at"),  # Finds whose turn it is.
    Index("ix_tickets_due_by", "due_by"),
    Index(  # Finds the open ticket of a chat, however many closed ones it has.
        "ix_tickets_unclosed_reply_address",
        "reply_address",
        "reply_channel",
        sqlite_where=text("state <> 'closed'"),
        postgresql_where=text("state <> 'closed'"),
    ),
    Index("ix_tickets_sender_opened_at", "sender_value", "opened_at"),  # Finds what one writer opened lately.
)

participants = Table(  # Who takes part in a ticket beside its customer.
    "participants",
    metadata,
    Column("ticket", BigInteger, ForeignKey("tickets.number"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("seq", Integer, nullable=False),  # From 1 within its ticket: the order in which they joined.
    text_column("name"),
    text_column("cause"),  # The id of the record that brought them in.
    Column("joined_at", Instant, nullable=False),  # They get what comes later, and nothing from before.
)

links = Table(  # Tickets that may belong together; a hint for people.
    "links",
    metadata,
    Column("ticket", BigInteger, ForeignKey("tickets.number"), primary_key=True),
    Column("other", BigInteger, ForeignKey("tickets.number"), primary_key=True),
    text_column("because"),  # The evidence that was too weak to join them.
    Column("at", Instant, nullable=False),
)

drafts = Table(  # A technician's mail that was not carried out; `#send` carries it out as it stands.
    "drafts",
    metadata,
    Column("ticket", BigInteger, ForeignKey("tickets.number"), primary_key=True),
    Column("actor", Text, primary_key=True),
    Column("record", LargeBinary, nullable=False),  # The whole Message.
    Column("at", Instant, nullable=False),
)

events = Table(  # Append-only.
    "events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("ticket", BigInteger, ForeignKey("tickets.number"), nullable=False),
    Column("seq", Integer, nullable=False),
    text_column("kind"),
    text_column("actor"),
    text_column("cause"),
    Column("at", Instant, nullable=False),
    Column("record", LargeBinary, nullable=False),  # The TicketEvent without its message, which `messages` has.
    UniqueConstraint("ticket", "seq"),
)

# ── what became of each record ───────────────────────────────────────────────────────────────────────────────────

originals = Table(
    "originals",
    metadata,
    Column("raw", Text, primary_key=True),
    text_column("channel"),
    text_column("content_type"),
    text_column("blob"),  # Where the bytes are; empty: in the log, at `partition` and `offset` of topic raw.
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("records", Integer, nullable=False),  # How many records it was normalized into.
    Column("received_at", Instant, nullable=False, index=True),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Text, primary_key=True),  # Of the record.
    text_column("raw", index=True),
    Column("outcome", Text, nullable=False, index=True),  # One of `records.OUTCOMES`.
    Column("ticket", BigInteger, index=True),
    Column("fingerprint", Text, unique=True),  # NULL for a duplicate: the first one holds it.
    text_column("detail"),  # What a caller who waits is told: the refusal of an action, the reason of a parking.
    Column("because", Text),  # Of what left no event and is not parked, the reasons as JSON; NULL: they stand there.
    Column("at", Instant, nullable=False),
)

parked = Table(
    "parked",
    metadata,
    Column("id", Text, primary_key=True),  # Of the record that waits.
    Column("value", LargeBinary, nullable=False),  # The record, encoded.
    text_column("key"),
    text_column("reason", index=True),
    text_column("because"),
    text_column("state", index=True),  # "waiting", "accepted", "refused".
    text_column("decided_by"),
    Column("parked_at", Instant, nullable=False),
    Column("decided_at", Instant),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Text, primary_key=True),
    text_column("stage"),
    text_column("record", index=True),  # The id of the record; empty where its bytes cannot be read.
    text_column("topic"),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    text_column("key"),
    Column("value", LargeBinary, nullable=False),
    text_column("reason", index=True),
    text_column("detail"),
    Column("attempts", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    text_column("code_version"),
    text_column("config_version"),
    text_column("state", index=True),  # "waiting", "replayed", "resolved", "dropped".
    text_column("decided_by"),
    Column("replays", Integer, nullable=False, default=0),
    Column("ticket", BigInteger),  # The ticket that tells of it, where there is one.
)

# ── what goes out ────────────────────────────────────────────────────────────────────────────────────────────────

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    text_column("topic"),
    text_column("key"),
    Column("value", LargeBinary, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("effect", Text, nullable=False, unique=True),  # One send for each.
    Column("ticket", BigInteger, nullable=False, index=True),
    text_column("event"),
    text_column("purpose"),  # `outgoing.Purpose`.
    text_column("channel"),
    text_column("address"),
    Column("payload", LargeBinary, nullable=False),  # Final bytes: every attempt sends the same.
    text_column("external_id", index=True),  # Known before sending (mail) or from the receipt (chats).
    text_column("state"),  # "queued", "sending", "sent", "in-doubt", "bounced", "failed", "suppressed".
    text_column("reason"),  # Why it is suppressed, failed or in doubt.
    Column("attempts", Integer, nullable=False, default=0),
    Column("doubts", Integer, nullable=False, default=0),  # Attempts of which nobody knows whether they arrived.
    Column("due_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),  # Orders what goes to one address.
    Column("settled_at", Instant),
    Index("ix_deliveries_due", "channel", "state", "due_at"),
    Index("ix_deliveries_order", "channel", "address", "state", "created_at"),
)

caps = Table(  # Each row is one courtesy sent; counted over a window of time.
    "caps",
    metadata,
    Column("id", Text, primary_key=True),  # The effect key.
    text_column("kind"),
    text_column("address"),
    Column("at", Instant, nullable=False),
    Index("ix_caps_kind_address_at", "kind", "address", "at"),
)

arrivals = Table(  # Opened tickets, counted: by the minute for each digest of what they say, by the hour for all.
    "arrivals",
    metadata,
    Column("span", Text, primary_key=True),  # "minute" or "hour".
    Column("since", Instant, primary_key=True),  # Its beginning.
    Column("digest", Text, primary_key=True),  # Empty: all tickets.
    Column("count", Integer, nullable=False),
)

__all__ = [
    "addresses",
    "arrivals",
    "attempts",
    "awaited",
    "caps",
    "contacts",
    "counters",
    "dead_letters",
    "deliveries",
    "drafts",
    "endpoints",
    "events",
    "greetings",
    "held",
    "inbox",
    "leases",
    "links",
    "messages",
    "metadata",
    "originals",
    "outbox",
    "parked",
    "participants",
    "positions",
    "progress",
    "scans",
    "sketches",
    "texts",
    "tickets",
    "timers",
    "turns",
]

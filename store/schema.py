"""The tables of the desk, the same on SQLite and PostgreSQL."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from store.instant import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, *, index: bool = False) -> Column[str]:
    return Column(name, Text, nullable=False, default="", index=index)


# ── who writes ───────────────────────────────────────────────────────────────────────────────────────────────────

contacts = Table(
    "contacts",
    metadata,
    Column("id", Text, primary_key=True),
    _text("name"),
    _text("language"),  # The language of the last exchange; empty: unknown.
    Column("created_at", Instant, nullable=False),
)

addresses = Table(
    "addresses",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("contact", Text, ForeignKey("contacts.id"), nullable=False, index=True),
    _text("name"),
    _text("proof"),  # The strongest proof that was ever given for it (`records.Proof`).
    Column("added_at", Instant, nullable=False),
)

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
    _text("subject"),
    _text("state", index=True),
    _text("category"),
    _text("priority"),
    _text("team", index=True),
    _text("language"),
    _text("channel"),  # Where it was opened.
    _text("sender_kind"),
    _text("sender_value"),
    _text("sender_name"),
    _text("proof"),
    _text("reply_channel"),  # Empty: there is no way to answer.
    _text("reply_address"),
    Column("because", LargeBinary, nullable=False),  # JSON of the opening decision's reasons.
    _text("config_version"),
    Column("conversation", LargeBinary, nullable=False),  # JSON of the external ids to thread by.
    Column("messages", Integer, nullable=False),  # How many it has: the `seq` of the last one.
    Column("version", Integer, nullable=False),  # Counts every change: the `seq` of the last event.
    Column("opened_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index(  # Finds the open ticket of a chat, however many closed ones it has.
        "ix_tickets_unclosed_reply_address",
        "reply_address",
        "reply_channel",
        sqlite_where=text("state <> 'closed'"),
        postgresql_where=text("state <> 'closed'"),
    ),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("ticket", BigInteger, ForeignKey("tickets.number"), nullable=False),
    Column("seq", Integer, nullable=False),  # From 1 within its ticket.
    _text("direction"),  # "in", "out", "note".
    _text("external_id", index=True),
    _text("digest"),
    _text("sender_value"),
    Column("received_at", Instant, nullable=False),
    Column("record", LargeBinary, nullable=False),  # The whole Message, or the Action that wrote it.
    UniqueConstraint("ticket", "seq"),
)

awaited = Table(  # Replies that came before the message they answer: that message joins their ticket.
    "awaited",
    metadata,
    Column("external_id", Text, primary_key=True),
    Column("ticket", BigInteger, ForeignKey("tickets.number"), primary_key=True),
    _text("sender_kind"),
    _text("sender_value"),
    Column("until", Instant, nullable=False, index=True),
)

greetings = Table(  # A bare "Hi" opens nothing: it waits here for the chat's next message, whose ticket it joins.
    "greetings",
    metadata,
    Column("id", Text, primary_key=True),  # Of the record.
    _text("channel"),
    _text("address"),  # As in `ReplyPath.address`.
    Column("received_at", Instant, nullable=False),
    Column("record", LargeBinary, nullable=False),  # The whole Message.
    Index("ix_greetings_address_channel", "address", "channel"),
)

events = Table(  # Append-only.
    "events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("ticket", BigInteger, ForeignKey("tickets.number"), nullable=False),
    Column("seq", Integer, nullable=False),
    _text("kind"),
    _text("actor"),
    _text("cause"),
    Column("at", Instant, nullable=False),
    Column("record", LargeBinary, nullable=False),  # The TicketEvent without its message, which `messages` has.
    UniqueConstraint("ticket", "seq"),
)

# ── what became of each record ───────────────────────────────────────────────────────────────────────────────────

originals = Table(
    "originals",
    metadata,
    Column("raw", Text, primary_key=True),
    _text("channel"),
    _text("content_type"),
    _text("blob"),  # Where the bytes are; empty: in the log, at `partition` and `offset` of topic raw.
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("records", Integer, nullable=False),  # How many records it was normalized into.
    Column("received_at", Instant, nullable=False, index=True),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Text, primary_key=True),  # Of the record.
    _text("raw", index=True),
    Column("outcome", Text, nullable=False, index=True),  # One of `records.OUTCOMES`.
    Column("ticket", BigInteger, index=True),
    Column("fingerprint", Text, unique=True),  # NULL for a duplicate: the first one holds it.
    _text("detail"),  # What a caller who waits is told: the refusal of an action, the reason of a parking.
    Column("at", Instant, nullable=False),
)

parked = Table(
    "parked",
    metadata,
    Column("id", Text, primary_key=True),  # Of the record that waits.
    Column("value", LargeBinary, nullable=False),  # The record, encoded.
    _text("key"),
    _text("reason", index=True),
    _text("because"),
    _text("state", index=True),  # "waiting", "accepted", "refused".
    _text("decided_by"),
    Column("parked_at", Instant, nullable=False),
    Column("decided_at", Instant),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Text, primary_key=True),
    _text("stage"),
    _text("record", index=True),  # The id of the record; empty where its bytes cannot be read.
    _text("topic"),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    _text("key"),
    Column("value", LargeBinary, nullable=False),
    _text("reason", index=True),
    _text("detail"),
    Column("attempts", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    _text("code_version"),
    _text("config_version"),
    _text("state", index=True),  # "waiting", "replayed", "resolved", "dropped".
    _text("decided_by"),
    Column("replays", Integer, nullable=False, default=0),
    Column("ticket", BigInteger),  # The ticket that tells of it, where there is one.
)

# ── what goes out ────────────────────────────────────────────────────────────────────────────────────────────────

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    _text("topic"),
    _text("key"),
    Column("value", LargeBinary, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("effect", Text, nullable=False, unique=True),  # One send for each.
    Column("ticket", BigInteger, nullable=False, index=True),
    _text("event"),
    _text("purpose"),  # `records.Purpose`.
    _text("channel"),
    _text("address"),
    Column("payload", LargeBinary, nullable=False),  # Final bytes: every attempt sends the same.
    _text("external_id", index=True),  # Known before sending (mail) or from the receipt (chats).
    _text("state"),  # "queued", "sending", "sent", "in-doubt", "failed", "suppressed".
    _text("reason"),  # Why it is suppressed, failed or in doubt.
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
    _text("kind"),
    _text("address"),
    Column("at", Instant, nullable=False),
    Index("ix_caps_kind_address_at", "kind", "address", "at"),
)

# ── who does the work, and how far it is ─────────────────────────────────────────────────────────────────────────

positions = Table(
    "positions",
    metadata,
    Column("group", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("next", BigInteger),  # NULL: nothing was read yet, so the beginning.
)

attempts = Table(  # Batches that were begun and not ended: what a dead process was working on.
    "attempts",
    metadata,
    Column("group", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("start", BigInteger, primary_key=True),
    Column("end", BigInteger, primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("begun_at", Instant, nullable=False),
)

held = Table(  # Records that failed and are tried again, and those of the same key that wait behind them.
    "held",
    metadata,
    Column("group", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    _text("key"),
    Column("value", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False),  # 0: waits behind another one.
    _text("reason"),
    Column("first_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    _text("owner"),
    Column("fence", BigInteger, nullable=False),  # Counts the owners: a smaller number is a former owner.
    Column("until", Instant, nullable=False),  # By the database's clock.
)

progress = Table(  # How far a channel has read its source.
    "progress",
    metadata,
    Column("name", Text, primary_key=True),
    _text("value"),
)

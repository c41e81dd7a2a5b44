"""The desk's first tables."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)

revision = "0001"
down_revision = None


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, Text(), nullable=False) for name in names]


def _moments(*names: str) -> list[Column[int]]:
    """As `store.instant` keeps them."""
    return [Column(name, BigInteger(), nullable=False) for name in names]


def upgrade() -> None:
    """Make all tables, each before those that refer to it."""
    _people()
    _tickets()
    _messages()
    _history()
    _kept_items()
    _outgoing()
    _work()
    _owners()


def _people() -> None:
    op.create_table(
        "contacts",
        *_texts("id", "name", "language"),
        *_moments("created_at"),
        PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_table(
        "addresses",
        *_texts("kind", "value", "contact", "name", "proof"),
        *_moments("added_at"),
        PrimaryKeyConstraint("kind", "value", name=op.f("pk_addresses")),
        ForeignKeyConstraint(["contact"], ["contacts.id"], name=op.f("fk_addresses_contact_contacts")),
    )
    op.create_index(op.f("ix_addresses_contact"), "addresses", ["contact"])
    op.create_table(
        "counters",
        *_texts("name"),
        Column("value", BigInteger(), nullable=False),
        PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )


def _tickets() -> None:
    op.create_table(
        "tickets",
        Column("number", BigInteger(), nullable=False, autoincrement=False),
        *_texts(
            "contact",
            "subject",
            "state",
            "category",
            "priority",
            "team",
            "language",
            "channel",
            "sender_kind",
            "sender_value",
            "sender_name",
            "proof",
            "reply_channel",
            "reply_address",
        ),
        Column("because", LargeBinary(), nullable=False),
        *_texts("config_version"),
        Column("conversation", LargeBinary(), nullable=False),
        Column("messages", Integer(), nullable=False),
        Column("version", Integer(), nullable=False),
        *_moments("opened_at", "changed_at"),
        PrimaryKeyConstraint("number", name=op.f("pk_tickets")),
        ForeignKeyConstraint(["contact"], ["contacts.id"], name=op.f("fk_tickets_contact_contacts")),
    )
    op.create_index(op.f("ix_tickets_contact"), "tickets", ["contact"])
    op.create_index(op.f("ix_tickets_state"), "tickets", ["state"])
    op.create_index(op.f("ix_tickets_team"), "tickets", ["team"])
    op.create_index(
        op.f("ix_tickets_unclosed_reply_address"),
        "tickets",
        ["reply_address", "reply_channel"],
        sqlite_where=text("state <> 'closed'"),
        postgresql_where=text("state <> 'closed'"),
    )


def _messages() -> None:
    op.create_table(
        "messages",
        *_texts("id"),
        Column("ticket", BigInteger(), nullable=False),
        Column("seq", Integer(), nullable=False),
        *_texts("direction", "external_id", "digest", "sender_value"),
        *_moments("received_at"),
        Column("record", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_messages_ticket_tickets")),
        UniqueConstraint("ticket", "seq", name=op.f("uq_messages_ticket_seq")),
    )
    op.create_index(op.f("ix_messages_external_id"), "messages", ["external_id"])
    op.create_table(
        "awaited",
        *_texts("external_id"),
        Column("ticket", BigInteger(), nullable=False),
        *_texts("sender_kind", "sender_value"),
        *_moments("until"),
        PrimaryKeyConstraint("external_id", "ticket", name=op.f("pk_awaited")),
        ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_awaited_ticket_tickets")),
    )
    op.create_index(op.f("ix_awaited_until"), "awaited", ["until"])
    op.create_table(
        "greetings",
        *_texts("id", "channel", "address"),
        *_moments("received_at"),
        Column("record", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_greetings")),
    )
    op.create_index(op.f("ix_greetings_address_channel"), "greetings", ["address", "channel"])


def _history() -> None:
    op.create_table(
        "events",
        *_texts("id"),
        Column("ticket", BigInteger(), nullable=False),
        Column("seq", Integer(), nullable=False),
        *_texts("kind", "actor", "cause"),
        *_moments("at"),
        Column("record", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_events")),
        ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_events_ticket_tickets")),
        UniqueConstraint("ticket", "seq", name=op.f("uq_events_ticket_seq")),
    )
    op.create_table(
        "originals",
        *_texts("raw", "channel", "content_type", "blob"),
        Column("partition", Integer(), nullable=False),
        Column("offset", BigInteger(), nullable=False),
        Column("records", Integer(), nullable=False),
        *_moments("received_at"),
        PrimaryKeyConstraint("raw", name=op.f("pk_originals")),
    )
    op.create_index(op.f("ix_originals_received_at"), "originals", ["received_at"])
    op.create_table(
        "inbox",
        *_texts("id", "raw", "outcome"),
        Column("ticket", BigInteger(), nullable=True),
        Column("fingerprint", Text(), nullable=True),
        *_texts("detail"),
        *_moments("at"),
        PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        UniqueConstraint("fingerprint", name=op.f("uq_inbox_fingerprint")),
    )
    op.create_index(op.f("ix_inbox_outcome"), "inbox", ["outcome"])
    op.create_index(op.f("ix_inbox_raw"), "inbox", ["raw"])
    op.create_index(op.f("ix_inbox_ticket"), "inbox", ["ticket"])


def _kept_items() -> None:
    op.create_table(
        "parked",
        *_texts("id"),
        Column("value", LargeBinary(), nullable=False),
        *_texts("key", "reason", "because", "state", "decided_by"),
        *_moments("parked_at"),
        Column("decided_at", BigInteger(), nullable=True),
        PrimaryKeyConstraint("id", name=op.f("pk_parked")),
    )
    op.create_index(op.f("ix_parked_reason"), "parked", ["reason"])
    op.create_index(op.f("ix_parked_state"), "parked", ["state"])
    op.create_table(
        "dead_letters",
        *_texts("id", "stage", "record", "topic"),
        Column("partition", Integer(), nullable=False),
        Column("offset", BigInteger(), nullable=False),
        *_texts("key"),
        Column("value", LargeBinary(), nullable=False),
        *_texts("reason", "detail"),
        Column("attempts", Integer(), nullable=False),
        *_moments("first_at", "last_at"),
        *_texts("code_version", "config_version", "state", "decided_by"),
        Column("replays", Integer(), nullable=False),
        Column("ticket", BigInteger(), nullable=True),
        PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
    )
    op.create_index(op.f("ix_dead_letters_reason"), "dead_letters", ["reason"])
    op.create_index(op.f("ix_dead_letters_record"), "dead_letters", ["record"])
    op.create_index(op.f("ix_dead_letters_state"), "dead_letters", ["state"])


def _outgoing() -> None:
    op.create_table(
        "outbox",
        Column("id", BigInteger().with_variant(Integer(), "sqlite"), nullable=False, autoincrement=True),
        *_texts("topic", "key"),
        Column("value", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_table(
        "deliveries",
        *_texts("id", "effect"),
        Column("ticket", BigInteger(), nullable=False),
        *_texts("event", "purpose", "channel", "address"),
        Column("payload", LargeBinary(), nullable=False),
        *_texts("external_id", "state", "reason"),
        Column("attempts", Integer(), nullable=False),
        Column("doubts", Integer(), nullable=False),
        *_moments("due_at", "created_at"),
        Column("settled_at", BigInteger(), nullable=True),
        PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        UniqueConstraint("effect", name=op.f("uq_deliveries_effect")),
    )
    op.create_index(op.f("ix_deliveries_due"), "deliveries", ["channel", "state", "due_at"])
    op.create_index(op.f("ix_deliveries_external_id"), "deliveries", ["external_id"])
    op.create_index(op.f("ix_deliveries_order"), "deliveries", ["channel", "address", "state", "created_at"])
    op.create_index(op.f("ix_deliveries_ticket"), "deliveries", ["ticket"])
    op.create_table(
        "caps",
        *_texts("id", "kind", "address"),
        *_moments("at"),
        PrimaryKeyConstraint("id", name=op.f("pk_caps")),
    )
    op.create_index(op.f("ix_caps_kind_address_at"), "caps", ["kind", "address", "at"])


def _work() -> None:
    op.create_table(
        "positions",
        *_texts("group", "topic"),
        Column("partition", Integer(), nullable=False),
        Column("epoch", BigInteger(), nullable=False),
        Column("next", BigInteger(), nullable=True),
        PrimaryKeyConstraint("group", "topic", "partition", name=op.f("pk_positions")),
    )
    op.create_table(
        "attempts",
        *_texts("group", "topic"),
        Column("partition", Integer(), nullable=False),
        Column("start", BigInteger(), nullable=False),
        Column("end", BigInteger(), nullable=False),
        Column("tries", Integer(), nullable=False),
        *_moments("begun_at"),
        PrimaryKeyConstraint("group", "topic", "partition", "start", "end", name=op.f("pk_attempts")),
    )
    op.create_table(
        "held",
        *_texts("group", "topic"),
        Column("partition", Integer(), nullable=False),
        Column("offset", BigInteger(), nullable=False),
        *_texts("key"),
        Column("value", LargeBinary(), nullable=False),
        Column("attempts", Integer(), nullable=False),
        *_texts("reason"),
        *_moments("first_at", "due_at"),
        PrimaryKeyConstraint("group", "topic", "partition", "offset", name=op.f("pk_held")),
    )


def _owners() -> None:
    op.create_table(
        "leases",
        *_texts("name", "owner"),
        Column("fence", BigInteger(), nullable=False),
        *_moments("until"),
        PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "progress",
        *_texts("name", "value"),
        PrimaryKeyConstraint("name", name=op.f("pk_progress")),
    )

"""What deciding needs: who holds a ticket, deadlines, timers, what is known of people, and what messages say."""

from datetime import UTC, datetime

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)

from store.codec import decode_kept
from store.errors import Permanent
from store.full_text import ON_POSTGRESQL, ON_SQLITE
from store.records import Message
from store.words import searched

_AT_ONCE = 200  # Messages: each has 64 KiB of text at most, and as much HTML.

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns and tables.

    Tickets that stand have no deadlines and are held by nobody but who claimed them. What they were before goes on: the
    solved ones are closed in their time, and those that wait do so from now on, since nobody was reminded until now.
    """
    _tickets()
    _contacts()
    _inbox()
    _turns()
    _timers()
    _texts()
    _sketches()


def _tickets() -> None:
    for name in (
        "answer_by",
        "update_by",
        "resolve_by",
        "due_by",
        "answered_at",
        "asked_at",
        "waiting_since",
        "solved_at",
        "claimed_at",
        "wakes_at",
        "ladder_at",
    ):
        op.add_column("tickets", Column(name, BigInteger(), nullable=True))  # As `store.instant` keeps moments.
    op.add_column("tickets", Column("waiting_left", Integer(), nullable=True))
    op.add_column("tickets", Column("waited", Integer(), nullable=True))
    op.add_column("tickets", Column("person", Text(), nullable=True))
    op.add_column("tickets", Column("level", Integer(), nullable=True))
    op.add_column("tickets", Column("copies", LargeBinary(), nullable=True))
    op.create_index(op.f("ix_tickets_person_state"), "tickets", ["person", "state"])
    op.create_index(op.f("ix_tickets_person_opened_at"), "tickets", ["person", "opened_at"])
    op.add_column("tickets", Column("apart", Boolean(), nullable=True))
    op.create_index(op.f("ix_tickets_due_by"), "tickets", ["due_by"])
    op.execute("UPDATE tickets SET person = assignee WHERE assignee IS NOT NULL")
    _fill_clocks(op.get_bind())


def _fill_clocks(connection: Connection) -> None:
    """When tickets were first answered, were solved, or began to wait; solving one has always been an answer."""
    happened = "FROM events WHERE events.ticket = tickets.number AND events.kind"
    connection.execute(
        text(f"UPDATE tickets SET answered_at = (SELECT MIN(at) {happened} IN ('answered', 'solved'))")  # noqa: S608 (ours)
    )
    connection.execute(
        text(
            f"UPDATE tickets SET solved_at = COALESCE((SELECT MAX(at) {happened} = 'solved'), changed_at) "  # noqa: S608 (ours)
            "WHERE state = 'solved'"
        )
    )
    now = round(datetime.now(UTC).timestamp() * 1_000_000)  # As `store.instant` keeps it.
    connection.execute(text("UPDATE tickets SET waiting_since = :now WHERE state = 'waiting'"), {"now": now})


def _contacts() -> None:
    op.add_column("contacts", Column("organisation", Text(), nullable=True))
    op.add_column("contacts", Column("tags", LargeBinary(), nullable=True))
    op.add_column("contacts", Column("last_person", Text(), nullable=True))


def _inbox() -> None:
    op.add_column("inbox", Column("because", Text(), nullable=True))


def _turns() -> None:
    op.create_table(
        "turns",
        Column("person", Text(), nullable=False),
        Column("last_at", BigInteger(), nullable=False),
        PrimaryKeyConstraint("person", name=op.f("pk_turns")),
    )


def _timers() -> None:
    op.create_table(
        "timers",
        Column("id", Text(), nullable=False),
        Column("ticket", BigInteger(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("due_at", BigInteger(), nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_timers")),
    )
    op.create_index(op.f("ix_timers_ticket"), "timers", ["ticket"])
    op.create_index(op.f("ix_timers_due_at"), "timers", ["due_at"])


def _texts() -> None:
    op.create_table(
        "texts",
        Column("id", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
        Column("message", Text(), nullable=False),
        Column("ticket", BigInteger(), nullable=False),
        Column("words", Text(), nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_texts")),
        UniqueConstraint("message", name=op.f("uq_texts_message")),
        ForeignKeyConstraint(["message"], ["messages.id"], name=op.f("fk_texts_message_messages")),
        ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_texts_ticket_tickets")),
    )
    op.create_index(op.f("ix_texts_ticket"), "texts", ["ticket"])
    if op.get_bind().dialect.name == "sqlite":
        for made, _ in ON_SQLITE:
            op.execute(made)
    else:
        op.execute(ON_POSTGRESQL)
    _fill_texts(op.get_bind())


def _fill_texts(connection: Connection) -> None:
    """The words of messages that stand, a few at a time: bodies of any size must not be in memory together."""
    last = ""
    ask = text("SELECT id, ticket, record FROM messages WHERE id > :last ORDER BY id LIMIT :most")
    put = text("INSERT INTO texts (message, ticket, words) VALUES (:message, :ticket, :words)")
    while rows := connection.execute(ask, {"last": last, "most": _AT_ONCE}).all():
        found = ((row.id, row.ticket, _words(bytes(row.record))) for row in rows)
        several = [{"message": one, "ticket": ticket, "words": words} for one, ticket, words in found if words]
        if several:
            connection.execute(put, several)
        last = rows[-1].id


def _words(value: bytes) -> str:
    try:
        record = decode_kept(value)
    except Permanent:  # It cannot be shown either; a search is no reason to stay at the release before.
        return ""
    return searched(record.subject if isinstance(record, Message) else "", record.text)


def _sketches() -> None:
    op.create_table(
        "sketches",
        Column("message", Text(), nullable=False),
        Column("ticket", BigInteger(), nullable=False),
        Column("contact", Text(), nullable=False),
        Column("channel", Text(), nullable=False),
        Column("sender_kind", Text(), nullable=False),
        Column("sender_value", Text(), nullable=False),
        Column("proof", Text(), nullable=False),
        Column("digest", Text(), nullable=False),
        Column("template", Text(), nullable=False),
        Column("sketch", LargeBinary(), nullable=False),
        Column("seen", Integer(), nullable=False),
        Column("at", BigInteger(), nullable=False),
        PrimaryKeyConstraint("message", name=op.f("pk_sketches")),
        ForeignKeyConstraint(["message"], ["messages.id"], name=op.f("fk_sketches_message_messages")),
        ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_sketches_ticket_tickets")),
        ForeignKeyConstraint(["contact"], ["contacts.id"], name=op.f("fk_sketches_contact_contacts")),
    )
    op.create_index(op.f("ix_sketches_ticket"), "sketches", ["ticket"])
    op.create_index(op.f("ix_sketches_contact_at"), "sketches", ["contact", "at"])
    op.create_index(op.f("ix_sketches_template_at"), "sketches", ["template", "at"])

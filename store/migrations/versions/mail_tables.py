"""What whole mail needs: participants, addresses that nothing reaches, links of tickets, drafts, verdicts on files."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, LargeBinary, PrimaryKeyConstraint, Text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the tables, and who works on a ticket; nobody does on those that stand."""
    op.add_column("tickets", Column("assignee", Text(), nullable=True))
    op.create_index(op.f("ix_tickets_sender_opened_at"), "tickets", ["sender_value", "opened_at"])
    _endpoints()
    _participants()
    _links()
    _drafts()
    _scans()
    _arrivals()


def _endpoints() -> None:
    op.create_table(
        "endpoints",
        Column("kind", Text(), nullable=False),
        Column("value", Text(), nullable=False),
        Column("state", Text(), nullable=False),
        Column("reason", Text(), nullable=False),
        Column("failures", Integer(), nullable=False),
        Column("since", BigInteger(), nullable=False),
        Column("changed_at", BigInteger(), nullable=False),
        PrimaryKeyConstraint("kind", "value", name=op.f("pk_endpoints")),
    )
    op.create_index(op.f("ix_endpoints_changed_at"), "endpoints", ["changed_at"])


def _participants() -> None:
    op.create_table(
        "participants",
        Column("ticket", BigInteger(), nullable=False),
        Column("kind", Text(), nullable=False),
        Column("value", Text(), nullable=False),
        Column("seq", Integer(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("cause", Text(), nullable=False),
        Column("joined_at", BigInteger(), nullable=False),
        PrimaryKeyConstraint("ticket", "kind", "value", name=op.f("pk_participants")),
        ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_participants_ticket_tickets")),
    )


def _links() -> None:
    op.create_table(
        "links",
        Column("ticket", BigInteger(), nullable=False),
        Column("other", BigInteger(), nullable=False),
        Column("because", Text(), nullable=False),
        Column("at", BigInteger(), nullable=False),
        PrimaryKeyConstraint("ticket", "other", name=op.f("pk_links")),
        ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_links_ticket_tickets")),
        ForeignKeyConstraint(["other"], ["tickets.number"], name=op.f("fk_links_other_tickets")),
    )


def _drafts() -> None:
    op.create_table(
        "drafts",
        Column("ticket", BigInteger(), nullable=False),
        Column("actor", Text(), nullable=False),
        Column("record", LargeBinary(), nullable=False),
        Column("at", BigInteger(), nullable=False),
        PrimaryKeyConstraint("ticket", "actor", name=op.f("pk_drafts")),
        ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_drafts_ticket_tickets")),
    )


def _scans() -> None:
    op.create_table(
        "scans",
        Column("digest", Text(), nullable=False),
        Column("state", Text(), nullable=False),
        Column("detail", Text(), nullable=False),
        Column("at", BigInteger(), nullable=False),
        PrimaryKeyConstraint("digest", name=op.f("pk_scans")),
    )


def _arrivals() -> None:
    op.create_table(
        "arrivals",
        Column("span", Text(), nullable=False),
        Column("since", BigInteger(), nullable=False),
        Column("digest", Text(), nullable=False),
        Column("count", Integer(), nullable=False),
        PrimaryKeyConstraint("span", "since", "digest", name=op.f("pk_arrivals")),
    )

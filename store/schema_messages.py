"""The tables of what was said: messages, what finds them again, and what waits for its ticket."""

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    event,
)

from store.full_text import ON_POSTGRESQL, ON_SQLITE
from store.instant import Instant
from store.metadata import metadata, text_column

messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("ticket", BigInteger, ForeignKey("tickets.number"), nullable=False),
    Column("seq", Integer, nullable=False),  # From 1 within its ticket.
    text_column("direction"),  # "in", "out", "note".
    text_column("external_id", index=True),
    text_column("digest"),
    text_column("sender_value"),
    Column("received_at", Instant, nullable=False),
    Column("record", LargeBinary, nullable=False),  # The whole Message, or the Action that wrote it.
    UniqueConstraint("ticket", "seq"),
)

texts = Table(  # What was said, as words compare: what a search looks through.
    "texts",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("message", Text, ForeignKey("messages.id"), nullable=False, unique=True),
    Column("ticket", BigInteger, ForeignKey("tickets.number"), nullable=False, index=True),
    text_column("words"),  # Each once, with spaces between them.
)


def _with_texts(moment: str, dialect: str, statement: str) -> None:
    ddl = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types.
    event.listen(texts, moment, ddl.execute_if(dialect=dialect))


for made, dropped in ON_SQLITE:
    _with_texts("after_create", "sqlite", made)
    _with_texts("before_drop", "sqlite", dropped)
_with_texts("after_create", "postgresql", ON_POSTGRESQL)

sketches = Table(  # By which messages that say the same are found.
    "sketches",
    metadata,
    Column("message", Text, ForeignKey("messages.id"), primary_key=True),
    Column("ticket", BigInteger, ForeignKey("tickets.number"), nullable=False, index=True),
    Column("contact", Text, ForeignKey("contacts.id"), nullable=False),
    text_column("channel"),
    text_column("sender_kind"),
    text_column("sender_value"),
    text_column("proof"),
    text_column("digest"),
    text_column("template"),  # A digest of an alert's text without its numbers; empty: it is none.
    Column("sketch", LargeBinary, nullable=False),
    Column("seen", Integer, nullable=False),  # How often an alert came.
    Column("at", Instant, nullable=False),
    Index("ix_sketches_contact_at", "contact", "at"),
    Index("ix_sketches_template_at", "template", "at"),
)

awaited = Table(  # Replies that came before the message they answer: that message joins their ticket.
    "awaited",
    metadata,
    Column("external_id", Text, primary_key=True),
    Column("ticket", BigInteger, ForeignKey("tickets.number"), primary_key=True),
    text_column("sender_kind"),
    text_column("sender_value"),
    Column("until", Instant, nullable=False, index=True),
)

greetings = Table(  # A bare "Hi" opens nothing: it waits here for the chat's next message, whose ticket it joins.
    "greetings",
    metadata,
    Column("id", Text, primary_key=True),  # Of the record.
    text_column("channel"),
    text_column("address"),  # As in `ReplyPath.address`.
    Column("received_at", Instant, nullable=False),
    Column("record", LargeBinary, nullable=False),  # The whole Message.
    Index("ix_greetings_address_channel", "address", "channel"),
)

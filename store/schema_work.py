"""The tables that say who does the work, how far it is, and what was found out on the way."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Text

from store.instant import Instant
from store.metadata import metadata, text_column

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
    text_column("key"),
    Column("value", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False),  # 0: waits behind another one.
    text_column("reason"),
    Column("first_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    text_column("owner"),
    Column("fence", BigInteger, nullable=False),  # Counts the owners: a smaller number is a former owner.
    Column("until", Instant, nullable=False),  # By the database's clock.
)

progress = Table(  # How far a channel has read its source.
    "progress",
    metadata,
    Column("name", Text, primary_key=True),
    text_column("value"),
)

scans = Table(  # What a virus scanner said of files.
    "scans",
    metadata,
    Column("digest", Text, primary_key=True),  # SHA-256 of the content.
    text_column("state"),  # "clean" or "infected".
    text_column("detail"),
    Column("at", Instant, nullable=False),
)

turns = Table(  # When people last had a ticket, which others may have had since.
    "turns",
    metadata,
    Column("person", Text, primary_key=True),  # "person:ola".
    Column("last_at", Instant, nullable=False),  # When it was opened.
)

timers = Table(  # What comes due by itself.
    "timers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("ticket", BigInteger, nullable=False, index=True),  # 0: it is about no ticket.
    text_column("name"),
    Column("due_at", Instant, nullable=False, index=True),
)

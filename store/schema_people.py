"""The tables of people: who writes, by which addresses they are known, and whom nothing reaches."""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Table, Text

from store.instant import Instant
from store.metadata import metadata, text_column

contacts = Table(
    "contacts",
    metadata,
    Column("id", Text, primary_key=True),
    text_column("name"),
    text_column("language"),  # The language of the last exchange; empty: unknown.
    Column("organisation", Text),  # NULL: unknown.
    Column("tags", LargeBinary),  # JSON of words; NULL: none.
    Column("last_person", Text),  # Who last worked on a ticket of theirs, "person:ola"; NULL: nobody did.
    Column("created_at", Instant, nullable=False),
)

addresses = Table(
    "addresses",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("contact", Text, ForeignKey("contacts.id"), nullable=False, index=True),
    text_column("name"),
    text_column("proof"),  # The strongest proof that was ever given for it (`records.Proof`).
    Column("added_at", Instant, nullable=False),
)

endpoints = Table(  # Addresses that something of ours could not reach, or that want nothing of ours.
    "endpoints",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    text_column("state"),  # As in `endpoints.Endpoint`: "suspended" and "complained" get no courtesies.
    text_column("reason"),  # The peer's own words, cut and cleaned.
    Column("failures", Integer, nullable=False),  # Soft ones since `since`.
    Column("since", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False, index=True),  # Finds those that turned just now.
)

"""Replies that came before the message they answer: that message may join their ticket when it comes."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from store.records import Address
from store.rows import Awaited
from store.schema import awaited


def by_external_id(connection: Connection, external_ids: Collection[str]) -> dict[str, tuple[Awaited, ...]]:
    """Who awaits these external ids, the oldest ticket first."""
    found: defaultdict[str, list[Awaited]] = defaultdict(list)
    rows = connection.execute(
        select(awaited).where(awaited.c.external_id.in_(external_ids)).order_by(awaited.c.ticket)
    ).mappings()
    for row in rows:
        found[row["external_id"]].append(
            Awaited(
                external_id=row["external_id"],
                ticket=row["ticket"],
                sender=Address(kind=row["sender_kind"], value=row["sender_value"]),
                until=row["until"],
            )
        )
    return {external_id: tuple(several) for external_id, several in found.items()}


def add(connection: Connection, rows: Sequence[Awaited]) -> None:
    """Await these; a ticket that awaits one of them already goes on as it did."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(
        dialect.insert(awaited).on_conflict_do_nothing(),
        [
            {
                "external_id": row.external_id,
                "ticket": row.ticket,
                "sender_kind": row.sender.kind,
                "sender_value": row.sender.value,
                "until": row.until,
            }
            for row in rows
        ],
    )


def met(connection: Connection, external_id: str) -> None:
    """Await this one no longer."""
    connection.execute(delete(awaited).where(awaited.c.external_id == external_id))


def forget(connection: Connection, before: datetime) -> int:
    """Take away what nobody may join any more; returns how many rows."""
    return connection.execute(delete(awaited).where(awaited.c.until < before)).rowcount

"""What a scanner said of files, by the hash of their content: each is scanned once."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from store.schema import scans
from store.upsert import insert


class Scan(NamedTuple):
    """A verdict that is known already."""

    state: str  # "clean" or "infected".
    detail: str  # The name of what was found.
    at: datetime


def get(connection: Connection, digest: str) -> Scan | None:
    """The verdict about the file with this SHA-256; None where it was not scanned yet."""
    row = connection.execute(
        select(scans.c.state, scans.c.detail, scans.c.at).where(scans.c.digest == digest)
    ).one_or_none()
    return Scan(row.state, row.detail, row.at) if row else None


def put(connection: Connection, digest: str, scan: Scan) -> None:
    """Keep a verdict in place of an earlier one."""
    connection.execute(
        insert(connection, scans)
        .values(digest=digest, **scan._asdict())
        .on_conflict_do_update(index_elements=["digest"], set_=scan._asdict())
    )

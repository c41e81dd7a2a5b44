"""What became of each record that the router read: one row each, written once or settled anew by a person's word."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update

from store.rows import Settled
from store.schema import inbox


def outcomes(connection: Connection, ids: Collection[str]) -> dict[str, Settled]:
    """What became of these records, by their ids; one that is missing has not been handled."""
    return {settled.id: settled for settled in _read(connection, inbox.c.id.in_(ids))}


def times(connection: Connection, ids: Collection[str]) -> dict[str, datetime]:
    """When each of these records got its outcome; one that is missing has not been handled."""
    rows = connection.execute(select(inbox.c.id, inbox.c.at).where(inbox.c.id.in_(ids)))
    return {row.id: row.at for row in rows}


def holders(connection: Connection, fingerprints: Collection[str]) -> dict[str, Settled]:
    """The records that hold these fingerprints, by the fingerprint."""
    return {settled.fingerprint: settled for settled in _read(connection, inbox.c.fingerprint.in_(fingerprints))}


def record(connection: Connection, several: Sequence[Settled], at: datetime) -> None:
    """Write what became of records that had no outcome yet."""
    if several:
        rows = [
            msgspec.structs.asdict(settled)
            | {"fingerprint": settled.fingerprint or None, "because": _because(settled), "at": at}
            for settled in several
        ]
        connection.execute(_RECORD, rows)


_RECORD = insert(inbox)


def settle(connection: Connection, settled: Settled) -> None:
    """Give a record another outcome: it was parked and is accepted, or it was dead and is replayed."""
    connection.execute(
        _SETTLE,
        {
            "which": settled.id,
            "now": settled.outcome,
            "joined": settled.ticket,
            "told": settled.detail,
            "reasons": _because(settled),
        },
    )


_SETTLE = (
    update(inbox)
    .where(inbox.c.id == bindparam("which"))
    .values(
        outcome=bindparam("now"), ticket=bindparam("joined"), detail=bindparam("told"), because=bindparam("reasons")
    )
)


def join(connection: Connection, ids: Sequence[str], ticket: int) -> None:
    """Name the ticket that greeted records became part of."""
    connection.execute(update(inbox).where(inbox.c.id.in_(ids)).values(ticket=ticket))


def _because(settled: Settled) -> str | None:
    return msgspec.json.encode(settled.because).decode() if settled.because else None


def _read(connection: Connection, which: ColumnElement[bool]) -> Iterator[Settled]:
    rows = connection.execute(
        select(inbox.c.id, inbox.c.raw, inbox.c.outcome, inbox.c.ticket, inbox.c.fingerprint, inbox.c.detail).where(
            which
        )
    )
    for row in rows:
        yield Settled(
            id=row.id,
            raw=row.raw,
            outcome=row.outcome,
            ticket=row.ticket,
            fingerprint=row.fingerprint or "",
            detail=row.detail,
        )

"""Leases: work that only one process may do at a time, taken over when its owner dies.

All times are the database's, so that no two owners need agree on a clock.
"""

from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Connection, literal_column, select, type_coerce, update

from store.errors import Fenced
from store.schema import leases
from store.upsert import insert

# Whole microseconds since 1970, as `Instant` keeps them. SQLite's clock is exact to a millisecond.
_CLOCKS = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)",
    # Not now(), which stands still inside a transaction and so would wake a lease that ended while we waited.
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)",
}


class Lease(NamedTuple):
    """The right to do one kind of work, until somebody with a higher fence has it."""

    name: str
    owner: str
    fence: int


def take(connection: Connection, name: str, owner: str, ttl: float) -> Lease | None:
    """Take the lease for `ttl` seconds; None while somebody else's has not run out.

    `owner` must be unlike any other owner's, one of this process included: the same owner does not get it twice.
    """
    now = _clock(connection)
    statement = (
        insert(connection, leases)
        .values(name=name, owner=owner, fence=1, until=_after(now, ttl))
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"owner": owner, "fence": leases.c.fence + 1, "until": _after(now, ttl)},
            where=type_coerce(leases.c.until, BigInteger) <= now,
        )
        .returning(leases.c.fence)
    )
    fence = connection.scalar(statement)
    return None if fence is None else Lease(name, owner, fence)


def renew(connection: Connection, lease: Lease, ttl: float) -> None:
    """Keep the lease for `ttl` seconds from now; raises Fenced where somebody has taken it."""
    kept = connection.execute(
        update(leases).where(_is(lease)).values(until=_after(_clock(connection), ttl)).returning(leases.c.fence)
    )
    if kept.first() is None:
        raise _lost(lease)


def release(connection: Connection, lease: Lease) -> None:
    """Let others take the lease at once; does nothing where somebody has."""
    connection.execute(update(leases).where(_is(lease)).values(until=_clock(connection)))


def assert_held(connection: Connection, lease: Lease) -> None:
    """Make sure that nobody takes the lease before this transaction ends; raises Fenced where somebody has.

    A lease that ran out and that nobody took still holds.
    """
    # The row's lock makes whoever wants to take the lease wait; SQLite's one writer needs none.
    if connection.scalar(select(leases.c.fence).where(_is(lease)).with_for_update()) is None:
        raise _lost(lease)


def end_all(connection: Connection) -> None:
    """End every lease: for a process that has just made sure that it is the only one, so all owners are dead."""
    connection.execute(update(leases).values(until=_clock(connection)))


def _is(lease: Lease) -> ColumnElement[bool]:
    return (leases.c.name == lease.name) & (leases.c.owner == lease.owner) & (leases.c.fence == lease.fence)


def _clock(connection: Connection) -> ColumnElement[int]:
    return literal_column(_CLOCKS[connection.dialect.name], BigInteger)


def _after(now: ColumnElement[int], seconds: float) -> ColumnElement[int]:
    return now + round(seconds * 1_000_000)


def _lost(lease: Lease) -> Fenced:
    return Fenced(f"the lease {lease.name!r} was {lease.owner}'s, and another process has it now: it does the work")

"""How many courtesies went to an address lately: counted in the store, so that all entry points share the caps."""

import zlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, and_, delete, func, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite

from store.schema import caps

LONGEST = timedelta(days=30)  # Ours: the longest window that a limit may have.

_CAPS_LOCK = 0x63617073  # "caps"; a number that only these locks use, in PostgreSQL's advisory locks of two numbers.
_SHARES = 64  # Of all addresses: few enough locks for a server's memory, and seldom one that two processes want.


class Courtesy(msgspec.Struct, frozen=True, kw_only=True):
    """One courtesy that counts against an address."""

    effect: str  # Of its delivery; counted once.
    kind: str  # What is capped: "acknowledgement".
    address: str
    at: datetime


class Window(NamedTuple):
    """Which courtesies are counted."""

    kind: str
    addresses: Collection[str]
    since: datetime  # Those after it.


def counts(connection: Connection, windows: Sequence[Window]) -> Mapping[tuple[str, str], int]:
    """The courtesies by kind and address, in one query; an address without any is missing."""
    wanted = [
        and_(caps.c.kind == one.kind, caps.c.address.in_(list(one.addresses)), caps.c.at > one.since)
        for one in windows
        if one.addresses
    ]
    if not wanted:
        return {}
    query = select(caps.c.kind, caps.c.address, func.count().label("sent")).where(or_(*wanted))
    return {
        (row.kind, row.address): row.sent for row in connection.execute(query.group_by(caps.c.kind, caps.c.address))
    }


def lock(connection: Connection, kind: str, addresses: Collection[str]) -> None:
    """Let nobody else count these addresses until this transaction ends; SQLite's one writer holds them already.

    Who counts before it adds calls it first: else two processes would each find that the last courtesy is to be had.
    """
    if addresses and connection.dialect.name == "postgresql":
        shares = sorted({zlib.crc32(f"{kind}:{address}".encode()) % _SHARES for address in addresses})
        connection.execute(_LOCK, {"caps": _CAPS_LOCK, "shares": shares})


# In this order, so that no two wait for each other.
_LOCK = text("SELECT pg_advisory_xact_lock(:caps, share) FROM unnest(CAST(:shares AS integer[])) AS share")


def add(connection: Connection, courtesies: Sequence[Courtesy]) -> None:
    """Count the courtesies; one that is counted already changes nothing."""
    if courtesies:
        rows = [{"id": one.effect, "kind": one.kind, "address": one.address, "at": one.at} for one in courtesies]
        connection.execute(_INSERTS[connection.dialect.name], rows)


def forget(connection: Connection, now: datetime) -> None:
    """Delete what no window reaches any more: whom we wrote to is nothing to keep for ever."""
    connection.execute(delete(caps).where(caps.c.at < now - LONGEST))


_INSERTS = {
    "sqlite": sqlite.insert(caps).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(caps).on_conflict_do_nothing(),
}

"""What is known of addresses that something of ours did not reach, or that want nothing of ours."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select

from store.rows import COMPLAINED, REACHABLE, SUSPENDED, Endpoint
from store.schema import endpoints
from store.upsert import insert

UNWELCOME = frozenset({SUSPENDED, COMPLAINED})  # The states in which no courtesy goes to an address.

_KEY = ("kind", "value")
_MOST_SQL = 10_000  # Values in one statement; SQLite takes 32,766 (sqlite.org/limits.html).


def by_address(connection: Connection, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], Endpoint]:
    """What is known of these (kind, value); an address of which nothing is known is missing."""
    kinds, values = {kind for kind, _ in wanted}, {value for _, value in wanted}
    rows = connection.execute(
        select(endpoints).where(endpoints.c.kind.in_(kinds), endpoints.c.value.in_(values))
    ).mappings()
    found = (Endpoint(**row) for row in rows)
    return {(one.kind, one.value): one for one in found if (one.kind, one.value) in wanted}


def states(connection: Connection, addresses: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
    """The states of these (kind, value), in constant time for each; an address without any trouble is missing.

    An address whose state is in `UNWELCOME` gets no courtesies; what a person writes goes to it all the same.
    """
    asked = list(dict.fromkeys(addresses))
    found: dict[tuple[str, str], str] = {}
    for start in range(0, len(asked), _MOST_SQL):
        some = by_address(connection, set(asked[start : start + _MOST_SQL]))
        found |= {key: one.state for key, one in some.items() if one.state != REACHABLE}
    return found


def turned_since(connection: Connection, moment: datetime) -> int:
    """How many addresses became unwelcome after a moment."""
    found = select(func.count()).where(endpoints.c.state.in_(UNWELCOME), endpoints.c.changed_at > moment)
    return connection.scalar(found) or 0


def put(connection: Connection, changed: Sequence[Endpoint]) -> None:
    """Write what is known now of these addresses, in place of what was."""
    if not changed:
        return
    statement = insert(connection, endpoints)
    known = {column.name: statement.excluded[column.name] for column in endpoints.c if column.name not in _KEY}
    rows = [msgspec.structs.asdict(one) for one in changed]
    connection.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=known), rows)

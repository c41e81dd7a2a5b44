"""How many tickets were opened lately, and how many of them say the same: what tells a storm from a busy day."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from store.schema import arrivals
from store.upsert import insert

ALL = ""  # The digest that every ticket counts for.

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
_KEEP: Mapping[str, timedelta] = {"minute": 2 * HOUR, "hour": timedelta(days=2)}  # Longer than anybody looks back.


def add(connection: Connection, counts: Mapping[str, int], at: datetime) -> None:
    """Count tickets that were opened at `at`, by digest; `ALL` among them is counted for the hour as well."""
    rows = [{"span": "minute", "since": _begin(at, MINUTE), "digest": name, "count": n} for name, n in counts.items()]
    if ALL in counts:
        rows.append({"span": "hour", "since": _begin(at, HOUR), "digest": ALL, "count": counts[ALL]})
    if rows:
        statement = insert(connection, arrivals)
        more = {"count": arrivals.c.count + statement.excluded.count}
        keys = [arrivals.c.span, arrivals.c.since, arrivals.c.digest]
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=more), rows)


def lately(connection: Connection, digests: Collection[str], *, now: datetime, window: timedelta) -> Mapping[str, int]:
    """For each digest the tickets of the last `window`, in whole minutes; a digest without any is missing."""
    if not digests:
        return {}
    minutes = [_begin(now, MINUTE) - number * MINUTE for number in range(window // MINUTE)]
    mine = arrivals.c.span == "minute", arrivals.c.since.in_(minutes), arrivals.c.digest.in_(list(digests))
    query = select(arrivals.c.digest, func.sum(arrivals.c.count).label("opened")).where(*mine)
    return {row.digest: int(row.opened) for row in connection.execute(query.group_by(arrivals.c.digest))}


def usual(connection: Connection, *, now: datetime, window: timedelta) -> float:
    """How many tickets are opened in a `window` as a rule: the mean over the 24 whole hours before this one."""
    until = _begin(now, HOUR)
    day = arrivals.c.span == "hour", arrivals.c.since >= until - 24 * HOUR, arrivals.c.since < until
    opened = connection.scalar(select(func.sum(arrivals.c.count)).where(*day, arrivals.c.digest == ALL))
    return float(opened or 0) * (window / (24 * HOUR))


def forget(connection: Connection, now: datetime) -> None:
    """Delete what nobody looks at any more."""
    for span, keep in _KEEP.items():
        connection.execute(delete(arrivals).where(arrivals.c.span == span, arrivals.c.since < now - keep))


def _begin(at: datetime, span: timedelta) -> datetime:
    """The beginning of the minute or hour."""
    return at.replace(minute=0, second=0, microsecond=0) if span == HOUR else at.replace(second=0, microsecond=0)

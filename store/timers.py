"""What comes due by itself: rows that are read by when they are due, and replaced whole for each ticket."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, select

from store.rows import Timer
from store.schema import inbox, timers
from store.upsert import insert

OF_DESK = 0  # The ticket of timers that are about none.
_AT_ONCE = 10_000  # SQLite takes 32,766 values in a statement (sqlite.org/limits.html, SQLITE_MAX_VARIABLE_NUMBER).


def due(connection: Connection, until: datetime, limit: int) -> list[Timer]:
    """Those that came due at `until` at the latest, oldest first, at most `limit`."""
    rows = connection.execute(
        select(timers).where(timers.c.due_at <= until).order_by(timers.c.due_at, timers.c.id).limit(limit)
    )
    return [_timer(row) for row in rows.mappings()]


def of_desk(connection: Connection, prefix: str, limit: int) -> list[Timer]:
    """Those of no ticket whose names begin so, due or not, oldest first, at most `limit`."""
    rows = connection.execute(
        select(timers)
        .where(timers.c.ticket == OF_DESK, timers.c.name.startswith(prefix, autoescape=True))
        .order_by(timers.c.due_at, timers.c.id)
        .limit(limit)
    )
    return [_timer(row) for row in rows.mappings()]


def replace(connection: Connection, of_tickets: Mapping[int, Sequence[Timer]], now: datetime) -> None:
    """Let these be all timers of these tickets; those that have fired are left out."""
    numbers = list(of_tickets)
    for start in range(0, len(numbers), _AT_ONCE):
        connection.execute(delete(timers).where(timers.c.ticket.in_(numbers[start : start + _AT_ONCE])))
    wanted = [timer for several in of_tickets.values() for timer in several]
    fired = _fired(connection, [timer for timer in wanted if timer.due_at <= now])
    add(connection, [timer for timer in wanted if timer.id not in fired])


def add(connection: Connection, several: Sequence[Timer]) -> None:
    """Keep timers; one that is there already, by its id, stays as it is."""
    if several:
        statement = insert(connection, timers).on_conflict_do_nothing(index_elements=["id"])
        connection.execute(statement, [timer._asdict() for timer in several])


def remove(connection: Connection, ids: Collection[str]) -> None:
    """Forget timers."""
    wanted = list(ids)
    for start in range(0, len(wanted), _AT_ONCE):
        connection.execute(delete(timers).where(timers.c.id.in_(wanted[start : start + _AT_ONCE])))


def _fired(connection: Connection, several: Sequence[Timer]) -> set[str]:
    by_record = {timer.record: timer.id for timer in several}
    found: set[str] = set()
    wanted = list(by_record)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        found.update(by_record[known] for known in connection.scalars(select(inbox.c.id).where(inbox.c.id.in_(some))))
    return found


def _timer(row: RowMapping) -> Timer:
    return Timer(row["id"], row["ticket"], row["name"], row["due_at"])

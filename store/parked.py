"""Records that are no errors and yet open nothing by themselves: they wait for a person's word."""

from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from store.errors import Permanent
from store.records import Reason
from store.rows import ParkedItem
from store.schema import parked


def by_id(connection: Connection, ids: Collection[str]) -> dict[str, ParkedItem]:
    """The parked items with these ids, whatever was decided about them."""
    rows = connection.execute(select(parked).where(parked.c.id.in_(ids))).mappings()
    return {row["id"]: _item(row) for row in rows}


def listed(connection: Connection, *, state: str = "waiting", limit: int = 1000) -> list[ParkedItem]:
    """The items in this state, oldest first."""
    rows = connection.execute(
        select(parked).where(parked.c.state == state).order_by(parked.c.parked_at, parked.c.id).limit(limit)
    ).mappings()
    return [_item(row) for row in rows]


def find(connection: Connection, prefix: str) -> ParkedItem:
    """The item whose id begins with `prefix`; raises Permanent where there is none or more than one."""
    rows = connection.execute(select(parked).where(parked.c.id.startswith(prefix, autoescape=True)).limit(2))
    found = [_item(row) for row in rows.mappings()]
    if len(found) != 1:
        how_many = "no parked item" if not found else "more than one parked item"
        raise Permanent(f"{how_many} has an id that begins with {prefix!r}: see `deskwire parked list`")
    return found[0]


def add(connection: Connection, item: ParkedItem) -> None:
    """Let a record wait."""
    connection.execute(insert(parked), msgspec.structs.asdict(item) | {"because": _because(item), "decided_at": None})


def decide(connection: Connection, item: ParkedItem, at: datetime) -> None:
    """Write who decided what about an item."""
    connection.execute(_DECIDE, {"which": item.id, "now": item.state, "by": item.decided_by, "at": at})


_DECIDE = (
    update(parked)
    .where(parked.c.id == bindparam("which"))
    .values(state=bindparam("now"), decided_by=bindparam("by"), decided_at=bindparam("at"))
)


def _because(item: ParkedItem) -> str:
    return msgspec.json.encode(item.because).decode()


def _item(row: RowMapping) -> ParkedItem:
    return ParkedItem(
        id=row["id"],
        value=row["value"],
        key=row["key"],
        reason=row["reason"],
        because=msgspec.json.decode(row["because"], type=tuple[Reason, ...]),
        state=row["state"],
        decided_by=row["decided_by"],
        parked_at=row["parked_at"],
    )

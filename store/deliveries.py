"""What goes out: one row for each effect, from the final bytes to the last word on what became of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import ColumnElement, Connection, FromClause, Row, and_, bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from store.codec import derived_id
from store.instant import Instant
from store.outgoing import Purpose
from store.schema import deliveries

QUEUED = "queued"  # Waits for its time.
SENDING = "sending"  # An attempt was begun, and its outcome is not written yet.
SENT = "sent"  # The channel's peer took it over.
IN_DOUBT = "in-doubt"  # Nobody knows whether it arrived, and it is not sent again.
FAILED = "failed"  # Refused, or given up.
BOUNCED = "bounced"  # Taken over, and given back later; `store.sent` writes it.
SUPPRESSED = "suppressed"  # It was decided not to send it; the reason says why.

_MOST_SQL = 10_000  # Values in one statement; SQLite takes 32,766 (sqlite.org/limits.html).


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one recipient, as it is put in the queue."""

    id: str
    effect: str  # A second delivery with the same effect is not written.
    ticket: int
    event: str  # The id of the event that it tells of.
    purpose: Purpose
    channel: str  # Empty where there is no way to reach the recipient; such a row is never queued.
    address: str
    payload: bytes = b""  # Final bytes; empty where nothing will be sent.
    state: str = QUEUED  # QUEUED, SUPPRESSED or FAILED.
    reason: str = ""  # Why it is not queued.
    created_at: datetime  # Among the deliveries of an address, the earlier one goes first.


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that is being sent."""

    id: str
    ticket: int
    purpose: Purpose
    channel: str
    address: str
    payload: bytes
    attempts: int  # This one included.
    doubts: int  # Attempts before this one that may have arrived.
    created_at: datetime


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What is written about an attempt once it is over."""

    id: str
    state: str  # SENT, FAILED, IN_DOUBT, or QUEUED for another attempt.
    reason: str = ""
    doubts: int = 0
    external_id: str = ""
    due_at: datetime | None = None  # When the next attempt may begin; None: there is none.


class Outbound(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery as people and reports ask for it."""

    id: str
    ticket: int
    event: str
    purpose: Purpose
    channel: str
    address: str
    state: str
    reason: str
    attempts: int
    doubts: int
    external_id: str
    created_at: datetime
    settled_at: datetime | None  # None: it is not over.


def enqueue(connection: Connection, rows: Sequence[Delivery]) -> None:
    """Write the deliveries whose effect is not written yet; the others change nothing."""
    if not rows:
        return
    insert = _INSERTS[connection.dialect.name]
    connection.execute(insert, [_as_row(row) for row in rows])


def known(connection: Connection, effects: Collection[str]) -> frozenset[str]:
    """Those of the effects that are written already."""
    asked, found = list(effects), set[str]()
    for start in range(0, len(asked), _MOST_SQL):
        query = select(deliveries.c.effect).where(deliveries.c.effect.in_(asked[start : start + _MOST_SQL]))
        found.update(connection.scalars(query))
    return frozenset(found)


def claim_due(
    connection: Connection, channel: str, *, now: datetime, limit: int, patience: timedelta
) -> tuple[Claimed, ...]:
    """Mark up to `limit` deliveries of a channel that are due as being sent, and return them, the oldest first.

    There is at most one for each address, and none while another one to that address is under way. A later one waits
    for an earlier one of its address, but not for one that has been tried in vain for `patience`.
    """
    heads: list[Row[tuple[object, ...]]] = []
    passed: set[str] = set()
    window = 4 * limit
    while len(heads) < limit:
        # Addresses are looked for in the order in which something is due, not all that wait: one that has thousands
        # waiting, such as a team's, costs little more than one that has a single one.
        due = _DUE.where(deliveries.c.address.not_in(passed)) if passed else _DUE
        found = connection.execute(due, {"the_channel": channel, "now": now, "most": window}).all()
        first = {row.address: row.id for row in reversed(found)}
        asked = {"which": list(first.values()), "now": now, "since": now - patience}
        heads += connection.execute(_HEADS, asked) if first else []
        if len(found) < window:
            break
        passed |= first.keys()
        window *= 8
    chosen = sorted(heads, key=lambda row: (row.created_at, row.id))[:limit]
    if chosen:
        marked = update(deliveries).where(deliveries.c.id.in_([row.id for row in chosen]))
        connection.execute(marked.values(state=SENDING, attempts=deliveries.c.attempts + 1))
    claims = (msgspec.convert(row, Claimed, from_attributes=True) for row in chosen)
    return tuple(msgspec.structs.replace(one, attempts=one.attempts + 1) for one in claims)


def settle(connection: Connection, settlements: Sequence[Settlement], *, now: datetime) -> None:
    """Write how attempts ended; a delivery that is not being sent any more is left as it is."""
    if not settlements:
        return
    connection.execute(
        _SETTLE,
        [
            {
                "the_id": one.id,
                "next_state": one.state,
                "next_reason": one.reason,
                "next_doubts": one.doubts,
                "next_external_id": one.external_id,
                "next_due_at": one.due_at,
                "next_settled_at": None if one.state == QUEUED else now,
            }
            for one in settlements
        ],
    )
    if failed := [one.id for one in settlements if one.state == FAILED]:
        _send_stand_ins(connection, failed, now)


def stand_in(delivery: str) -> str:
    """The id of the delivery that is queued when this one has failed, where there is one; until then, SUPPRESSED."""
    return derived_id("stand-in", delivery)


def _send_stand_ins(connection: Connection, failed: Sequence[str], now: datetime) -> None:
    over = connection.scalars(select(deliveries.c.id).where(deliveries.c.id.in_(failed), deliveries.c.state == FAILED))
    waiting = update(deliveries).where(
        deliveries.c.id.in_([stand_in(one) for one in over]), deliveries.c.state == SUPPRESSED
    )
    connection.execute(waiting.values(state=QUEUED, reason="", due_at=now))


def mark(connection: Connection, ids: Collection[str]) -> None:
    """Write that these, which are being sent, may arrive from now on: if the process dies, they are in doubt."""
    leaving = update(deliveries).where(deliveries.c.id.in_(list(ids)), deliveries.c.state == SENDING)
    connection.execute(leaving.values(doubts=deliveries.c.doubts + 1))


def being_sent(connection: Connection, channel: str) -> tuple[Claimed, ...]:
    """What is being sent by a channel, the oldest first.

    For whoever has just got the channel's lane it is what a dead process left behind: it may have arrived or not.
    """
    sending = select(deliveries).where(deliveries.c.channel == channel, deliveries.c.state == SENDING)
    rows = connection.execute(sending.order_by(deliveries.c.created_at, deliveries.c.id))
    return tuple(msgspec.convert(row, Claimed, from_attributes=True) for row in rows)


def return_unsent(connection: Connection, channel: str, *, under_way: Collection[str]) -> None:
    """Put back what was claimed and is not `under_way`: the commit that claimed it seemed to fail, and did not.

    Only for whoever holds the channel's lane and knows all that it is sending.
    """
    unsent = update(deliveries).where(
        deliveries.c.channel == channel, deliveries.c.state == SENDING, deliveries.c.id.not_in(list(under_way))
    )
    connection.execute(unsent.values(state=QUEUED, attempts=deliveries.c.attempts - 1))


def find(connection: Connection, ids: Collection[str]) -> Mapping[str, Outbound]:
    """The deliveries with these ids, by id; one that does not exist is missing."""
    query = select(deliveries).where(deliveries.c.id.in_(list(ids)))
    return {row.id: _outbound(row) for row in connection.execute(query)} if ids else {}


def of_ticket(connection: Connection, number: int) -> tuple[Outbound, ...]:
    """All deliveries of a ticket, the oldest first."""
    query = select(deliveries).where(deliveries.c.ticket == number).order_by(deliveries.c.created_at, deliveries.c.id)
    return tuple(_outbound(row) for row in connection.execute(query))


def _outbound(row: Row[tuple[object, ...]]) -> Outbound:
    return msgspec.convert(row, Outbound, from_attributes=True)


def _as_row(one: Delivery) -> dict[str, object]:
    return {**msgspec.structs.asdict(one), "due_at": one.created_at}


# Without a target, because the id is derived from the effect and conflicts as well.
_INSERTS = {
    "sqlite": sqlite.insert(deliveries).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(deliveries).on_conflict_do_nothing(),
}
_SETTLE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("the_id"), deliveries.c.state == SENDING)
    .values(
        state=bindparam("next_state"),
        reason=bindparam("next_reason"),
        doubts=bindparam("next_doubts"),
        external_id=bindparam("next_external_id"),
        due_at=func.coalesce(bindparam("next_due_at", type_=Instant), deliveries.c.due_at),
        settled_at=bindparam("next_settled_at", type_=Instant),
    )
)

_under_way = select(deliveries.c.address).where(
    deliveries.c.channel == bindparam("the_channel"),
    deliveries.c.state == SENDING,
    deliveries.c.due_at > datetime.fromtimestamp(0, UTC),  # Always: without it SQLite reads all that was ever sent.
)
_DUE = (
    select(deliveries.c.id, deliveries.c.address)
    .where(
        deliveries.c.channel == bindparam("the_channel"),
        deliveries.c.state == QUEUED,
        deliveries.c.due_at <= bindparam("now", type_=Instant),
        deliveries.c.address.not_in(_under_way),
    )
    .order_by(deliveries.c.due_at, deliveries.c.id)
    .limit(bindparam("most"))
)

_asked, _barrier, _head = deliveries.alias("asked"), deliveries.alias("barrier"), deliveries.alias("head")


def _same(other: FromClause) -> ColumnElement[bool]:
    """Those that wait for the address of a row that was asked about."""
    return and_(other.c.channel == _asked.c.channel, other.c.address == _asked.c.address, other.c.state == QUEUED)


# The first one that the later ones of its address wait for.
_waited_for = (
    select(_barrier.c.created_at)
    .where(_same(_barrier), or_(_barrier.c.attempts == 0, _barrier.c.created_at > bindparam("since", type_=Instant)))
    .order_by(_barrier.c.created_at)
    .limit(1)
    .correlate(_asked)
    .scalar_subquery()
)
_first = (
    select(_head.c.id)
    .where(
        _same(_head),
        _head.c.due_at <= bindparam("now", type_=Instant),
        _head.c.created_at <= func.coalesce(_waited_for, bindparam("now", type_=Instant)),
    )
    .order_by(_head.c.created_at, _head.c.id)
    .limit(1)
    .correlate(_asked)
    .scalar_subquery()
)
_HEADS = select(deliveries).where(
    deliveries.c.id.in_(select(_first).where(_asked.c.id.in_(bindparam("which", expanding=True))))
)

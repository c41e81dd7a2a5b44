"""What went out, as reports on it look it up: by our id, by the id that peers quote, or by who was to get it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, exists, select, update

from store.deliveries import BOUNCED, IN_DOUBT, QUEUED, SENDING, SENT
from store.outgoing import Purpose
from store.records import Address
from store.rows import Sent
from store.schema import deliveries, events, tickets
from store.tokens import actor_of

_SENT = (deliveries.c.id, deliveries.c.ticket, deliveries.c.purpose, deliveries.c.address)
# A peer that gives it back has had it, whatever our own rows say of it yet.
_MAY_COME_BACK = (QUEUED, SENDING, SENT, IN_DOUBT)


def by_id(connection: Connection, ids: Collection[str]) -> dict[str, Sent]:
    """The deliveries with these ids."""
    rows = connection.execute(select(*_SENT).where(deliveries.c.id.in_(ids)))
    return {row.id: Sent(*row) for row in rows}


def by_external_id(connection: Connection, external_ids: Collection[str]) -> dict[str, Sent]:
    """The deliveries that went out under these external ids; of several under one, the last one written."""
    query = select(deliveries.c.external_id, *_SENT).where(deliveries.c.external_id.in_(external_ids))
    rows = connection.execute(query.order_by(deliveries.c.created_at, deliveries.c.id))
    return {external_id: Sent(*sent) for external_id, *sent in rows}


def by_recipient(connection: Connection, wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], Sent]:
    """The last mail of each ticket to each person, by ticket and `tokens.actor_of` the person."""
    query = select(*_SENT).where(deliveries.c.ticket.in_({ticket for ticket, _ in wanted}))
    found: dict[tuple[int, str], Sent] = {}
    for row in connection.execute(query.order_by(deliveries.c.created_at, deliveries.c.id)):
        sent = Sent(*row)
        key = (sent.ticket, actor_of(Address(kind="mail", value=sent.address.lower())))
        if key in wanted:
            found[key] = sent
    return found


def told(connection: Connection, numbers: Collection[int], event: str, bounced: str) -> dict[int, frozenset[str]]:
    """Of these tickets: `event` where one has an event of this kind, and `bounced` where an answer came back."""
    has_event = exists().where(events.c.ticket == tickets.c.number, events.c.kind == event)
    has_bounce = exists().where(
        deliveries.c.ticket == tickets.c.number,
        deliveries.c.purpose == Purpose.ANSWER.value,
        deliveries.c.state == BOUNCED,
    )
    rows = connection.execute(select(tickets.c.number, has_event, has_bounce).where(tickets.c.number.in_(numbers)))
    return {
        number: frozenset(what for what, is_told in ((event, first), (bounced, second)) if is_told)
        for number, first, second in rows
    }


def came_back(connection: Connection, delivery: str, words: str, at: datetime) -> None:
    """Write that this delivery came back, and what the peer said; one that was never sent stays as it is."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery, deliveries.c.state.in_(_MAY_COME_BACK))
        .values(state=BOUNCED, reason=words, settled_at=at)
    )

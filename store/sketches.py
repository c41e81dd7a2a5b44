"""What was said lately, in a form that tells whether a message says the same again."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.dialects import postgresql, sqlite

from store.records import Address, Proof
from store.rows import Said
from store.schema import sketches


def of_contacts(
    connection: Connection, contacts: Collection[str], since: datetime, until: datetime
) -> dict[str, tuple[Said, ...]]:
    """What these people said between two moments, the oldest first; no alerts, of which there may be very many."""
    query = select(sketches).where(sketches.c.contact.in_(contacts), sketches.c.at.between(since, until))
    query = query.where(sketches.c.template == "")
    found: defaultdict[str, list[Said]] = defaultdict(list)
    for row in connection.execute(query.order_by(sketches.c.at, sketches.c.message)).mappings():
        found[row["contact"]].append(_said(row))
    return {contact: tuple(several) for contact, several in found.items()}


def of_templates(
    connection: Connection, templates: Collection[str], since: datetime, until: datetime
) -> dict[str, tuple[Said, ...]]:
    """The alerts of these templates that came between two moments, the oldest first."""
    query = select(sketches).where(sketches.c.template.in_(templates), sketches.c.at.between(since, until))
    found: defaultdict[str, list[Said]] = defaultdict(list)
    for row in connection.execute(query.order_by(sketches.c.at, sketches.c.message)).mappings():
        found[row["template"]].append(_said(row))
    return {template: tuple(several) for template, several in found.items()}


def put(connection: Connection, several: Sequence[Said]) -> None:
    """Write what was said; of a message that has its row, what may change about it."""
    if not several:
        return
    last = {one.message: one for one in several}
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    insertion = dialect.insert(sketches)
    changing = {name: insertion.excluded[name] for name in ("ticket", "seen", "at")}
    connection.execute(
        insertion.on_conflict_do_update(index_elements=[sketches.c.message], set_=changing),
        [_row(one) for one in last.values()],
    )


def _row(one: Said) -> dict[str, object]:
    return {
        "message": one.message,
        "ticket": one.ticket,
        "contact": one.contact,
        "channel": one.channel,
        "sender_kind": one.sender.kind,
        "sender_value": one.sender.value,
        "proof": one.proof.value,
        "digest": one.digest,
        "template": one.template,
        "sketch": one.sketch,
        "seen": one.seen,
        "at": one.at,
    }


def _said(row: RowMapping) -> Said:
    return Said(
        message=row["message"],
        ticket=row["ticket"],
        contact=row["contact"],
        channel=row["channel"],
        sender=Address(kind=row["sender_kind"], value=row["sender_value"]),
        proof=Proof(row["proof"]),
        digest=row["digest"],
        template=row["template"],
        sketch=row["sketch"],
        seen=row["seen"],
        at=row["at"],
    )

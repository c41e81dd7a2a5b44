"""Technicians' mail that was not carried out: one for each of them and each ticket, until it is sent or mended."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, select, tuple_

from store.codec import decode, encode
from store.records import Message
from store.rows import DraftKey, KeptDraft
from store.schema import drafts
from store.upsert import insert


def by_key(connection: Connection, keys: Collection[DraftKey]) -> dict[DraftKey, KeptDraft]:
    """The drafts under these keys."""
    rows = connection.execute(select(drafts).where(tuple_(drafts.c.ticket, drafts.c.actor).in_(keys)))
    return {
        (row.ticket, row.actor): KeptDraft(key=(row.ticket, row.actor), message=decode(row.record, Message))
        for row in rows
    }


def put(connection: Connection, draft: KeptDraft, at: datetime) -> None:
    """Keep this one in place of the one before, or none any more."""
    ticket, actor = draft.key
    if draft.message is None:
        connection.execute(delete(drafts).where(drafts.c.ticket == ticket, drafts.c.actor == actor))
        return
    row = {"record": encode(draft.message), "at": at}
    connection.execute(
        insert(connection, drafts)
        .values(ticket=ticket, actor=actor, **row)
        .on_conflict_do_update(index_elements=[drafts.c.ticket, drafts.c.actor], set_=row)
    )

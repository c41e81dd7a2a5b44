"""The message that opened a ticket of this desk, as it came."""

import contextlib
from collections.abc import AsyncIterator

from sqlalchemy import Connection

from config.stores import blobs_of, bus_of
from console.desk import Desk
from console.tickets import unknown
from store import lookups
from store.bus_sqlite import SqliteBus
from store.codec import decode_kept
from store.errors import Permanent
from store.originals import Originals
from store.records import Message, RawMessage


async def first_message(opened: Desk, number: int) -> RawMessage | Message:
    """The original, to be read anew; where it is not kept any more, what was read of it when it came.

    Raises Permanent where there is no such ticket, or nobody's message opened it; Temporary.
    """
    message = await opened.read(lambda connection: _opening(connection, number))
    async with originals_of(opened) as originals:
        try:
            return await originals.raw(message.raw)
        except Permanent:
            return message


@contextlib.asynccontextmanager
async def originals_of(opened: Desk) -> AsyncIterator[Originals]:
    """What reads the desk's originals, beside it running or not."""
    bus, blobs = bus_of(opened.configuration), blobs_of(opened.configuration)
    async with contextlib.AsyncExitStack() as closing:
        closing.push_async_callback(blobs.close)
        if isinstance(bus, SqliteBus):  # It holds small originals; elsewhere the blobs hold all of them.
            await bus.start()
            closing.push_async_callback(bus.close)
        yield Originals(opened.database, bus if isinstance(bus, SqliteBus) else None, blobs)


def _opening(connection: Connection, number: int) -> Message:
    story = lookups.show(connection, number)
    if story is None:
        raise unknown(number)
    causes = [event.cause for event in story.events if event.kind == "opened"]
    kept = next((kept for kept in story.messages if kept.id in causes), None)
    record = decode_kept(kept.record) if kept is not None else None
    if not isinstance(record, Message):
        raise Permanent(f"no message opened ticket {number}: take another one")
    return record

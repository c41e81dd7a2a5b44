"""Bare greetings in chats: each waits for the chat's next message, and joins the ticket which that one opens."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, insert, select

from store.codec import decode, encode
from store.records import Message, ReplyPath
from store.rows import Chat
from store.schema import greetings


def of_chats(connection: Connection, chats: Collection[Chat]) -> dict[Chat, tuple[Message, ...]]:
    """What waits in these chats, oldest first."""
    found: defaultdict[Chat, list[Message]] = defaultdict(list)
    rows = connection.execute(
        select(greetings.c.channel, greetings.c.address, greetings.c.record)
        .where(greetings.c.address.in_({address for _, address in chats}))
        .order_by(greetings.c.received_at, greetings.c.id)
    )
    for channel, address, record in rows:
        if (chat := Chat(channel, address)) in chats:
            found[chat].append(decode(record, Message))
    return {chat: tuple(several) for chat, several in found.items()}


def add(connection: Connection, message: Message, path: ReplyPath) -> None:
    """Let a greeting wait."""
    connection.execute(
        insert(greetings),
        {
            "id": message.id,
            "channel": path.channel,
            "address": path.address,
            "received_at": message.received_at,
            "record": encode(message),
        },
    )


def remove(connection: Connection, ids: Sequence[str]) -> None:
    """These wait no longer: they joined a ticket."""
    connection.execute(delete(greetings).where(greetings.c.id.in_(ids)))

"""Marks what is about to leave, so that after a crash it is known what cannot have left.

Only courtesies are marked: an answer or an alert that may have left is sent again in any case, with the same bytes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol, runtime_checkable

from sqlalchemy import Connection

from store import deliveries
from store.database import Database
from store.deliveries import Claimed
from store.outgoing import Receipt


@runtime_checkable
class Marking(Protocol):
    """A channel that can tell the moment from which its peer may keep a message."""

    async def send_marked(self, payload: bytes, address: str, mark: Callable[[], Awaitable[None]]) -> Receipt:
        """As `send`, and nothing has left before `mark` returns; where it raises, nothing leaves."""


def marked(sender: object, claimed: Claimed) -> Marking | None:
    """The channel, where this delivery is one that is marked; else None."""
    return sender if claimed.purpose.is_courtesy and isinstance(sender, Marking) else None


class Marks:
    """Writes marks; those that are asked for while one is being written are written together."""

    def __init__(self, database: Database, guard: Callable[[Connection], None]) -> None:
        """`guard` raises within the transaction where the lane is not ours any more."""
        self._database = database
        self._guard = guard
        self._asked: set[str] = set()
        self._turn = asyncio.Lock()

    async def mark(self, delivery: str) -> None:
        """Returns once the mark would survive a crash. Raises Temporary, Fenced."""
        self._asked.add(delivery)
        async with self._turn:
            if delivery not in self._asked:
                return  # Whoever had the turn before has written it too.
            batch, self._asked = frozenset(self._asked), set()
            try:
                await self._database.write(lambda connection: self._write(connection, batch))
            except BaseException:
                self._asked |= batch - {delivery}
                raise

    def _write(self, connection: Connection, batch: Collection[str]) -> None:
        self._guard(connection)
        deliveries.mark(connection, batch)

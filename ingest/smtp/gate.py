"""How much may come in at once: connections of all and of each client, and bytes of mails that are held in memory."""

import asyncio
from collections import Counter
from typing import Protocol

from ingest.smtp.settings import SmtpSettings


class Connection(Protocol):
    """What can be asked of a client's connection."""

    def leave(self) -> None:
        """Say that we stop, and close as soon as no mail is in hand."""

    def abort(self) -> None:
        """Close now."""


class Gate:
    """Counts what is inside; whoever was let in must be counted out."""

    def __init__(self, settings: SmtpSettings) -> None:
        self.closing = False  # Once set, nobody is let in.
        self.connections: dict[Connection, str] = {}
        self.in_flight = 0  # Bytes.
        self._settings = settings
        self._per_client: Counter[str] = Counter()
        self._empty = asyncio.Event()
        self._empty.set()

    def enter(self, connection: Connection, peer: str) -> bool:
        """Let a connection in; False where there are too many already."""
        full = len(self.connections) >= self._settings.connections
        if self.closing or full or self._per_client[peer] >= self._settings.per_client:
            return False
        self.connections[connection] = peer
        self._per_client[peer] += 1
        self._empty.clear()
        return True

    def leave(self, connection: Connection) -> None:
        """Count a connection out; nothing happens for one that was not let in."""
        peer = self.connections.pop(connection, None)
        if peer is None:
            return
        self._per_client[peer] -= 1
        if not self._per_client[peer]:
            del self._per_client[peer]
        if not self.connections:
            self._empty.set()

    async def empty(self) -> None:
        """Wait until every connection has left."""
        await self._empty.wait()

    def hold(self) -> "Hold":
        """An account of one mail's bytes."""
        return Hold(self, self._settings.max_in_flight)


class Hold:
    """The bytes of one mail that are in memory, from the first one until the mail is durable or refused."""

    def __init__(self, gate: Gate, most: int) -> None:
        self._gate = gate
        self._most = most
        self._size = 0

    def grow(self, size: int) -> bool:
        """Account for more bytes; False where memory for mails is used up, and nothing is accounted for."""
        if self._gate.in_flight + size > self._most:
            return False
        self._gate.in_flight += size
        self._size += size
        return True

    def release(self) -> None:
        """None of the bytes is needed any more; may be called again."""
        self._gate.in_flight -= self._size
        self._size = 0

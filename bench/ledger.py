"""Reads a desk's database beside the running desk, on a connection of its own that cannot write."""

import sqlite3
import time
from pathlib import Path

_NEWS = """
SELECT rowid, ticket, purpose = 'acknowledgement' AND length(payload) > 0 FROM deliveries WHERE rowid > ?
ORDER BY rowid
"""
_WARM = "<warm-%@bench.example>"


class Ledger:
    """Watches acknowledgements appear, and counts what is there.

    An acknowledgement counts from the moment at which another connection sees its row with its final bytes: it is
    committed then.
    """

    def __init__(self, database: Path) -> None:
        """The database must exist."""
        self.seen: dict[int, float] = {}  # By ticket, on the monotonic clock.
        self._last = 0
        self._connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30, isolation_level=None)

    def look(self) -> int:
        """Take in what is new since the last look: each row is read once. Returns how many tickets have theirs."""
        rows = self._connection.execute(_NEWS, (self._last,)).fetchall()
        at = time.monotonic()
        for rowid, ticket, is_acknowledgement in rows:
            self._last = rowid
            if is_acknowledgement:
                self.seen.setdefault(ticket, at)
        return len(self.seen)

    def tickets_of(self) -> dict[str, int]:
        """The ticket of each message that came in, by its Message-ID; without the warm-up."""
        rows = self._connection.execute(
            "SELECT external_id, ticket FROM messages WHERE direction = 'in' AND external_id NOT LIKE ?", (_WARM,)
        )
        return dict(rows.fetchall())

    def count(self, question: str) -> int:
        """The number that a query gives."""
        (number,) = self._connection.execute(question).fetchone()
        return int(number)

    def incoming(self) -> int:
        """Messages that came in, without the warm-up."""
        return self.count(f"SELECT count(*) FROM messages WHERE direction = 'in' AND external_id NOT LIKE '{_WARM}'")

    def twice_acknowledged(self) -> int:
        """Tickets with more than one acknowledgement."""
        return self.count(
            "SELECT count(*) FROM (SELECT ticket FROM deliveries WHERE purpose = 'acknowledgement' "
            "GROUP BY ticket HAVING count(*) > 1)"
        )

    def is_at_rest(self) -> bool:
        """Whether nothing waits to be handled or sent."""
        return not self.count(
            "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM held) + (SELECT count(*) FROM attempts) + "
            "(SELECT count(*) FROM deliveries WHERE state IN ('queued', 'sending'))"
        )

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

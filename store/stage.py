"""The one loop of consumers: fetch, handle in one transaction, retry, hold back, bury, move on."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from store.bus import Stored
from store.records import DeadLetter

Work = TypeVar("Work")
Facts = TypeVar("Facts")


class Handler(Protocol[Work, Facts]):
    """What a stage does with records; the loop does everything else.

    A batch is prepared, then handled in one transaction that also moves the positions: gather once, then apply each
    record in a savepoint of its own. A record may come again after a crash, so each method bears repetition.
    """

    async def prepare(self, records: Sequence[Stored]) -> Sequence[Work | Exception]:
        """Do what must wait for something else (a child, the bus) before the transaction; same length and order.

        An exception in a record's place is that record's failure. Raises Temporary where the environment fails.
        """

    def gather(self, connection: Connection, works: Sequence[Work]) -> Facts:
        """Read what all of these need, in a number of queries that does not grow with them."""

    def apply(self, connection: Connection, facts: Facts, work: Work) -> Facts:
        """Write one record's effects, and return the facts as they are now.

        What it raises undoes this record's writes and facts alone; Temporary undoes the batch.
        """

    def bury(self, connection: Connection, record: Stored, letter: DeadLetter) -> int | None:
        """Tell people of a record that will not be tried again, whose letter is stored already.

        Returns the number of the ticket that tells of it, None where there is none.
        """

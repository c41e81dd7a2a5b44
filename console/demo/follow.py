"""Follows every message and action of a running desk through its stages, by its log and its database."""

from collections.abc import Callable, Collection, Sequence
from functools import partial

import msgspec
from sqlalchemy import Connection

from config.build import now
from config.stores import Stores
from console.demo.journey import Journey
from store import deliveries, inbox, lookups
from store.bus import Consumer
from store.codec import decode_routed
from store.records import Action, Message
from store.topics import ACTIONS, MESSAGES

_PACE = 0.02  # Seconds between two looks at the database while something is under way.
_REST = 0.2  # Seconds between two looks at the log while nothing is.
_MOST = 100  # Records that are read from the log at once.


class Followed:
    """What is under way, and what has come to its end."""

    def __init__(self, stores: Stores, tell: Callable[[Journey], None]) -> None:
        """Nothing is read before `run`; `tell` is called with each journey as it ends."""
        self._stores = stores
        self._tell = tell
        self._open: dict[str, Journey] = {}
        self.ended: list[Journey] = []

    async def run(self) -> None:
        """Follow from the beginning of the log, until cancelled. Raises Temporary where log or database fail."""
        consumer = await self._stores.bus.consumer("demo", [MESSAGES, ACTIONS])
        for at in consumer.assignment():
            await consumer.seek(at, None)
        while True:
            await self._begin(consumer)
            if self._open:
                found = await self._stores.database.read(partial(_look, journeys=tuple(self._open.values())))
                self._keep(found)

    async def _begin(self, consumer: Consumer) -> None:
        """Take up what has newly come; a reader like us sees it at the moment at which the router does."""
        stored = await consumer.fetch(_MOST, _PACE if self._open else _REST)
        seen = now()
        for one in stored:
            record = decode_routed(one.value)
            if isinstance(record, Action):
                self._open[record.id] = Journey(record=record)
            elif isinstance(record, Message):  # Reports of our own senders are no journeys.
                self._open[record.id] = Journey(record=record, normalized_at=seen)

    def _keep(self, found: Sequence[Journey]) -> None:
        for journey in found:
            if journey.is_over:
                del self._open[journey.record.id]
                self.ended.append(journey)
                self._tell(journey)
            else:
                self._open[journey.record.id] = journey


def _look(connection: Connection, journeys: Collection[Journey]) -> list[Journey]:
    """The journeys as far as they have come by now."""
    ids = [journey.record.id for journey in journeys]
    outcomes, times = inbox.outcomes(connection, ids), inbox.times(connection, ids)
    return [
        _grown(
            connection,
            msgspec.structs.replace(
                journey, outcome=found.outcome, detail=found.detail, ticket=found.ticket, decided_at=times[found.id]
            ),
        )
        if (found := outcomes.get(journey.record.id))
        else journey
        for journey in journeys
    ]


def _grown(connection: Connection, journey: Journey) -> Journey:
    """With what happened to its ticket, and what goes out because of that."""
    story = lookups.show(connection, journey.ticket) if journey.ticket is not None else None
    event = next((one for one in story.events if one.cause == journey.record.id), None) if story else None
    if event is None:
        return journey
    sent = (one for one in deliveries.of_ticket(connection, event.ticket.number) if one.event == event.id)
    return msgspec.structs.replace(journey, event=event, deliveries=tuple(sent))

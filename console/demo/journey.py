"""The way of one message or answer through the stages, with the time at which it had passed each of them."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from store.deliveries import QUEUED, SENDING, Outbound
from store.events import TicketEvent
from store.records import Action, Message

# How many deliveries the notifier writes for an event: `notifier.plan`. The suppressed ones count.
_DELIVERIES: Mapping[str, int] = {"opened": 2, "continued": 1, "reopened": 1, "answered": 1}


class Journey(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a record so far."""

    record: Message | Action
    normalized_at: datetime | None = None  # None for an action, which is not normalized.
    decided_at: datetime | None = None  # None: it has no outcome yet.
    outcome: str = ""
    detail: str = ""  # Of a parked one the reason; of a refused action why.
    ticket: int | None = None
    event: TicketEvent | None = None  # What happened to the ticket by it; None for a duplicate or a parked one.
    deliveries: tuple[Outbound, ...] = ()

    @property
    def source(self) -> tuple[str, str]:
        """Channel and sender, as `scene` has them; of an action its kind and its actor."""
        if isinstance(self.record, Action):
            return self.record.kind, self.record.actor
        return self.record.channel, self.record.sender.value

    @property
    def accepted_at(self) -> datetime:
        """When the desk had it."""
        return self.record.at if isinstance(self.record, Action) else self.record.received_at

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens: it is decided, and all that goes out because of it has gone."""
        if self.decided_at is None:
            return False
        wanted = _DELIVERIES.get(self.event.kind, 0) if self.event else 0
        moving = any(one.state in (QUEUED, SENDING) for one in self.deliveries)
        return len(self.deliveries) >= wanted and not moving

"""The stage that turns events into deliveries: plan, ask whether it may be sent, put it into words, queue it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from notifier.courtesy import Asked, capped_address, objection
from notifier.notification import Notification
from notifier.plan import plan
from notifier.policy import Policy
from notifier.render import Templates, render
from notifier.reports import report
from notifier.sender import Sender
from store import caps, deliveries, outbox
from store.bus import Stored
from store.caps import Courtesy
from store.codec import decode
from store.deliveries import FAILED, QUEUED, SUPPRESSED, Delivery
from store.errors import Permanent
from store.outgoing import Purpose
from store.records import DeadLetter, TicketEvent

log = structlog.get_logger()

CAPPED = "acknowledgement"  # The kind of courtesy that the caps count.


class Facts(NamedTuple):
    """What a batch must know, with its own effects folded in."""

    known: frozenset[str]  # Effects that have a delivery.
    sent: Mapping[str, int]  # Acknowledgements within the window, by `courtesy.capped_address`.
    at: datetime  # When the next delivery is created; each one later than the one before, so that they keep order.


class Composed(NamedTuple):
    """A delivery to write, and what counts or tells of it."""

    delivery: Delivery
    courtesy: Courtesy | None = None


class Notifier:
    """A `store.stage.Handler` of topic events.

    An event that comes again changes nothing: the effects of its deliveries are known.
    """

    def __init__(
        self, *, policy: Policy, templates: Templates, senders: Mapping[str, Sender], now: Callable[[], datetime]
    ) -> None:
        """`senders` by the configured names of their channels."""
        self._policy = policy
        self._templates = templates
        self._senders = senders
        self._now = now

    async def prepare(self, records: Sequence[Stored]) -> Sequence[tuple[Notification, ...] | Exception]:
        """The notifications that each event asks for; Permanent in the place of what is no event."""
        return [self._planned(record) for record in records]

    def gather(self, connection: Connection, works: Sequence[tuple[Notification, ...]]) -> Facts:
        """Which of them are written already, and how many courtesies their recipients got lately."""
        planned = [notification for work in works for notification in work]
        courtesies = {capped_address(one) for one in planned if one.purpose is Purpose.ACKNOWLEDGEMENT}
        caps.lock(connection, CAPPED, courtesies)
        now = self._now()
        return Facts(
            known=deliveries.known(connection, [one.effect for one in planned]),
            sent=caps.counts(connection, CAPPED, courtesies, now - self._policy.window),
            at=now,
        )

    def apply(self, connection: Connection, facts: Facts, works: Sequence[tuple[Notification, ...]]) -> Facts:
        """Queue what the events ask for, or write down why it is not sent."""
        composed: list[Composed] = []
        for notification in chain.from_iterable(works):
            if notification.effect in facts.known:
                continue
            one = self._composed(notification, facts)
            composed.append(one)
            facts = _folded(facts, one)
        written = [one.delivery for one in composed]
        deliveries.enqueue(connection, written)
        caps.add(connection, [one.courtesy for one in composed if one.courtesy])
        outbox.add_all(connection, [parcel for one in written if (parcel := _failure(one))])
        return facts

    def bury(self, connection: Connection, record: Stored, letter: DeadLetter) -> int | None:  # noqa: ARG002 (the protocol's)
        """Nobody is told beyond the dead letter: the ticket is there, and telling is what has failed."""
        return None

    def _planned(self, record: Stored) -> tuple[Notification, ...] | Exception:
        try:
            return plan(decode(record.value, TicketEvent), self._policy)
        except Permanent as error:
            return error

    def _composed(self, notification: Notification, facts: Facts) -> Composed:
        capped = capped_address(notification)
        against = objection(Asked(notification, self._policy, facts.sent.get(capped, 0)))
        if against:
            return Composed(_delivery(notification, facts.at, state=SUPPRESSED, reason=against))
        sender = self._senders.get(notification.channel)
        if sender is None:
            gone = f"there is no channel {notification.channel!r} in the settings any more"
            return Composed(_delivery(notification, facts.at, state=FAILED, reason=gone))
        try:
            payload = sender.prepare(render(notification, self._templates))
        except Permanent as error:
            return Composed(_delivery(notification, facts.at, state=FAILED, reason=str(error)))
        delivery = _delivery(notification, facts.at, payload=payload)
        if notification.purpose is not Purpose.ACKNOWLEDGEMENT:
            return Composed(delivery)
        return Composed(delivery, Courtesy(effect=notification.effect, kind=CAPPED, address=capped, at=facts.at))


def _delivery(
    notification: Notification, at: datetime, *, payload: bytes = b"", state: str = QUEUED, reason: str = ""
) -> Delivery:
    number = notification.event.ticket.number
    if state == FAILED or (state == SUPPRESSED and notification.purpose is Purpose.ALERT):
        # Nobody hears of the ticket by this way, and only the settings can mend that.
        log.error("notification cannot be sent", ticket=number, purpose=notification.purpose.value, reason=reason)
    return Delivery(
        id=notification.delivery,
        effect=notification.effect,
        ticket=number,
        event=notification.event.id,
        purpose=notification.purpose,
        channel=notification.channel,
        address=notification.address,
        payload=payload,
        state=state,
        reason=reason,
        created_at=at,
    )


def _folded(facts: Facts, one: Composed) -> Facts:
    """The facts after this delivery; the ones before it stay as they are, for its failure would undo it."""
    sent = facts.sent
    if one.courtesy:
        sent = {**sent, one.courtesy.address: sent.get(one.courtesy.address, 0) + 1}
    return Facts(facts.known | {one.delivery.effect}, sent, facts.at + timedelta(microseconds=1))


def _failure(delivery: Delivery) -> outbox.Parcel | None:
    """The report of a delivery that failed before it was sent."""
    return report(
        delivery=delivery.id,
        purpose=delivery.purpose,
        channel=delivery.channel,
        address=delivery.address,
        state=delivery.state,
        detail=delivery.reason,
        at=delivery.created_at,
    )

"""The stage that turns events into deliveries: plan, ask whether it may be sent, put it into words, queue it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain, count
from typing import NamedTuple

import structlog
from msgspec.structs import replace
from sqlalchemy import Connection

from notifier.attached import Batch, ReadFile, TooHeavy
from notifier.courtesy import objection
from notifier.limits import Used
from notifier.notification import Absent, Notification
from notifier.plan import plan, storm
from notifier.policy import Policy
from notifier.render import Templates, render
from notifier.reports import report
from notifier.sender import Sender
from notifier.settings import NotifySettings
from store import deliveries, outbox
from store.bus import Stored
from store.codec import decode
from store.deliveries import FAILED, QUEUED, SUPPRESSED, Delivery
from store.errors import Permanent
from store.events import TicketEvent
from store.outgoing import Purpose
from store.records import DeadLetter

log = structlog.get_logger()


class Facts(NamedTuple):
    """What a batch must know, with its own effects folded in."""

    known: frozenset[str]  # Effects that have a delivery.
    used: Used
    at: datetime  # When the next delivery is created; each one later than the one before, so that they keep order.


class Notifier:
    """A `store.stage.Handler` of topic events.

    An event that comes again changes nothing: the effects of its deliveries are known.
    """

    def __init__(
        self,
        *,
        policy: Policy,
        templates: Templates,
        senders: Mapping[str, Sender],
        settings: NotifySettings,
        now: Callable[[], datetime],
        read_file: ReadFile | None = None,
    ) -> None:
        """`senders` by the configured names of their channels; without `read_file` no file goes out with an answer."""
        self._policy, self._templates = self._next = policy, templates
        self._senders = senders
        self._settings = settings
        self._now = now
        self._read_file = read_file
        self._file_channels = frozenset(name for name, sender in senders.items() if sender.capabilities.files)

    def use(self, policy: Policy, templates: Templates) -> None:
        """Plan and word by these from the next batch on; the one in hand is planned and worded by one throughout."""
        self._next = policy, templates

    async def prepare(self, records: Sequence[Stored]) -> Sequence[tuple[Notification, ...] | Exception]:
        """The notifications that each event asks for; Permanent in the place of what is no event."""
        self._policy, self._templates = self._next
        batch = Batch(self._read_file, self._settings)
        return [await self._planned(record, batch) for record in records]

    def gather(self, connection: Connection, works: Sequence[tuple[Notification, ...]]) -> Facts:
        """Which of them are written already, and what of the limits on courtesies is used up."""
        planned = [notification for work in works for notification in work]
        now = self._now()
        known = deliveries.known(connection, [one.effect for one in planned])
        fresh = [one for one in planned if one.effect not in known]
        return Facts(known, Used.read(connection, fresh, self._policy, now), now)

    def apply(self, connection: Connection, facts: Facts, works: Sequence[tuple[Notification, ...]]) -> Facts:
        """Queue what the events ask for, or write down why it is not sent."""
        used, known = facts.used.folding(), set(facts.known)
        times = (facts.at + timedelta(microseconds=number) for number in count())
        written: list[Delivery] = []
        for notification in chain.from_iterable(works):
            if notification.effect in known:
                continue
            known.add(notification.effect)
            for one, at in zip(self._asked(notification, used), times, strict=False):
                written += self._composed(one, used, at)
        deliveries.enqueue(connection, written)
        used.write(connection)
        outbox.add_all(connection, [parcel for one in written if (parcel := _failure(one))])
        return Facts(frozenset(known), used, next(times))

    def bury(self, connection: Connection, record: Stored, letter: DeadLetter) -> int | None:  # noqa: ARG002 (the protocol's)
        """Nobody is told beyond the dead letter: the ticket is there, and telling is what has failed."""
        return None

    async def _planned(self, record: Stored, batch: Batch) -> tuple[Notification, ...] | Exception:
        """Raises Temporary where files cannot be read now."""
        try:
            event = decode(record.value, TicketEvent)
            return await batch.attach(event, plan(event, self._policy), self._file_channels, self._policy)
        except (Permanent, TooHeavy) as error:
            return error

    def _asked(self, notification: Notification, used: Used) -> tuple[Notification, ...]:
        """The notification, with the alert of the storm that its ticket begins."""
        if notification.purpose is not Purpose.ACKNOWLEDGEMENT or not self._policy.acknowledge:
            return (notification,)
        begun = used.open(notification)
        return (notification, storm(notification.event, self._policy, begun)) if begun else (notification,)

    def _composed(self, notification: Notification, used: Used, at: datetime) -> list[Delivery]:
        """The delivery to write, with what stands in for it; what is sent and has a limit is counted."""
        against = objection(used.asked(notification))
        if against:
            return [_delivery(notification, at, state=SUPPRESSED, reason=against)]
        sender = self._senders.get(notification.channel)
        if sender is None:
            gone = f"there is no channel {notification.channel!r} in the settings any more"
            return [_delivery(notification, at, state=FAILED, reason=gone)]
        try:
            payload = sender.prepare(render(notification, self._templates))
        except Permanent as error:
            return [_delivery(notification, at, state=FAILED, reason=str(error))]
        if notification.purpose is Purpose.ACKNOWLEDGEMENT or notification.is_about_own_mail:
            used.send(notification)
        delivery = _delivery(notification, at, payload=payload)
        if notification.purpose is not Purpose.ALERT or not notification.files:
            return [delivery]
        return [delivery, self._stand_in(notification, sender, delivery)]

    def _stand_in(self, alert: Notification, sender: Sender, delivery: Delivery) -> Delivery:
        """The alert without its files: servers refuse programs and large mails, and the team must hear of it."""
        refused = tuple(Absent(one.name, "refused") for one in alert.files)
        bare = replace(alert, effect=f"{alert.effect}-without-files", files=(), absent=(*alert.absent, *refused))
        ident = deliveries.stand_in(delivery.id)
        payload = sender.prepare(replace(render(bare, self._templates), delivery=ident))
        return replace(
            delivery,
            id=ident,
            effect=bare.effect,
            payload=payload,
            state=SUPPRESSED,
            reason="goes out if the same alert with its files is refused",
        )


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

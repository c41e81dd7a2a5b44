"""What comes due by itself: who of the technicians hears of it, and what the customer is told."""

import msgspec

from notifier.notification import Notification
from notifier.policy import Destination, Policy
from notifier.staff_plan import answerable
from store.codec import derived_id
from store.events import TicketEvent
from store.outgoing import Purpose

DUE = frozenset({"escalated", "woken", "overdue", "digest", "given"})  # Kinds of events that technicians hear of so.
_OF_MANY = frozenset({"overdue", "digest"})
NOTICES = frozenset({"reminded", "closed"})  # Kinds of events that customers may hear of.


def when_due(event: TicketEvent, policy: Policy) -> tuple[Notification, ...]:
    """The alert for the person that the event names, or for the ticket's team where it names nobody.

    Where no channel reaches the person the team hears of it in their place, so that it is never nobody.
    """
    to = _destination(event, policy)
    alert = Notification(
        effect=f"{event.kind}-{derived_id(event.id, to.channel, to.address)}",
        purpose=Purpose.ALERT,
        template=event.kind if event.kind in _OF_MANY else "due",
        channel=to.channel,
        kind=to.kind,
        address=to.address,
        language=policy.understood(to.language),
        event=event,
    )
    if event.kind in _OF_MANY:  # They are about many tickets, of which a reply could mean any.
        return (alert,)
    if event.to is None or to.address != event.to.value or not policy.hears_staff(to.kind, to.channel):
        return (answerable(alert, policy),)
    reply = "s" if event.ticket.reply_path is not None else "n"
    return (msgspec.structs.replace(alert, reader=event.to, reply=reply),)


def notice(event: TicketEvent, policy: Policy) -> tuple[Notification, ...]:
    """What the customer is told of a ticket that waited for them; nothing where the event has no words for them."""
    path = event.ticket.reply_path
    if path is None or not event.text:
        return ()
    planned = Notification(
        effect=f"{event.kind}-{derived_id(event.id, path.channel, path.address)}",
        purpose=Purpose.NOTICE,
        template=event.kind,
        channel=path.channel,
        kind=event.ticket.customer.kind,
        address=path.address,
        reader=event.ticket.customer,
        language=policy.understood(event.ticket.language),
        event=event,
    )
    return (planned,)


def _destination(event: TicketEvent, policy: Policy) -> Destination:
    team = policy.destination(event.ticket.team)
    if event.to is None:
        return team
    channel = policy.channel_to(event.to.kind, event.ticket.team)
    if not channel:
        return team
    return Destination(channel=channel, kind=event.to.kind, address=event.to.value, language=team.language)

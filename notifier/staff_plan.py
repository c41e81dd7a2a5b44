"""Which mail technicians get: alerts that a reply answers, notes of colleagues, and what became of their own mail."""

import msgspec

from notifier.notification import OWN_MAIL, Notification
from notifier.policy import Policy
from store.codec import derived_id
from store.events import TicketEvent
from store.outgoing import Purpose
from store.records import Address

_TO_BE_ANSWERED = frozenset({"not-sent", "help"})  # Of these: they ask for the mail as it should have been.
_COLLEAGUES = ("person:", "operator:")


def answerable(alert: Notification, policy: Policy) -> Notification:
    """An alert as its team can answer it: by replying, where its mailbox and the channel let that be proven.

    To a flood a reply is a note, as its sender is probably a machine; what is about many tickets has none.
    """
    if alert.template == "storm" or not policy.hears_staff(alert.kind, alert.channel):
        return alert
    answers = alert.event.ticket.reply_path is not None and alert.template != "flood"
    return msgspec.structs.replace(
        alert,
        template="alert-mail" if alert.template == "alert" else alert.template,
        reader=Address(kind=alert.kind, value=alert.address),
        reply="s" if answers else "n",
    )


def is_change_within(event: TicketEvent) -> bool:
    """Whether a ticket was changed and stays with its team, which therefore need not hear of it."""
    return event.kind == "changed" and not event.text.startswith("team ")


def for_staff(event: TicketEvent, policy: Policy) -> tuple[Notification, ...]:
    """What an event asks for that is about technicians alone; empty for every other."""
    if event.kind == "noted":
        return for_colleagues(event, "note", policy) if event.actor.startswith(_COLLEAGUES) else ()
    return _told(event, policy) if event.kind in OWN_MAIL else ()


def for_colleagues(event: TicketEvent, template: str, policy: Policy) -> tuple[Notification, ...]:
    """Somebody's note or answer for a team that works in its mailbox; empty for all others.

    A reply to it is a note: whoever tells a colleague that the answer was wrong does not tell the customer.
    """
    to = policy.destination(event.ticket.team)
    if not policy.hears_staff(to.kind, to.channel):
        return ()
    planned = Notification(
        effect=f"{template}-{derived_id(event.id, to.channel, to.address)}",
        purpose=Purpose.ALERT,
        template=template,
        channel=to.channel,
        kind=to.kind,
        address=to.address,
        reader=Address(kind=to.kind, value=to.address),
        reply="n",
        language=policy.understood(to.language),
        event=event,
    )
    return (planned,)


def _told(event: TicketEvent, policy: Policy) -> tuple[Notification, ...]:
    """What became of a technician's mail, for them alone, by the channel that it came in by."""
    if event.to is None or event.message is None:
        return ()
    # A forged mail tells the technician once a day, however often it comes.
    once = event.at.date().isoformat() if event.kind == "held" else event.id
    planned = Notification(
        effect=f"{event.kind}-{derived_id(str(event.ticket.number), event.to.value, once)}",
        purpose=Purpose.ALERT,
        template=event.kind,
        channel=event.message.channel,
        kind=event.to.kind,
        address=event.to.value,
        reader=event.to,
        reply=_purpose(event),
        language=policy.understood(""),
        event=event,
    )
    return (planned,)


def _purpose(event: TicketEvent) -> str:
    """What a reply is: where the mail that it is about is to be written once more, the same; else no answer."""
    because = event.decision.because if event.decision else ()
    was_answer = any(reason.part == "staff mail" and reason.result == "s" for reason in because)
    return "s" if was_answer and event.kind in _TO_BE_ANSWERED else "n"

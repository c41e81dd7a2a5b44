"""Who must hear of an event: a pure function from the event to the notifications that it asks for."""

from collections.abc import Callable, Mapping

import msgspec

from notifier.notification import Notification
from notifier.person_plan import DUE, NOTICES, notice, when_due
from notifier.policy import Destination, Policy
from notifier.staff_plan import answerable, for_colleagues, for_staff, is_change_within
from store.codec import derived_id
from store.events import TicketEvent, TicketView
from store.mailboxes import mailbox_of
from store.outgoing import Purpose
from store.records import Proof, SentFile

# Proofs by which the words of a message are surely its sender's own, so that they may be quoted back.
PROVEN = frozenset({Proof.DOMAIN, Proof.TOKEN, Proof.TOKEN_AND_DOMAIN, Proof.SESSION})

# What a technician's words to the customer are called, by the event that carries them.
_WORDED: Mapping[str, str] = {"answered": "answer", "solved": "solved", "waiting": "question"}

_CUSTOMER = "customer"  # As in `TicketEvent.actor`.


def plan(event: TicketEvent, policy: Policy) -> tuple[Notification, ...]:
    """What an event asks for; empty for an event that nobody must hear of.

    Whether a courtesy may really be sent is for `courtesy` to say.
    """
    return _PLANS.get(event.kind, for_staff)(event, policy)


def _opening(event: TicketEvent, policy: Policy) -> tuple[Notification, ...]:
    """The customer hears of a ticket that they opened; of one that was split off they know nothing."""
    alerts = (_alert(event, policy, "alert"), *_copies(event, policy))
    return (_acknowledgement(event, policy), *alerts) if event.actor == _CUSTOMER else alerts


def _news(event: TicketEvent, policy: Policy) -> tuple[Notification, ...]:
    return () if is_change_within(event) else (_alert(event, policy, "alert"),)


def _words(event: TicketEvent, policy: Policy) -> tuple[Notification, ...]:
    """A technician's words to the customer; what is only done to a ticket has none."""
    if event.ticket.reply_path is not None and (event.text or event.kind == "answered"):
        return (*_answers(event, policy, _WORDED[event.kind]), *for_colleagues(event, "answered", policy))
    return (_alert(event, policy, "trouble"),) if event.kind == "answered" else ()


def _trouble(event: TicketEvent, policy: Policy) -> tuple[Notification, ...]:
    return (_alert(event, policy, "trouble"),)


def _flood(event: TicketEvent, policy: Policy) -> tuple[Notification, ...]:
    return (_alert(event, policy, "flood"),)


def is_proven(ticket: TicketView) -> bool:
    """Whether what goes to the customer by itself surely goes to whoever wrote.

    A sender who proves an address of their own may name any other one in Reply-To, and nothing proves that one.
    """
    path, kind = ticket.reply_path, ticket.customer.kind
    if path is None or kind != "mail":
        return ticket.proof in PROVEN
    return ticket.proof in PROVEN and mailbox_of(kind, path.address) == mailbox_of(kind, ticket.customer.value)


def _acknowledgement(event: TicketEvent, policy: Policy) -> Notification:
    """The customer's; planned even where there is no way to reach them, so that its row says so."""
    ticket = event.ticket
    path = ticket.reply_path
    mails = path is not None and policy.mails(path.channel)
    if not is_proven(ticket):
        template = "acknowledgement-unproven"
    else:
        template = "acknowledgement" if mails else "acknowledgement-chat"
    return Notification(
        effect=f"acknowledgement-{ticket.number}",  # Once for each ticket, whatever happens to it.
        purpose=Purpose.ACKNOWLEDGEMENT,
        template=template,
        channel=path.channel if path else "",
        kind=ticket.customer.kind,
        address=path.address if path else "",
        reader=ticket.customer,
        language=policy.understood(ticket.language),
        event=event,
    )


def _answers(event: TicketEvent, policy: Policy, template: str) -> tuple[Notification, ...]:
    """One for the customer and one for everybody who takes part, each of whom sees who the others are."""
    ticket = event.ticket
    path = ticket.reply_path
    if path is None:
        return ()
    mails = policy.mails(path.channel)
    readers = {mailbox_of(ticket.customer.kind, path.address): (ticket.customer, path.address)}
    for one in ticket.participants:
        readers.setdefault(mailbox_of(one.kind, one.value), (one, one.value))
    shown = [address for reader, address in readers.values() if reader.kind == "mail" and mails]
    return tuple(
        Notification(
            effect=_effect("answer", event, path.channel, address),
            purpose=Purpose.ANSWER,
            template=template,
            # Who takes part does so by mail, and a chat reaches nobody but its customer.
            channel=path.channel if reader is ticket.customer or (mails and reader.kind == "mail") else "",
            kind=reader.kind,
            address=address,
            reader=reader,
            others=tuple(other for other in shown if other != address),
            language=policy.understood(ticket.language),
            event=event,
        )
        for reader, address in readers.values()
    )


def _alert(event: TicketEvent, policy: Policy, template: str) -> Notification:
    return answerable(_plain_alert(event, policy, template, policy.destination(event.ticket.team)), policy)


def _copies(event: TicketEvent, policy: Policy) -> tuple[Notification, ...]:
    """What other teams hear of a new ticket, each workspace once; it is not theirs to answer."""
    places = {policy.destination(team): None for team in event.ticket.copies}
    places.pop(policy.destination(event.ticket.team), None)
    return tuple(_plain_alert(event, policy, "alert", place) for place in places)


def _plain_alert(event: TicketEvent, policy: Policy, template: str, to: Destination) -> Notification:
    return Notification(
        effect=_effect(template, event, to.channel, to.address),
        purpose=Purpose.ALERT,
        template=template,
        channel=to.channel,
        kind=to.kind,
        address=to.address,
        carries=_carried(event) if template == "alert" and policy.alert_files and policy.mails(to.channel) else (),
        language=policy.understood(to.language),
        event=event,
    )


def _carried(event: TicketEvent) -> tuple[SentFile, ...]:
    """The files of the message that a team hears of: without them it would know that there are some, and no more."""
    message = event.message
    if message is None or event.kind not in ("opened", "continued", "reopened", "moved"):
        return ()
    return tuple(SentFile(raw=message.raw, file=file) for file in message.attachments)


def storm(event: TicketEvent, policy: Policy, opened: int) -> Notification:
    """The one alert of a storm, which `event` began; it goes to the default team, whoever has the ticket."""
    told = msgspec.structs.replace(
        event, ticket=msgspec.structs.replace(event.ticket, team=policy.default_team), text=str(opened)
    )
    return _alert(told, policy, "storm")


def unsent_files(event: TicketEvent, policy: Policy, names: tuple[str, ...]) -> Notification:
    """The alert that files of an answer did not go out with it."""
    return msgspec.structs.replace(_alert(event, policy, "unsent-files"), unsent=names)


def _effect(what: str, event: TicketEvent, channel: str, address: str) -> str:
    return f"{what}-{derived_id(event.id, channel, address)}"


_PLANS: Mapping[str, Callable[[TicketEvent, Policy], tuple[Notification, ...]]] = {
    "opened": _opening,
    **dict.fromkeys(("continued", "reopened", "moved", "changed"), _news),
    **dict.fromkeys(_WORDED, _words),
    **dict.fromkeys(("delivery-failed", "delivery-in-doubt"), _trouble),
    "loop-suspected": _flood,
    **dict.fromkeys(DUE, when_due),
    **dict.fromkeys(NOTICES, notice),
}

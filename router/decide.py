"""What becomes of a record: which ticket it continues or that it opens one, of which category, priority and team."""

from typing import assert_never

import msgspec

from router import conversation, floods, hints, reports
from router.conversation import ABOUT_OURS, OTHER_PATH, Found, is_note
from router.customer import participants
from router.greeting import is_greeting
from router.known import Facts, chat_of
from router.life import following
from router.opening import open_one
from router.policy import Policy
from router.sameness import duplicates
from router.technicians import staff_forward, staff_mail
from store.records import Decision, DeliveryReport, Edit, Inbound, Membership, Message, Reason
from store.rows import Chat, Ticket

PARKED = "parked"  # The part of a reason whose result says why a record waits.
SUSPECT = "suspect"  # The fact that a form's honeypot leaves.


def decide(record: Inbound, facts: Facts, policy: Policy, *, accepted: bool = False) -> Decision:
    """The decision about a record that has no outcome yet, with a reason for each part.

    `accepted`: a person let it through, so it is not parked again. A new ticket has no number yet: who applies the
    decision gives it one.
    """
    holder = facts.holders.get(record.fingerprint)
    if holder is not None and holder.id != record.id:
        reason = Reason(part="duplicate", result=f"of {holder.id}", rule="equal fingerprint")
        return Decision(outcome="duplicate", ticket=holder.ticket, because=(reason,))
    match record:
        case Message():
            verdict = staff_mail.judged(record, facts, policy, accepted=accepted)
            if verdict is not None:
                return staff_mail.decision_of(verdict, record)
            return _on_message(record, facts, policy, accepted=accepted)
        case Edit():
            return _on_edit(record, facts, policy, accepted=accepted)
        case DeliveryReport():
            return _on_report(record, facts)
        case Membership():
            return _on_membership(record, facts)
        case _:
            assert_never(record)


def as_message(edit: Edit, facts: Facts) -> Message:
    """An edit as a message of its own, where what it changed opened nothing: a greeting, or nothing that we know."""
    message = Message(
        id=edit.id,
        raw=edit.raw,
        channel=edit.channel,
        external_id=edit.external_id,
        sender=edit.sender,
        text=edit.text,
        received_at=edit.edited_at,
        fingerprint=edit.fingerprint,
    )
    greeting = _greeting(edit, facts)
    if greeting is None:
        return message
    return msgspec.structs.replace(
        message, proof=greeting.proof, reply_path=greeting.reply_path, language=greeting.language, facts=greeting.facts
    )


def edited(edit: Edit, facts: Facts) -> Ticket | None:
    """The ticket that has the message which its own sender changed."""
    for copy in facts.copies_of(edit.external_id):
        if copy.sender_value == edit.sender.value and (ticket := facts.tickets.get(copy.ticket)):
            return ticket
    return None


def _on_message(message: Message, facts: Facts, policy: Policy, *, accepted: bool) -> Decision:
    if not accepted and (suspicion := _fact(message, SUSPECT)):
        return _parked("suspected-spam", "form protection", suspicion)
    found = conversation.find(message, facts)
    if found is not None and following.opens(found, message, policy):
        found = following.passed_on(found, message, facts)
    if found is not None and not following.opens(found, message, policy):
        return _continued(found, message, facts, policy)
    if found is not None:
        return following.named(_on_new(message, facts, policy, accepted=accepted), found)
    if not accepted and message.automated in ABOUT_OURS:
        return _parked(message.automated, "a machine writes about nothing of ours", message.automated)
    chat = chat_of(message.reply_path)
    if is_greeting(message) and chat and not facts.greetings.get(chat):
        reason = Reason(part="conversation", result="waits", rule="greeting", evidence=message.text[:40])
        return Decision(outcome="greeted", because=(reason,))
    return _on_new(message, facts, policy, accepted=accepted)


def _on_new(message: Message, facts: Facts, policy: Policy, *, accepted: bool) -> Decision:
    """What becomes of a message that continues nothing: a ticket, if it is the first of its kind."""
    if (copy := staff_forward.earlier(message, facts, policy)) is not None:
        reason = Reason(part="duplicate", result=f"in {copy.ticket}", rule="same mail by another path")
        return Decision(outcome="duplicate", ticket=copy.ticket, because=(reason,))
    if (same := duplicates.find(message, facts, policy)) is not None:
        return _continued(same, message, facts, policy)
    full = None if accepted else floods.flooded(message, facts, policy)
    if full is not None:
        limit = f"{policy.flood.tickets} tickets within {policy.flood.within}, proof {message.proof}"
        return _about(full, "continued", floods.FLOOD, limit)
    decision = open_one(staff_forward.as_customers(message, policy), facts, policy)
    whose = staff_forward.reason_of(message, policy)
    return msgspec.structs.replace(decision, because=(*decision.because, whose)) if whose else decision


def _on_edit(edit: Edit, facts: Facts, policy: Policy, *, accepted: bool) -> Decision:
    ticket = edited(edit, facts)
    if ticket is not None:
        return _about(ticket, "edited", "reference", edit.external_id)
    greeting = _greeting(edit, facts)
    if greeting is not None:
        message = as_message(edit, facts)
        if not is_greeting(message):
            return open_one(message, facts, policy)
        reason = Reason(part="conversation", result="waits", rule="greeting", evidence=edit.text[:40])
        return Decision(outcome="edited", because=(reason,))
    if accepted:
        return open_one(as_message(edit, facts), facts, policy)
    return _parked("unknown-original", "the message that was changed is not here", edit.external_id)


def _on_report(report: DeliveryReport, facts: Facts) -> Decision:
    sent = reports.matched(report, facts)
    ticket = facts.tickets.get(sent.ticket) if sent is not None else None
    if (
        sent is None or ticket is None
    ):  # Backscatter, mostly: somebody forged our address, and a machine complains to us.
        seen = report.delivery or f"{report.outcome} {report.status}".strip()
        return _parked("unknown-delivery", "nothing of ours was sent under this id", seen)
    return _about(ticket, "reported", "delivery", f"{sent.id} {report.outcome} {report.status}".strip())


def _on_membership(membership: Membership, facts: Facts) -> Decision:
    for number in reversed(facts.chats.get(Chat(membership.channel, membership.chat)) or ()):
        if ticket := facts.tickets.get(number):
            return _about(ticket, "reported", "chat", f"{membership.change} in {membership.chat}")
    reason = Reason(part="conversation", result="no open ticket", rule="chat", evidence=membership.change)
    return Decision(outcome="reported", because=(reason,))


def _continued(found: Found, message: Message, facts: Facts, policy: Policy) -> Decision:
    named = () if is_note(message, found.rule) else participants.later(message, found.ticket, facts, policy).reasons
    beside = () if found.rule == OTHER_PATH else hints.collision(message, facts)
    quiet = (following.THANKED,) if following.is_quiet(found, message, policy) else ()
    return Decision(
        outcome="joined" if found.joins else "continued",
        ticket=found.ticket.number,
        category=found.ticket.category,
        priority=found.ticket.priority,
        team=found.ticket.team,
        because=(found.reason, *quiet, *beside, *named),
    )


def _about(ticket: Ticket, outcome: str, rule: str, evidence: str) -> Decision:
    reason = Reason(part="conversation", result=f"{outcome} {ticket.number}", rule=rule, evidence=evidence[:200])
    return Decision(
        outcome=outcome,
        ticket=ticket.number,
        category=ticket.category,
        priority=ticket.priority,
        team=ticket.team,
        because=(reason,),
    )


def _parked(why: str, rule: str, evidence: str) -> Decision:
    return Decision(outcome="parked", because=(Reason(part=PARKED, result=why, rule=rule, evidence=evidence[:200]),))


def _fact(message: Message, name: str) -> str:
    return next((fact.value or name for fact in message.facts if fact.name == name), "")


def _greeting(edit: Edit, facts: Facts) -> Message | None:
    """The greeting that was edited; the chat of two has the number of the person in it."""
    waiting = facts.greetings.get(Chat(edit.channel, edit.sender.value)) or ()
    return next((message for message in waiting if message.external_id == edit.external_id), None)

"""What a technician's mail changes: its actions on the ticket, its draft, and the event by which its writer is told."""

import msgspec

from router.draft import Draft
from router.known import Changes, Facts
from router.life import actions, lifecycle
from router.policy import Policy
from router.technicians.staff_mail import Verdict, draft_key
from store.records import Decision, Message
from store.rows import KeptDraft, KeptMessage, indexed

MACHINE = "deskwire"  # The actor of what nobody did: notes of machines, and what is told to a technician.


def of_mail(
    plain: Changes, message: Message, verdict: Verdict, decision: Decision, facts: Facts, *, policy: Policy
) -> Changes:
    """What follows from a verdict; `plain` holds the mail's outcome, and where it is parked."""
    ticket = facts.tickets.get(verdict.right.ticket.number) or verdict.right.ticket
    draft = Draft(ticket=ticket)
    if verdict.note:
        step = lifecycle.step(ticket.state, "machine") or lifecycle.FIRST
        draft = draft.with_message(message, "note").with_event(
            step.event, cause=message.id, actor=MACHINE, at=facts.now, decision=decision, message=message
        )
    for action in verdict.actions:
        draft = actions.grown(draft, action, decision, facts, policy)
    draft = msgspec.structs.replace(draft, messages=tuple(_known_by(kept, message) for kept in draft.messages))
    if verdict.event and verdict.tells is not None:
        draft = draft.with_event(
            verdict.event,
            cause=message.id,
            actor=MACHINE,
            at=facts.now,
            decision=decision,
            text=verdict.kept_text,
            message=msgspec.structs.replace(message, text="", attachments=(), forwarded=None),
            to=verdict.tells,
        )
    settled = plain.settled if verdict.parked else msgspec.structs.replace(plain.settled, ticket=ticket.number)
    changed = msgspec.structs.replace(plain, settled=settled, draft=_draft(message, verdict))
    if not draft.events:
        return changed
    done = msgspec.structs.replace(changed, ticket=draft.ticket, messages=draft.messages, events=draft.events)
    return actions.spread(done, ticket, verdict.actions, facts)


def _known_by(kept: KeptMessage, message: Message) -> KeptMessage:
    """The words under the mail's own id, by which they are known when they come once more by another path."""
    if kept.id != message.id:
        return kept
    return msgspec.structs.replace(kept, external_id=indexed(message.external_id), digest=message.digest)


def _draft(message: Message, verdict: Verdict) -> KeptDraft | None:
    if verdict.keeps is None and not verdict.drops:
        return None
    return KeptDraft(key=draft_key(verdict.right, message), message=verdict.keeps)

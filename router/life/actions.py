"""What an action that is allowed changes about its ticket: one way for commands, mail and whatever comes after them."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from router.draft import Draft
from router.due.reached import address_of
from router.known import Changes, Facts
from router.life import effects, lifecycle, pairs
from router.life.allowed import BY_HAND, happening_of, is_duplicate
from router.policy import Policy
from router.promises import clocks
from store.records import Action, Address, Decision, Reason
from store.rows import Contact, Ticket

DESKWIRE = "deskwire"  # The actor of what comes due by itself.
_DIRECTIONS = {"answer": "out", "wait": "out", "solve": "out", "note": "note"}  # Of what they say.
_ANSWERS = ("answer", "solve")  # Whoever solves a ticket has answered it.
_WORKS = ("answer", "claim", "wait", "solve")  # Kinds by which somebody knows the customer.
_READ_OUT = ("given", "moved", "reopened", "escalated")  # Events that reach people who may not know the ticket.


def grown(draft: Draft, action: Action, decision: Decision, facts: Facts, policy: Policy) -> Draft:
    """The ticket with this action done; `commands.act` has allowed it. Nothing is added where nothing changes."""
    before = draft.ticket
    happening = happening_of(action)
    if (happening == "claim" and before.assignee == action.actor) or _is_linked(action, before):
        return draft
    step = lifecycle.step(before.state, happening) or lifecycle.FIRST
    changed = msgspec.structs.replace(effects.changed(before, action, facts.now, policy), state=step.state)
    ticket = _clocked(before, changed, action, facts.now, policy)
    draft = msgspec.structs.replace(draft, ticket=ticket)
    direction = _DIRECTIONS.get(action.kind)
    if direction is not None and action.text:
        draft = draft.with_words(action, direction)
    draft = _told(draft, step.event, action, decision, before=before, facts=facts, policy=policy)
    return _solved_too(draft, action, decision, facts, policy)


def spread(changes: Changes, before: Ticket, several: Iterable[Action], facts: Facts) -> Changes:
    """The changes of these actions, with what they change beside their ticket: its customer, and tickets it names."""
    for action in several:
        known = changes.contact or facts.contact(before.customer)
        if known is not None and action.kind in _WORKS and action.actor.startswith("person:"):
            changes = msgspec.structs.replace(changes, contact=_helped_by(known, action.actor, changes.contact))
        other = facts.tickets.get(int(action.value)) if action.kind == "link" else None
        if other is not None and other.number not in before.related:
            changes = pairs.tied(changes, other, why=action.why or BY_HAND, actor=action.actor, at=facts.now)
    return changes


def _helped_by(known: Contact, actor: str, changed: Contact | None) -> Contact | None:
    """The customer, who knows whoever last helped them; `changed` where that is nothing new."""
    return changed if known.last_person == actor else msgspec.structs.replace(known, last_person=actor)


def _clocked(before: Ticket, changed: Ticket, action: Action, now: datetime, policy: Policy) -> Ticket:
    if action.kind == "wait":
        changed = msgspec.structs.replace(changed, wakes_at=action.until)
    # What comes due by itself is nobody's answer; a question that goes out is one.
    answers = action.kind in _ANSWERS or (action.kind == "wait" and bool(action.text))
    heard: clocks.Heard = "answer" if answers and action.actor != DESKWIRE else ""
    return clocks.moved(before, changed, heard, min(action.at, now), policy)


def _told(
    draft: Draft, kind: str, action: Action, decision: Decision, *, before: Ticket, facts: Facts, policy: Policy
) -> Draft:
    if kind == "escalated":
        result = f"moved to {draft.ticket.team}, level {draft.ticket.level}"
        why = Reason(part="escalation", result=result, rule="by hand", evidence=action.text or action.why)
        decision = msgspec.structs.replace(decision, because=(*decision.because, why))
    return draft.with_event(
        kind,
        cause=action.id,
        actor=action.actor,
        at=facts.now,
        decision=decision,
        text=effects.words(action, before),
        files=action.files,
        message=facts.last_words.get(before.number) if kind in _READ_OUT else None,
        to=_told_alone(action, kind, policy),
    )


def _told_alone(action: Action, event: str, policy: Policy) -> Address | None:
    """Whoever a ticket is given to hears of it alone."""
    person = policy.people.get(action.value.removeprefix("person:")) if event == "given" else None
    return address_of(person, policy) if person is not None else None


def _is_linked(action: Action, ticket: Ticket) -> bool:
    return action.kind == "link" and not is_duplicate(action) and int(action.value) in ticket.related


def _solved_too(draft: Draft, action: Action, decision: Decision, facts: Facts, policy: Policy) -> Draft:
    """A ticket that says the same as another one is solved by that: the other one goes on."""
    step = lifecycle.step(draft.ticket.state, "solve")
    if not is_duplicate(action) or step is None:
        return draft
    solved = msgspec.structs.replace(draft.ticket, state=step.state)
    draft = msgspec.structs.replace(draft, ticket=clocks.moved(draft.ticket, solved, "", facts.now, policy))
    return draft.with_event(step.event, cause=action.id, actor=action.actor, at=facts.now, decision=decision)

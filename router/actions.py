"""What an action that is allowed changes about its ticket: one way for commands, mail and whatever comes after them."""

from datetime import datetime

import msgspec

from router import clocks, lifecycle
from router.commands import HAPPENINGS
from router.draft import Draft
from router.policy import Policy
from store.records import Action, Decision
from store.rows import Ticket

DESKWIRE = "deskwire"  # The actor of what comes due by itself.
_TECHNICIANS = ("person:", "team:")  # Whoever of them answers first works on the ticket; an operator only helps out.
_DIRECTIONS = {"answer": "out", "note": "note"}


def grown(draft: Draft, action: Action, decision: Decision, at: datetime, policy: Policy) -> Draft:
    """The ticket with this action done; `commands.act` has allowed it."""
    step = lifecycle.step(draft.ticket.state, HAPPENINGS[action.kind]) or lifecycle.FIRST
    changed = msgspec.structs.replace(_changed(draft.ticket, action), state=step.state)
    if action.kind == "wait":
        changed = msgspec.structs.replace(changed, wakes_at=action.until)
    # Whoever solves a ticket has answered it; what comes due by itself is nobody's answer.
    answers = action.kind in ("answer", "solve") and action.actor != DESKWIRE
    ticket = clocks.moved(draft.ticket, changed, "answer" if answers else "", min(action.at, at), policy)
    draft = msgspec.structs.replace(draft, ticket=ticket)
    direction = _DIRECTIONS.get(action.kind)
    if direction is not None:
        draft = draft.with_words(action, direction)
    return draft.with_event(
        step.event,
        cause=action.id,
        actor=action.actor,
        at=at,
        decision=decision,
        text=action.text or action.value,
        files=action.files,
    )


def _changed(ticket: Ticket, action: Action) -> Ticket:
    match action.kind, action.value.partition(" "):
        case "claim", _:
            return msgspec.structs.replace(ticket, assignee=action.actor)
        case "answer", _ if not ticket.assignee and action.actor.startswith(_TECHNICIANS):
            return msgspec.structs.replace(ticket, assignee=action.actor)
        case "change", ("priority", _, value):
            return msgspec.structs.replace(ticket, priority=value)
        case "change", ("team", _, value):
            return msgspec.structs.replace(ticket, team=value)
        case "change", ("language", _, value):
            return msgspec.structs.replace(ticket, language=value)
    return ticket

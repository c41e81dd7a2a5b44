"""What a timer does that has come due: a step of a ladder, a reminder, waking or closing."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from router.arrivals import DESKWIRE
from router.crew import levels
from router.draft import Draft, grown_by
from router.due.escalate import Coming
from router.due.ladders import Step
from router.due.reached import Later, Reached, reached
from router.due.schedule import CLOSE, GIVE_UP, REMIND, WAKE, comings
from router.known import Changes, Facts
from router.life import lifecycle
from router.life.lifecycle import Happening
from router.policy import Policy
from router.promises import clocks
from store.codec import derived_id
from store.records import Action, Address, Decision, Message, Reason
from store.rows import Settled, Ticket, Timer

HELD = "held"  # How the names of timers begin that tell a person of a ticket when they work again: "held ola 482917".
LATE = "late"  # The same, of what came due while nobody looked; "late  482917" is a team's.

# The kind of an event that a ticket was moved up late: in its history, and told by the digest alone.
RAISED = "raised"

_HAPPENINGS: dict[str, Happening] = {CLOSE: "close", GIVE_UP: "close", WAKE: "wake"}


class Fired(NamedTuple):
    """What a timer did."""

    changes: Changes
    later: tuple[Timer, ...] = ()  # Of people and teams who hear of it in a digest.


def as_action(timer: Timer, at: datetime) -> Action:
    """The timer as what it does to its ticket; its outcome in the inbox lets it happen once."""
    return Action(
        id=timer.record,
        kind="due",
        actor=DESKWIRE,
        ticket=timer.ticket,
        item=timer.id,
        value=timer.name,
        at=at,
    )


def standing(timer: Timer, facts: Facts, policy: Policy) -> Coming | None:
    """What a timer is for as its ticket stands now; None where it is for nothing any more, or not due yet."""
    ticket = facts.tickets.get(timer.ticket)
    if ticket is None:
        return None
    found = (one for one in comings(ticket, policy) if one.timer.id == timer.id)
    return next((one for one in found if one.timer.due_at <= facts.now), None)


def fired(coming: Coming, facts: Facts, policy: Policy, *, late: bool) -> Fired:
    """What follows. Of one that is late, what it would tell people goes into one digest with all others."""
    timer = coming.timer
    ticket = facts.tickets.get(timer.ticket)
    if ticket is None:
        return Fired(_plain(timer, None))
    if coming.step is not None:
        return _escalated(coming, coming.step, ticket, facts, policy, late=late)
    plain, draft = _plain(timer, ticket), Draft(ticket=ticket)
    if timer.name.startswith(REMIND):
        if late and _is_followed(timer, ticket, facts, policy):
            return Fired(plain)
        draft = _told(draft, "reminded", timer, facts.now, why=_passed(timer), text=timer.name)
        return Fired(grown_by(plain, draft))
    step = lifecycle.step(ticket.state, _HAPPENINGS[timer.name])
    if step is None:
        return Fired(plain)
    after = clocks.moved(ticket, msgspec.structs.replace(ticket, state=step.state), "", facts.now, policy)
    draft = Draft(ticket=after)
    text = timer.name if timer.name == GIVE_UP else ""
    words = facts.last_words.get(ticket.number) if timer.name == WAKE else None
    told = _told(draft, step.event, timer, facts.now, why=_passed(timer), text=text, words=words)
    return Fired(grown_by(plain, told))


def _is_followed(timer: Timer, ticket: Ticket, facts: Facts, policy: Policy) -> bool:
    """Whether a later reminder, or the end of waiting, has come due as well: one word to the customer is enough."""
    return any(
        one.timer.due_at <= facts.now and one.timer.due_at > timer.due_at
        for one in comings(ticket, policy)
        if one.step is None
    )


def _told(
    draft: Draft,
    kind: str,
    timer: Timer,
    at: datetime,
    *,
    why: Reason,
    text: str = "",
    to: Address | None = None,
    silent: bool = False,
    words: Message | None = None,
) -> Draft:
    """`words` are the customer's last ones, for whoever is asked to answer them."""
    return draft.with_event(
        kind,
        cause=timer.record,
        actor=DESKWIRE,
        at=at,
        decision=_decision(draft.ticket, why),
        text=text,
        to=to,
        silent=silent,
        message=words,
        which=(to.kind, to.value) if to is not None else (),
    )


def _escalated(coming: Coming, step: Step, ticket: Ticket, facts: Facts, policy: Policy, *, late: bool) -> Fired:
    """Move first, so that those who have it then hear of it."""
    timer, at, plain, draft = coming.timer, facts.now, _plain(coming.timer, ticket), Draft(ticket=ticket)
    words = facts.last_words.get(ticket.number)
    name = levels.target(step.move, draft.ticket, policy.teams) if step.move else ""
    if name:
        draft = Draft(ticket=levels.raised(draft.ticket, name, policy.teams))
    several = reached(step, draft.ticket, policy, at)
    why = _why(coming, step, name, draft.ticket)
    if late:
        later = tuple(_digested(one, timer, draft.ticket.number, at) for one in several)
        return Fired(grown_by(plain, _told(draft, RAISED, timer, at, why=why) if name else draft), later)
    for one in several:
        if isinstance(one, Reached):
            silent = not step.loud
            draft = _told(
                draft, "escalated", timer, at, why=why, text=step.words, to=one.to, silent=silent, words=words
            )
    return Fired(grown_by(plain, draft), tuple(_held(one, timer.ticket) for one in several if isinstance(one, Later)))


def _passed(timer: Timer) -> Reason:
    return Reason(part="timer", result=timer.name, rule="time has passed", evidence=_due(timer))


def _due(timer: Timer) -> str:
    return f"due {timer.due_at:%Y-%m-%d %H:%M} UTC"


def _why(coming: Coming, step: Step, moved_to: str, ticket: Ticket) -> Reason:
    done = [f"alert {', '.join(step.alert)}"] if step.alert else []
    if moved_to:
        done.append(f"moved to {moved_to}, level {ticket.level}")
    elif step.move:
        done.append(f"not moved to {step.move}: nobody is above {ticket.team}")
    return Reason(
        part="escalation",
        result=", ".join(done),
        rule=f"{coming.ladder}: {step.words}",
        place=step.place,
        evidence=_due(coming.timer),
    )


def _decision(ticket: Ticket, why: Reason) -> Decision:
    return Decision(
        outcome="acted",
        ticket=ticket.number,
        category=ticket.category,
        priority=ticket.priority,
        team=ticket.team,
        person=ticket.person,
        because=(why,),
    )


def _digested(one: Reached | Later, timer: Timer, ticket: int, at: datetime) -> Timer:
    """A line of the digest of somebody whom a late step would have alerted."""
    if isinstance(one, Later):
        return _held(one, ticket)
    name = f"{LATE} {one.person} {ticket}"
    return Timer(derived_id(name, timer.id), 0, name, at)


def _held(one: Later, ticket: int) -> Timer:
    name = f"{HELD} {one.person} {ticket}"
    return Timer(derived_id(name, one.at.isoformat()), 0, name, one.at)


def _plain(timer: Timer, ticket: Ticket | None) -> Changes:
    number = ticket.number if ticket is not None else None
    return Changes(settled=Settled(id=timer.record, outcome="acted", ticket=number))

"""What an action makes of its ticket's row, state and clocks aside, and the words in which its event tells of it."""

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from router.crew import colleagues, levels
from router.life import pairs
from router.life.allowed import BY_HAND, UNSAID, happening_of, moved_to
from router.policy import Policy
from store.records import Action
from store.rows import Ticket

_TECHNICIANS = ("person:", "team:")  # Whoever of them answers first works on the ticket; an operator only helps out.
_SPOKEN = ("answer", "note", "wait", "solve")  # Kinds whose text is said to somebody, with nothing beside it.


def changed(ticket: Ticket, action: Action, now: datetime, policy: Policy) -> Ticket:
    """The ticket with what the action says of it."""
    effect = _move if moved_to(action) else _EFFECTS.get(action.kind)
    return effect(ticket, action, now, policy) if effect is not None else ticket


def words(action: Action, before: Ticket) -> str:
    """What an event says: words for somebody, or what was changed into what and why."""
    if action.kind in _SPOKEN:
        return action.text
    if team := moved_to(action):
        return _joined(f"{team} (was {before.team})", action.why or UNSAID, action.text)
    if happening_of(action) == "claim":
        return f"taken over from {before.assignee}" if before.assignee else ""
    if action.kind == "change":
        return f"{action.value} (was {getattr(before, action.value.partition(' ')[0]) or 'none'})"
    if action.kind == "link":
        return _joined(action.value, action.why or BY_HAND, action.text)
    # Words of a closing would go to the customer: the reasons have them.
    return "" if action.kind == "close" else _joined(action.value, action.why, action.text)


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _claim(ticket: Ticket, action: Action, now: datetime, policy: Policy) -> Ticket:  # noqa: ARG001
    return msgspec.structs.replace(ticket, assignee=action.actor, person=action.actor, claimed_at=now)


def _answer(ticket: Ticket, action: Action, now: datetime, policy: Policy) -> Ticket:
    is_first = not ticket.assignee and action.actor.startswith(_TECHNICIANS)
    return _claim(ticket, action, now, policy) if is_first else ticket


def _give(ticket: Ticket, action: Action, now: datetime, policy: Policy) -> Ticket:
    if action.value == action.actor:
        return _claim(ticket, action, now, policy)
    return msgspec.structs.replace(ticket, person=action.value, assignee="", claimed_at=None)


def _move(ticket: Ticket, action: Action, now: datetime, policy: Policy) -> Ticket:  # noqa: ARG001
    """Its number, words and deadlines stay; whoever has it keeps it if they work in the new team as well."""
    name = moved_to(action)
    team = policy.teams.get(name)
    stays = {who: who if name in colleagues.teams_of(who, policy) else "" for who in (ticket.assignee, ticket.person)}
    moved = msgspec.structs.replace(
        ticket,
        team=name,
        level=team.level if team is not None else ticket.level,
        assignee=stays[ticket.assignee],
        person=stays[ticket.person],
    )
    return _unclaimed(moved)


def _escalate(ticket: Ticket, action: Action, now: datetime, policy: Policy) -> Ticket:  # noqa: ARG001
    return _unclaimed(levels.raised(ticket, levels.above(ticket, policy.teams), policy.teams))


def _unclaimed(ticket: Ticket) -> Ticket:
    return ticket if ticket.assignee else msgspec.structs.replace(ticket, claimed_at=None)


def _change(ticket: Ticket, action: Action, now: datetime, policy: Policy) -> Ticket:  # noqa: ARG001
    what, _, value = action.value.partition(" ")
    match what:
        case "priority":
            return msgspec.structs.replace(ticket, priority=value)
        case "category":
            return msgspec.structs.replace(ticket, category=value)
        case "language":
            return msgspec.structs.replace(ticket, language=value)
    return ticket


def _link(ticket: Ticket, action: Action, now: datetime, policy: Policy) -> Ticket:  # noqa: ARG001
    return pairs.with_related(ticket, int(action.value))


_EFFECTS: Mapping[str, Callable[[Ticket, Action, datetime, Policy], Ticket]] = {
    "answer": _answer,
    "solve": _answer,
    "claim": _claim,
    "give": _give,
    "change": _change,
    "escalate": _escalate,
    "link": _link,
}

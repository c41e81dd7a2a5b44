"""Which actions may be done to a ticket, and the words in which all others are refused."""

from collections.abc import Callable, Mapping
from datetime import datetime

from router.crew import colleagues, levels
from router.known import Facts
from router.life import lifecycle
from router.life.lifecycle import Happening, No
from router.policy import Policy
from store.records import MAX_TEXT, Action
from store.rows import Ticket

# What may be done to a ticket, by the action's kind.
HAPPENINGS: Mapping[str, Happening] = {
    "answer": "answer",
    "note": "note",
    "claim": "claim",
    "give": "give",
    "move": "move",
    "change": "change",
    "wait": "wait",
    "solve": "solve",
    "reopen": "reopen",
    "close": "close",
    "escalate": "escalate",
    "link": "link",
}
UNSAID = "unsaid"  # Why a ticket was moved by somebody who did not say.
WHYS = ("wrong-topic", "wrong-team", "needs-skill", "customer-asked", UNSAID)
BY_HAND = "by hand"  # Why tickets are linked by somebody who did not say.
DUPLICATE = "duplicate"  # Why tickets are linked of which one is solved by that.


def happening_of(action: Action) -> Happening:
    """What happens to the ticket: whoever gives it to themselves takes it, and another team is a move in any case."""
    if action.kind == "give" and action.value == action.actor:
        return "claim"
    return "move" if moved_to(action) else HAPPENINGS[action.kind]


def is_duplicate(action: Action) -> bool:
    """Whether a link says that its ticket is the same as another one, and so is solved."""
    return action.kind == "link" and action.why == DUPLICATE


def moved_to(action: Action) -> str:
    """The team that an action moves its ticket to; empty where it moves it nowhere."""
    what, _, value = action.value.partition(" ")
    if action.kind == "change" and what == "team":  # As actions said it that were on their way at an upgrade.
        return value
    return action.value if action.kind == "move" else ""


def against(action: Action, ticket: Ticket, facts: Facts, policy: Policy) -> No | None:
    """Why this action may not be done to this ticket as it stands; None where it may."""
    if no := _unfit(action) or lifecycle.refusal(ticket.number, ticket.state, happening_of(action)):
        return no
    if is_duplicate(action) and (no := lifecycle.refusal(ticket.number, ticket.state, "solve")):
        return no
    if action.text and action.kind in ("answer", "wait", "solve") and ticket.reply_path is None:
        return No(f"the customer of ticket {ticket.number} left no address to answer to", "no-way-back")
    check = _CHECKS.get("move" if moved_to(action) else action.kind)
    return check(action, ticket, facts, policy) if check is not None else None


def since(moment: datetime, now: datetime, policy: Policy) -> str:
    """Since when, as a colleague says it: the time alone for today."""
    local, today = (one.astimezone(policy.zone) for one in (moment, now))
    return f"{local:%H:%M}" if local.date() == today.date() else f"{local:%Y-%m-%d %H:%M}"


def _unfit(action: Action) -> No | None:
    if action.kind in ("answer", "note") and not action.text.strip():
        return No(f"the {action.kind} to ticket {action.ticket} has no text: write what to say", "empty-text")
    if len(action.text) > MAX_TEXT:
        return No(f"the text has {len(action.text)} characters, and {MAX_TEXT} is the most: cut it", "too-long")
    return None


def _claim(action: Action, ticket: Ticket, facts: Facts, policy: Policy) -> No | None:
    if ticket.assignee in ("", action.actor):
        return None
    name = colleagues.name_of(ticket.assignee, policy)
    told = f"{name} since {since(ticket.claimed_at, facts.now, policy)}" if ticket.claimed_at else name
    return No(
        f"ticket {ticket.number} is with {told}: take it over with `deskwire ticket give {ticket.number} me`",
        "taken",
        told,
    )


def _give(action: Action, ticket: Ticket, facts: Facts, policy: Policy) -> No | None:  # noqa: ARG001
    known = colleagues.everybody(policy)
    if action.value == action.actor:
        return None
    if action.value not in known:
        keys = ", ".join(one.removeprefix("person:") for one in known) or "nobody; add them under people"
        return No(
            f'"{action.value.removeprefix("person:")}" is nobody in the settings; there are: {keys}', "nobody", keys
        )
    if colleagues.works_in(action.value, ticket.team, policy):
        return None
    teams = colleagues.teams_of(action.value, policy)
    name = colleagues.name_of(action.value, policy)
    where = f"but of {', '.join(teams)}" if teams else "nor of any other"
    told = f"{name} is not of team {ticket.team}, {where}"
    return No(f"{told}: move ticket {ticket.number} first, with `deskwire ticket move`", "not-of-team", told)


def _move(action: Action, ticket: Ticket, facts: Facts, policy: Policy) -> No | None:  # noqa: ARG001
    team = moved_to(action)
    if no := _choice("team", team, policy):
        return no
    if team == ticket.team:
        return No(f"ticket {ticket.number} is with team {team} already: there is nothing to move", "same-team", team)
    if action.why and action.why not in WHYS:
        return No(f'"{action.why}" is no reason to move a ticket; there are: {", ".join(WHYS)}', "unknown-value")
    return None


def _change(action: Action, ticket: Ticket, facts: Facts, policy: Policy) -> No | None:  # noqa: ARG001
    what, _, value = action.value.partition(" ")
    return _choice(what, value, policy)


def _choice(what: str, value: str, policy: Policy) -> No | None:
    choices = policy.choices.get(what, ())
    if value in choices:
        return None
    there = f"there are: {', '.join(choices)}" if choices else f"what can be changed: {', '.join(policy.choices)}"
    return No(f'no {what} "{value}" is in the settings; {there}', "unknown-value", ", ".join(choices))


def _wait(action: Action, ticket: Ticket, facts: Facts, policy: Policy) -> No | None:
    if action.until is None or action.until > facts.now:
        return None
    told = since(action.until, facts.now, policy)
    return No(f"{told} has passed already: let ticket {ticket.number} wait until a moment to come", "past", told)


def _escalate(action: Action, ticket: Ticket, facts: Facts, policy: Policy) -> No | None:  # noqa: ARG001
    if levels.above(ticket, policy.teams):
        return None
    told = f"no team is above {ticket.team}"
    return No(
        f"{told}: move ticket {ticket.number} with `deskwire ticket move`, or give it to somebody", "nobody-above"
    )


def _link(action: Action, ticket: Ticket, facts: Facts, policy: Policy) -> No | None:  # noqa: ARG001
    other = facts.tickets.get(int(action.value)) if action.value.isdecimal() else None
    if other is None:
        return No(f"there is no ticket {action.value}: see `deskwire ticket list`", "no-ticket", action.value)
    if other.number == ticket.number:
        return No(f"ticket {ticket.number} is itself: name another one", "no-ticket", action.value)
    if action.why == DUPLICATE and facts.person(other.contact) != facts.person(ticket.contact):
        told = f"ticket {other.number} is of another customer"
        return No(f"{told}, who would not be answered: link them instead", "other-customer", told)
    return None


_CHECKS: Mapping[str, Callable[[Action, Ticket, Facts, Policy], No | None]] = {
    "claim": _claim,
    "give": _give,
    "move": _move,
    "change": _change,
    "wait": _wait,
    "escalate": _escalate,
    "link": _link,
}

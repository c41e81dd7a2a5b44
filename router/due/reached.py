"""Whom a step of a ladder reaches: which people, by which address, and what waits for the start of their shift."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from router.crew.teams import Person, Team
from router.due.ladders import Step
from router.due.loudness import shift_of
from router.policy import Policy
from store.records import Address
from store.rows import Ticket

CALLED = frozenset({"on_call", "next_on_call"})  # Targets who are there to be disturbed.


class Reached(NamedTuple):
    """Somebody who hears of a step now."""

    to: Address | None = None  # None: the team of the ticket, in its workspace.
    person: str = ""  # Their key; empty: the team.


class Later(NamedTuple):
    """Somebody who hears of it when they work again."""

    person: str  # Their key.
    at: datetime


def reached(step: Step, ticket: Ticket, policy: Policy, at: datetime) -> tuple[Reached | Later, ...]:
    """Whom a step alerts, each once.

    Where nobody is on call, and where the person meant has no address, the team hears of it: an alert never goes to
    nobody. A step that only moves the ticket is told to the team that has it then.
    """
    found: list[Reached | Later] = []
    for target in step.alert or ("team",):
        may_disturb = not policy.loudness.quiet or target in CALLED or ticket.priority == policy.loudness.urgent
        for person in _named(target, ticket, policy, at):
            works = None if may_disturb or person is None else shift_of(person.key, policy.teams, at)
            address = _address(person, step.by, policy.loudness.reaches) if person is not None else None
            if person is None or address is None:
                found.append(Reached())
            elif works is None or works <= at:
                found.append(Reached(address, person.key))
            else:
                found.append(Reached() if target == "assignee_or_team" else Later(person.key, works))
    return tuple(dict.fromkeys(found))


def _named(target: str, ticket: Ticket, policy: Policy, at: datetime) -> Iterator[Person | None]:
    """The people that a target means; None: the team."""
    team = policy.teams.get(ticket.team)
    match target:
        case "team":
            yield None
        case "manager":
            managers = [one for one in policy.people.values() if one.role == "manager"]
            yield from managers
            if not managers:
                yield None
        case "on_call" | "next_on_call":
            yield policy.people.get(_called(target, team, at))
        case "assignee" | "assignee_or_team":
            yield policy.people.get((ticket.assignee or ticket.person).removeprefix("person:"))
        case _:
            yield policy.people.get(target)


def _called(target: str, team: Team | None, at: datetime) -> str:
    order = team.called(at) if team is not None else ()
    number = 0 if target == "on_call" else 1
    return order[number] if number < len(order) else ""


def _address(person: Person, by: str, reaches: frozenset[str]) -> Address | None:
    """Where a person is reached: as the step wishes, or by chat if they have one, else by mail."""
    ways = {"mail": person.mail, "telegram": person.telegram}
    order = (by,) if by else ("telegram", "mail")
    return next((ways[kind] for kind in (*order, "telegram", "mail") if kind in reaches and ways[kind]), None)


def address_of(person: Person, policy: Policy) -> Address | None:
    """Where a person gets what is for them alone; None: nowhere."""
    return _address(person, "", policy.loudness.reaches)

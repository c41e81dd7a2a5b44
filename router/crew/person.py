"""Which person of a team gets a ticket: of those on shift the one whom the settings prefer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from router.crew.teams import Person, Team
from router.known import Facts
from router.policy import Policy, Preference
from store.records import Reason
from store.rows import Load

_NONE = Load(0, None)
_LONGEST = 200  # Characters of evidence.


class Wanted(NamedTuple):
    """What a ticket asks of whoever gets it."""

    team: str
    language: str = ""  # The customer's; empty: unknown, so that nobody speaks it better.
    knows: frozenset[str] = frozenset()  # Its category and tags.
    last_person: str = ""  # Who last worked for the customer, "person:ola"; empty: nobody did.


def person_of(wanted: Wanted, facts: Facts, policy: Policy) -> Reason | None:
    """The person's key as `Reason.result`, empty where nobody is on shift; None for a team that has no shifts.

    `prefer` orders those who are on shift and excludes nobody; where it leaves several, the settings' order decides.
    """
    team = policy.teams.get(wanted.team)
    if team is None or not team.shifts:
        return None
    working = team.on_shift(facts.now)
    here = [policy.people[key] for key in working if key in policy.people]
    if not here:
        queued = "; ".join(filter(None, (_next_shift(team, facts.now), f"it waits in the queue of {wanted.team}")))
        return Reason(part="person", result="", rule="nobody on shift", evidence=queued)
    sights = [_seen(person, wanted, facts, policy.prefer) for person in here]
    best = min(sights, key=lambda sight: sight.rank)
    until = working[best.person.key]
    return Reason(
        part="person",
        result=best.person.key,
        rule=_rule(best, sights, policy.prefer),
        evidence=_evidence(best, sights, until, [key for key in team.members if key not in working])[:_LONGEST],
    )


class _Sight(NamedTuple):
    """One who could get it, and how they stand."""

    person: Person
    rank: tuple[float, ...]  # By each preference; smaller is better.
    words: tuple[str, ...]  # The same for people.


_Look = Callable[[Person, Wanted, Load], tuple[float, str]]


def _same(person: Person, wanted: Wanted, load: Load) -> tuple[float, str]:  # noqa: ARG001
    is_same = person.actor == wanted.last_person
    return not is_same, "same as last time" if is_same else "not the same as last time" if wanted.last_person else ""


def _speaks(person: Person, wanted: Wanted, load: Load) -> tuple[float, str]:  # noqa: ARG001
    if not wanted.language:
        return 0, ""
    is_spoken = wanted.language in person.speaks
    return not is_spoken, f"speaks {wanted.language}" if is_spoken else f"no {wanted.language}"


def _knows(person: Person, wanted: Wanted, load: Load) -> tuple[float, str]:  # noqa: ARG001
    known = sorted(person.skills & wanted.knows)
    return -len(known), f"knows {', '.join(known)}" if known else "no skill for it"


def _is_busy(person: Person, wanted: Wanted, load: Load) -> tuple[float, str]:  # noqa: ARG001
    return load.open, f"{load.open} open"


def _turn(person: Person, wanted: Wanted, load: Load) -> tuple[float, str]:  # noqa: ARG001
    if load.last_at is None:
        return 0, "never had one"
    return load.last_at.timestamp(), f"last had one {load.last_at:%a %d %b %H:%M} UTC"


_LOOKS: Mapping[Preference, _Look] = {
    "same_person_as_last_time": _same,
    "speaks_customer_language": _speaks,
    "skills": _knows,
    "least_busy": _is_busy,
    "round_robin": _turn,
}


def _seen(person: Person, wanted: Wanted, facts: Facts, prefer: Sequence[Preference]) -> _Sight:
    load = facts.loads.get(person.actor) or _NONE
    looks = [_LOOKS[name](person, wanted, load) for name in prefer]
    return _Sight(person, tuple([rank for rank, _ in looks]), tuple([words for _, words in looks]))


def _rule(best: _Sight, sights: Sequence[_Sight], prefer: Sequence[Preference]) -> str:
    """What decided between the best and the next best."""
    others = [sight for sight in sights if sight is not best]
    if not others:
        return "only one on shift"
    second = min(others, key=lambda sight: sight.rank)
    parted = (name for name, one, other in zip(prefer, best.rank, second.rank, strict=True) if one != other)
    return next(parted, "first on the list")


def _evidence(best: _Sight, sights: Sequence[_Sight], until: datetime | None, off: Sequence[str]) -> str:
    shift = f"on shift until {until:%H:%M}" if until is not None else "always on shift"
    others = [f"{sight.person.key}: {_why_not(best, sight)}" for sight in sights if sight is not best]
    if off:
        others.append(f"{', '.join(off)}: off shift")
    told = ", ".join((shift, *filter(None, best.words)))
    return f"{told} ({'; '.join(others)})" if others else told


def _why_not(best: _Sight, other: _Sight) -> str:
    worse = (words for words, one, two in zip(other.words, best.rank, other.rank, strict=True) if one != two)
    return next(worse, "later on the list")


def _next_shift(team: Team, at: datetime) -> str:
    opens = team.next_shift(at)
    return (
        f"the next shift begins {opens.astimezone(team.hours.zone):%a %d %b %H:%M} {team.hours.zone}" if opens else ""
    )

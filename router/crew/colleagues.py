"""Who works here, by the names that people write and read."""

from collections.abc import Mapping

from router.policy import Policy
from router.rules.phrases import normalised


def everybody(policy: Policy) -> Mapping[str, str]:
    """What each person is called, by actor: "person:ola" is "Ola Nowak"."""
    of_staff = {one.actor: one.address.name for one in policy.staff.people.values()}
    return of_staff | {person.actor: person.name for person in policy.people.values()}


def name_of(actor: str, policy: Policy) -> str:
    """What an actor is called; of one that the settings do not know what stands behind its colon."""
    return everybody(policy).get(actor) or actor.partition(":")[2] or actor


def named(written: str, policy: Policy) -> str:
    """The actor whom somebody means by a key, a name, or a first name that only one has; empty where nobody is."""
    names = everybody(policy)
    if f"person:{written}" in names:
        return f"person:{written}"
    wanted = normalised(written.removeprefix("@"))
    keys = {normalised(actor.removeprefix("person:")): actor for actor in names}
    whole = {normalised(name): actor for actor, name in names.items()}
    if found := keys.get(wanted) or whole.get(wanted):
        return found
    first = [actor for actor, name in names.items() if normalised(name).partition(" ")[0] == wanted]
    return first[0] if len(first) == 1 else ""


def works_in(actor: str, team: str, policy: Policy) -> bool:
    """Whether somebody is of a team; of one whose people the settings do not say everybody is."""
    known = policy.teams.get(team)
    return known is None or not known.members or actor.removeprefix("person:") in known.members


def teams_of(actor: str, policy: Policy) -> tuple[str, ...]:
    """The teams whose people the settings say and which they are of."""
    key = actor.removeprefix("person:")
    return tuple(team.name for team in policy.teams.values() if key in team.members)

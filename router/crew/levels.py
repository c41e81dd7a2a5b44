"""The levels of teams: where a ticket goes that needs somebody who knows more."""

from collections.abc import Mapping

import msgspec

from router.crew.teams import Team
from router.due.ladders import NEXT_LEVEL
from store.rows import Ticket


def above(ticket: Ticket, teams: Mapping[str, Team]) -> str:
    """The team of the next higher level: the one that its own team names, or else the first in the settings.

    Empty where there is none above.
    """
    own = teams.get(ticket.team)
    if own is not None and own.escalates_to:
        return own.escalates_to
    higher = [team for team in teams.values() if team.level > ticket.level]
    return min(higher, key=lambda team: team.level).name if higher else ""


def target(move: str, ticket: Ticket, teams: Mapping[str, Team]) -> str:
    """Where a step moves a ticket; empty where it stays: it is there, or would go down, or nobody is above."""
    name = above(ticket, teams) if move == NEXT_LEVEL else move
    team = teams.get(name)
    return name if team is not None and name != ticket.team and team.level >= ticket.level else ""


def raised(ticket: Ticket, name: str, teams: Mapping[str, Team]) -> Ticket:
    """The ticket at another team, whose queue it joins unless whoever has it works there too; its deadlines stay."""
    team = teams[name]
    members = {f"person:{key}" for key in team.members}
    return msgspec.structs.replace(
        ticket,
        team=name,
        level=max(ticket.level, team.level),
        assignee=ticket.assignee if ticket.assignee in members else "",
        person=ticket.person if ticket.person in members else "",
    )

"""Whom the desk may disturb, and when: sound, quiet hours, and digests instead."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from router.crew.teams import Team
from store.events import TicketView
from store.rows import Ticket


class Loudness(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say of it."""

    loud: frozenset[str] | None = None  # Priorities that make a sound; None: all.
    urgent: str = ""  # The priority that does so at any hour; empty: none.
    quiet: bool = False  # Off their shift, people are reached only for `urgent` or because they are on call.
    reaches: frozenset[str] = frozenset({"mail", "telegram"})  # Sorts of addresses that some channel sends to.
    digest: frozenset[str] = frozenset()  # What stands in the digest of a shift's start; empty: there is none.


def is_loud(ticket: TicketView | Ticket, loudness: Loudness, teams: Mapping[str, Team], at: datetime) -> bool:
    """Whether what happens to a ticket may make a sound: if its priority may, and its team works or it is urgent."""
    if loudness.loud is None or ticket.priority == loudness.urgent:
        return True
    return ticket.priority in loudness.loud and is_open(teams.get(ticket.team), at)


def is_open(team: Team | None, at: datetime) -> bool:
    """Whether somebody of a team works; one that nobody knows is never closed."""
    return team is None or team.hours.is_open(at)


def shift_of(person: str, teams: Mapping[str, Team], at: datetime) -> datetime | None:
    """When a person works next, at the moment itself if they do; None: they have no shifts."""
    starts = [shift.hours.opens_next(at) for team in teams.values() for shift in team.shifts if person in shift.people]
    return min(starts, default=None)


def next_start(person: str, teams: Mapping[str, Team], after: datetime) -> datetime | None:
    """When a person's next shift begins, later than a moment; None: they have no shifts, or never stop."""
    starts = []
    for team in teams.values():
        for shift in team.shifts:
            if person not in shift.people:
                continue
            begin = after
            if shift.hours.is_open(after):
                ends = shift.hours.closes_next(after)
                if ends is None:
                    continue
                begin = ends
            start = shift.hours.opens_next(begin)
            if start > after:
                starts.append(start)
    return min(starts, default=None)

"""Escalation ladders: what happens when nobody acts on a ticket, step by step."""

from datetime import timedelta
from typing import Literal

import msgspec

from router.rules.conditions import Condition, Traits
from store.rows import Ticket

Clock = Literal["first_answer", "update", "resolve"]
Unless = Literal["claimed", "answered", "resolved"]

# Whom a step may alert besides people by their keys.
TARGETS = ("on_call", "next_on_call", "assignee", "assignee_or_team", "team", "manager")
NEXT_LEVEL = "next_level"  # Where a step may move a ticket besides teams by their names.


WHOLE = 100  # Per cent.


class Share(msgspec.Struct, frozen=True):
    """A part of the time in which something is promised."""

    percent: int
    of: Clock


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What happens at some time, unless somebody has acted."""

    after: timedelta | None = None  # Since the ladder began to count; None: `at` says when.
    at: Share | None = None
    unless: Unless = "resolved"
    alert: tuple[str, ...] = ()  # Of TARGETS, or keys of people; empty: only the team that it is moved to.
    by: str = ""  # "mail" or "telegram": how people are reached; empty: as they prefer.
    loud: bool = False
    move: str = ""  # A team or NEXT_LEVEL; empty: it stays.
    words: str = ""  # As it stands in the settings: "after 5m unless claimed".
    place: str = ""  # "deskwire.yaml:113".

    @property
    def key(self) -> str:
        """What it is, apart from its place: the same step of an edited file is the same step."""
        return "|".join((self.words, *self.alert, self.by, self.move))


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """The steps for some tickets, in the order of the settings."""

    name: str  # "escalate 1".
    when: Condition
    steps: tuple[Step, ...]


def ladder_of(ticket: Ticket, ladders: tuple[Ladder, ...]) -> Ladder | None:
    """The first ladder that is for such tickets; None: nothing comes of waiting."""
    if not ladders:
        return None
    traits = _traits(ticket)
    return next((ladder for ladder in ladders if ladder.when.holds(traits)), None)


def is_passed(step: Step, ticket: Ticket) -> bool:
    """Whether somebody has done what this step waits for, so that it does nothing any more."""
    if ticket.state in ("solved", "closed"):
        return True
    if step.at is not None and step.at.of == "update" and ticket.update_by is None:
        return True
    match step.unless:
        case "claimed":
            return bool(ticket.assignee)
        case "answered":
            return ticket.answered_at is not None and (step.at is None or step.at.of != "update")
        case "resolved":
            return False


def _traits(ticket: Ticket) -> Traits:
    """What a ladder can ask for is what stands on the ticket, whatever was written in it."""
    named = (
        ("priority", ticket.priority),
        ("category", ticket.category),
        ("team", ticket.team),
        ("channel", ticket.channel),
        ("language", ticket.language),
    )
    return Traits(words=frozenset(), values=frozenset(named))


ASKED = ("priority", "category", "team", "channel", "language")  # Conditions that a ladder may have.

"""The states of a ticket: what happens to it, and what state and event follow, as a table."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

STATES = ("new", "open", "waiting", "solved", "closed")

Happening = Literal[
    "message",  # The customer writes.
    "machine",  # A machine writes about it: an automatic reply, a bounce, a copy.
    "answer",  # A technician writes to the customer.
    "note",  # A technician writes to the team.
    "claim",  # A technician takes it.
    "wait",  # A technician waits for the customer.
    "solve",  # A technician is done with it.
    "change",  # A technician gives it another priority, team or language.
]


class Step(NamedTuple):
    """What follows."""

    state: str
    event: str


FIRST = Step("new", "opened")

# What is not in the table may not happen: nobody answers a closed ticket, nor works on one.
STEPS: Mapping[tuple[str, Happening], Step] = {
    ("new", "message"): Step("new", "continued"),
    ("open", "message"): Step("open", "continued"),
    ("waiting", "message"): Step("open", "continued"),
    ("solved", "message"): Step("open", "reopened"),
    ("closed", "message"): Step("open", "reopened"),
    ("new", "machine"): Step("new", "noted"),
    ("open", "machine"): Step("open", "noted"),
    ("waiting", "machine"): Step("waiting", "noted"),
    ("solved", "machine"): Step("solved", "noted"),
    ("closed", "machine"): Step("closed", "noted"),
    ("new", "answer"): Step("open", "answered"),
    ("open", "answer"): Step("open", "answered"),
    ("waiting", "answer"): Step("waiting", "answered"),
    ("solved", "answer"): Step("solved", "answered"),
    ("new", "note"): Step("new", "noted"),
    ("open", "note"): Step("open", "noted"),
    ("waiting", "note"): Step("waiting", "noted"),
    ("solved", "note"): Step("solved", "noted"),
    ("closed", "note"): Step("closed", "noted"),
    ("new", "claim"): Step("open", "claimed"),
    ("open", "claim"): Step("open", "claimed"),
    ("waiting", "claim"): Step("waiting", "claimed"),
    ("solved", "claim"): Step("solved", "claimed"),
    ("new", "wait"): Step("waiting", "waiting"),
    ("open", "wait"): Step("waiting", "waiting"),
    ("waiting", "wait"): Step("waiting", "waiting"),
    ("solved", "wait"): Step("waiting", "waiting"),
    ("new", "solve"): Step("solved", "solved"),
    ("open", "solve"): Step("solved", "solved"),
    ("waiting", "solve"): Step("solved", "solved"),
    ("solved", "solve"): Step("solved", "solved"),
    ("new", "change"): Step("new", "changed"),
    ("open", "change"): Step("open", "changed"),
    ("waiting", "change"): Step("waiting", "changed"),
    ("solved", "change"): Step("solved", "changed"),
}


def step(state: str, happening: Happening) -> Step | None:
    """What follows; None where it may not happen in this state."""
    return STEPS.get((state, happening))

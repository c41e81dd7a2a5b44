"""What deciding needs to know of the settings, compiled once; equal for all messages until the next start."""

from collections.abc import Mapping

import msgspec

from router.conditions import Condition, Rules
from router.phrases import Phrases
from router.staff import Staff


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """Impact and urgency together give the priority."""

    impact: Rules[str]
    urgency: Rules[str]
    cells: Mapping[tuple[str, str], str]  # (impact, urgency) -> priority, complete.


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A node of the routing tree."""

    name: str
    place: str
    when: Condition
    team: str  # Never empty but at a root without one: children inherit.
    routes: "tuple[Route, ...]" = ()


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the settings say about deciding."""

    phrases: Phrases  # Every word that any rule asks for.
    categories: Rules[str]
    other: str  # The category of what no rule matches; empty: none.
    matrix: Matrix
    route: Route
    digits: int  # The fewest digits of a ticket number.
    keys: tuple[bytes, ...]  # Any of these may have signed a token; the newest first.
    config_version: str
    staff: Staff = Staff()
    choices: Mapping[str, tuple[str, ...]] = {}  # What may be changed by hand (priority, team, language): to what.

"""What the settings file says about deciding, and how it becomes a `Policy`."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import chain
from typing import Annotated, Literal, Self

import msgspec
from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from router.hours.calendar import Calendar
from router.hours.open_hours import OpenHours
from router.learned.settings import ModelSettings
from router.policy import Card, Flood, Lifecycle, Matrix, Policy, Preference, Route
from router.rules.condition_settings import Placed, Section, Values, When
from router.rules.conditions import Rule, Rules
from router.rules.phrases import Phrases
from router.technicians.staff import Staff
from store.durations import Duration
from store.mailboxes import mailbox_of

Level = Literal["high", "medium", "low"]
LEVELS: tuple[Level, ...] = ("high", "medium", "low")
FALLBACK = "other"  # The category of what no rule matches, where there is one of this name.


class CategoryRule(Placed):
    """A rule of `classify`."""

    when: When = Field(description="What the message must be like.")
    then: str = Field(description="The category that it then has.")


class LevelRule(Placed):
    """A rule of impact or urgency."""

    when: When = Field(default_factory=When, description="What the message must be like; absent: anything.")
    then: Level = Field(description="high, medium or low.")


class ClassifySettings(Section):
    """What messages are about; the first rule that matches decides."""

    categories: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="Each category's names by language."
    )
    rules: tuple[CategoryRule, ...] = Field(default=(), description="In order; the first that matches decides.")
    model: ModelSettings = Field(default=ModelSettings(), description="Who is asked where no rule matches.")


_MEDIUM = (LevelRule(then="medium"),)


def _in_shape(row: object) -> object:
    if isinstance(row, list) and len(row) != len(LEVELS):
        raise PydanticCustomError(
            "matrix_shape",
            "this row of the matrix has {count}, and needs 3: "
            "for each impact the priorities at high, medium and low urgency",
            {"count": "1 value" if len(row) == 1 else f"{len(row)} values"},
        )
    return row


Row = Annotated[
    tuple[str, str, str],
    BeforeValidator(_in_shape),
    WithJsonSchema({"type": "array", "items": {"type": "string"}, "minItems": 3, "maxItems": 3}),
]
_USUAL: Mapping[Level, Row] = {"high": ("P1", "P2", "P3"), "medium": ("P2", "P3", "P4"), "low": ("P3", "P4", "P4")}


class PrioritySettings(Section):
    """How important messages are; without any rule all are medium."""

    impact: tuple[LevelRule, ...] = Field(default=_MEDIUM, description="How many it hurts; none matches: low.")
    urgency: tuple[LevelRule, ...] = Field(default=_MEDIUM, description="How soon it hurts; none matches: low.")
    matrix: dict[Level, Row] = Field(
        default_factory=lambda: dict(_USUAL),
        description="For each impact the priorities at high, medium and low urgency.",
    )

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if missing := [level for level in LEVELS if level not in self.matrix]:
            raise PydanticCustomError(
                "matrix_shape",
                'the matrix has no row "{name}": it needs high, medium and low',
                {"name": missing[0], "key": "matrix"},
            )
        return self


PREFER: tuple[Preference, ...] = ("same_person_as_last_time", "speaks_customer_language", "least_busy")


class RouteSettings(Placed):
    """A node of the routing tree; the first child that matches takes the message further."""

    name: str = Field(default="", description="What explanations call it.")
    when: When = Field(default_factory=When, description="What the message must be like; the root takes all.")
    team: str = Field(default="", description="Who gets it; absent: whom the parent names.")
    copies: Values = Field(
        default=(), alias="copy", description="Teams that hear of it too; absent: those that the parent names."
    )
    routes: "tuple[RouteSettings, ...]" = Field(default=(), description="Children, in order.")


class RootSettings(RouteSettings):
    """The root of the routing tree, which takes every message."""

    prefer: tuple[Preference, ...] = Field(
        default=PREFER, description="Who of those on shift gets a ticket: what decides first, then what breaks ties."
    )


class FloodSettings(Section):
    """When one sender opens too many tickets."""

    tickets: int = Field(
        default=Flood().tickets, ge=1, le=10_000, description="The most tickets that one address may open in a while."
    )
    within: Duration = Field(
        default=Flood().within, gt=timedelta(0), le=timedelta(days=1), description="How long that while is."
    )

    def compiled(self) -> Flood:
        """In the form that deciding reads."""
        return Flood(tickets=self.tickets, within=self.within)


class ReferenceSettings(Section):
    """What ticket numbers look like."""

    digits: int = Field(default=6, ge=4, le=12, description="The fewest digits of a ticket number; it grows by itself.")
    check_digit: Literal[True] = Field(
        default=True, description="Whether the last digit shows a mistyped number; it always does."
    )


_Asking = CategoryRule | LevelRule | RouteSettings


def policy_of(
    *,
    classify: ClassifySettings,
    priority: PrioritySettings,
    route: RouteSettings,
    reference: ReferenceSettings,
    keys: tuple[bytes, ...],
    config_version: str,
    staff: Staff | None = None,
    teams: Iterable[str] = (),
    languages: tuple[str, ...] = (),
    own: Iterable[tuple[str, str]] = (),
    floods: FloodSettings | None = None,
    customers: Mapping[tuple[str, str], Card] | None = None,
    calendars: Mapping[str, Calendar] | None = None,
    lifecycle: Lifecycle | None = None,
) -> Policy:
    """In the form that deciding reads. `keys` verify tokens; `own` are kind and value of our channels' addresses."""
    whens, matrix = _whens(classify, priority, route), _matrix(priority)
    by_hand = {"category": tuple(classify.categories), "team": tuple(teams), "language": languages}
    return Policy(
        phrases=Phrases(chain.from_iterable(when.phrases() for when in whens)),
        categories=_rules("classify", classify.rules),
        other=FALLBACK if FALLBACK in classify.categories else "",
        matrix=matrix,
        route=_route(route),
        digits=reference.digits,
        keys=keys,
        config_version=config_version,
        staff=staff or Staff(),
        choices={"priority": tuple(dict.fromkeys(matrix.cells.values())), **by_hand},
        own=frozenset((kind, mailbox_of(kind, value)) for kind, value in own),
        flood=floods.compiled() if floods else Flood(),
        customers=customers or {},
        hours=_hours(whens, calendars or {}),
        lifecycle=lifecycle or Lifecycle(),
    )


def _whens(classify: ClassifySettings, priority: PrioritySettings, route: RouteSettings) -> list[When]:
    asking: tuple[_Asking, ...] = (*classify.rules, *priority.impact, *priority.urgency, *_nodes(route))
    return [one.when for one in asking]


def _hours(whens: Iterable[When], calendars: Mapping[str, Calendar]) -> Mapping[str, OpenHours]:
    """Of the calendars that conditions ask about."""
    return {name: OpenHours([calendars[name]]) for name in chain.from_iterable(when.calendars() for when in whens)}


def _matrix(priority: PrioritySettings) -> Matrix:
    return Matrix(
        impact=_rules("impact", priority.impact),
        urgency=_rules("urgency", priority.urgency),
        cells={(impact, urgency): priority.matrix[impact][n] for impact in LEVELS for n, urgency in enumerate(LEVELS)},
    )


def _rules(table: str, rules: Iterable[CategoryRule | LevelRule]) -> Rules[str]:
    if rules == _MEDIUM:
        return Rules([Rule(rule.when.compiled(), rule.then, "default", "") for rule in _MEDIUM])
    return Rules(
        [Rule(rule.when.compiled(), rule.then, f"{table} {n}", rule.place) for n, rule in enumerate(rules, start=1)]
    )


def _nodes(route: RouteSettings) -> Iterator[RouteSettings]:
    yield route
    for child in route.routes:
        yield from _nodes(child)


def _route(node: RouteSettings, parent: Route | None = None, number: int = 0) -> Route:
    own = Route(
        name=node.name or (f"route {number}" if number else "route"),
        place=node.place,
        when=node.when.compiled(),
        team=node.team or (parent.team if parent else ""),
        copies=node.copies or (parent.copies if parent else ()),
    )
    children = tuple(_route(child, own, n) for n, child in enumerate(node.routes, start=1))
    return msgspec.structs.replace(own, routes=children)

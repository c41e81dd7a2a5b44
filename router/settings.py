"""What the settings file says about deciding, and how it becomes a `Policy`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import chain
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from router.conditions import Condition, Rule, Rules
from router.phrases import Phrases, normalised
from router.policy import Flood, Matrix, Policy, Route
from router.staff import Staff
from store.durations import Duration
from store.mailboxes import mailbox_of

Level = Literal["high", "medium", "low"]
LEVELS: tuple[Level, ...] = ("high", "medium", "low")
FALLBACK = "other"  # The category of what no rule matches, where there is one of this name.
LATER = ("hours", "age_over", "size_over", "plugin", "customer_tag", "customer_organisation")  # Not conditions yet.

_MAILBOX = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")


def _listed(value: object) -> object:
    """One value may be written without its brackets; numbers and the like compare as text."""
    several = value if isinstance(value, list | tuple) else [value]
    return [str(item) if isinstance(item, int | float) else item for item in several]


Values = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class _Placed(_Section):
    place: str = Field(
        default="", exclude=True, description="Where it stands in the settings file; written by who reads the file."
    )

    @model_validator(mode="before")
    @classmethod
    def _take_place(cls, data: object) -> object:
        place = getattr(data, "place", "")
        if place and isinstance(data, Mapping) and "place" in data:
            raise PydanticCustomError("unknown_key", '"place" is not a key here: remove it')
        return {**data, "place": place} if place and isinstance(data, Mapping) else data


class When(_Section):
    """Conditions, all of which must hold; in a list one value is enough."""

    words: Values | None = Field(default=None, description="Beginnings of words in the subject or the text.")
    unless: "When | None" = Field(default=None, alias="not", description="Conditions that must not all hold.")
    values: dict[str, Values] = Field(
        default_factory=dict,
        exclude=True,
        description="Every other key: channel, category, priority, language or any fact, and what it may be.",
    )

    @model_validator(mode="before")
    @classmethod
    def _sort_keys(cls, data: object) -> object:
        """Every key but `words` and `not` is the name of a value."""
        if not isinstance(data, Mapping):
            return data
        if later := [key for key in data if key in LATER]:
            raise PydanticCustomError(
                "not_yet", 'the condition "{name}" is of a later version: remove it', {"name": later[0]}
            )
        own = {key: value for key, value in data.items() if key in ("words", "not")}
        return {**own, "values": {key: value for key, value in data.items() if key not in own}}

    def compiled(self) -> Condition:
        """In the form that deciding reads."""
        return Condition(
            words=tuple(filter(None, map(normalised, self.words or ()))),
            values=tuple(frozenset((name, value) for value in several) for name, several in self.values.items()),
            unless=self.unless.compiled() if self.unless else None,
        )

    def phrases(self) -> Iterator[str]:
        """Every word that is asked for."""
        yield from self.words or ()
        if self.unless:
            yield from self.unless.phrases()


class CategoryRule(_Placed):
    """A rule of `classify`."""

    when: When = Field(description="What the message must be like.")
    then: str = Field(description="The category that it then has.")


class LevelRule(_Placed):
    """A rule of impact or urgency."""

    when: When = Field(default_factory=When, description="What the message must be like; absent: anything.")
    then: Level = Field(description="high, medium or low.")


class ClassifySettings(_Section):
    """What messages are about; the first rule that matches decides."""

    categories: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="Each category's names by language."
    )
    rules: tuple[CategoryRule, ...] = Field(default=(), description="In order; the first that matches decides.")


_MEDIUM = (LevelRule(then="medium"),)
Row = tuple[str, str, str]
_USUAL: Mapping[Level, Row] = {"high": ("P1", "P2", "P3"), "medium": ("P2", "P3", "P4"), "low": ("P3", "P4", "P4")}


class PrioritySettings(_Section):
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
                "matrix_shape", 'the matrix has no row "{name}": it needs high, medium and low', {"name": missing[0]}
            )
        return self


class RouteSettings(_Placed):
    """A node of the routing tree; the first child that matches takes the message further."""

    name: str = Field(default="", description="What explanations call it.")
    when: When = Field(default_factory=When, description="What the message must be like; the root takes all.")
    team: str = Field(default="", description="Who gets it; absent: whom the parent names.")
    routes: "tuple[RouteSettings, ...]" = Field(default=(), description="Children, in order.")


class Workspace(_Section):
    """Where a team works: a chat or a mailbox, exactly one."""

    telegram: int | None = Field(default=None, description="The number of the team's group.")
    mail: str | None = Field(default=None, description="The team's mail address.")
    channel: str = Field(default="", description="The channel that carries alerts; absent: the only one of its type.")

    @field_validator("telegram")
    @classmethod
    def _is_a_group(cls, number: int | None) -> int | None:
        if number is not None and number >= 0:
            raise PydanticCustomError(
                "bad_chat_id",
                "{number} is no group: numbers of groups are negative, and most begin with -100",
                {"number": number},
            )
        return number

    @field_validator("mail")
    @classmethod
    def _is_an_address(cls, mail: str | None) -> str | None:
        if mail is not None and not _MAILBOX.fullmatch(mail):
            raise PydanticCustomError(
                "bad_address", '"{mail}" is no mail address: write one such as team@example.org', {"mail": mail}
            )
        return mail

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.telegram is None) == (self.mail is None):
            raise PydanticCustomError(
                "one_workspace", "a workspace is a chat or a mailbox: write telegram or mail, one of them"
            )
        return self


class TeamSettings(_Section):
    """A team that gets tickets."""

    workspace: Workspace = Field(description="Where its alerts go.")


class FloodSettings(_Section):
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


class ReferenceSettings(_Section):
    """What ticket numbers look like."""

    digits: int = Field(default=6, ge=4, le=12, description="The fewest digits of a ticket number; it grows by itself.")
    check_digit: Literal[True] = Field(
        default=True, description="Whether the last digit shows a mistyped number; it always does."
    )


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
) -> Policy:
    """The settings in the form that deciding reads.

    `keys` verify tokens; `teams` and `languages` can be chosen; `own` are kind and value of our channels' addresses.
    """
    whens = chain(
        (rule.when for rule in classify.rules),
        (rule.when for rule in (*priority.impact, *priority.urgency)),
        (node.when for node in _nodes(route)),
    )
    cells = _cells(priority)
    return Policy(
        phrases=Phrases(chain.from_iterable(when.phrases() for when in whens)),
        categories=_rules("classify", classify.rules),
        other=FALLBACK if FALLBACK in classify.categories else "",
        matrix=Matrix(
            impact=_rules("impact", priority.impact), urgency=_rules("urgency", priority.urgency), cells=cells
        ),
        route=_route(route, inherited=""),
        digits=reference.digits,
        keys=keys,
        config_version=config_version,
        staff=staff or Staff(),
        choices={"priority": tuple(dict.fromkeys(cells.values())), "team": tuple(teams), "language": languages},
        own=frozenset((kind, mailbox_of(kind, value)) for kind, value in own),
        flood=floods.compiled() if floods else Flood(),
    )


def _cells(priority: PrioritySettings) -> Mapping[tuple[str, str], str]:
    return {(impact, urgency): priority.matrix[impact][n] for impact in LEVELS for n, urgency in enumerate(LEVELS)}


def _rules(table: str, rules: Iterable[CategoryRule | LevelRule]) -> Rules[str]:
    return Rules(
        [Rule(rule.when.compiled(), rule.then, f"{table} {n}", rule.place) for n, rule in enumerate(rules, start=1)]
    )


def _nodes(route: RouteSettings) -> Iterator[RouteSettings]:
    yield route
    for child in route.routes:
        yield from _nodes(child)


def _route(node: RouteSettings, inherited: str, number: int = 0) -> Route:
    team = node.team or inherited
    return Route(
        name=node.name or (f"route {number}" if number else "root"),
        place=node.place,
        when=node.when.compiled(),
        team=team,
        routes=tuple(_route(child, team, n) for n, child in enumerate(node.routes, start=1)),
    )

"""What the settings file says about escalation: ladders, and how they become what deciding reads."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from router.due.ladders import Clock, Ladder, Share, Step, Unless
from router.rules.condition_settings import Placed, Section, Values, as_list
from router.rules.conditions import Condition
from store.durations import Delay, written

MOST_PERCENT = 200
_SHARE = re.compile(r"([0-9]{1,3}) ?% of (first_answer|update|resolve)\Z")


def _share(value: object) -> object:
    match = _SHARE.match(value) if isinstance(value, str) else None
    if isinstance(value, Share):
        return value
    if match is None or not 1 <= int(match[1]) <= MOST_PERCENT:
        raise PydanticCustomError(
            "bad_share",
            '"{text}" is no part of a deadline: write 75% of first_answer, of update or of resolve, at most {most}%',
            {"text": str(value), "most": MOST_PERCENT},
        )
    return Share(int(match[1]), next(clock for clock in get_args(Clock) if clock == match[2]))


class LadderWhen(Section):
    """Which tickets a ladder is for, by what stands on them; in a list one value is enough."""

    priority: Values | None = Field(default=None, description="Such as P1, or [P2, P3].")
    category: Values | None = Field(default=None, description="What it is about.")
    team: Values | None = Field(default=None, description="Who has it.")
    channel: Values | None = Field(default=None, description="Where it was opened.")
    language: Values | None = Field(default=None, description="The customer's.")

    def compiled(self) -> Condition:
        """In the form that deciding reads."""
        asked = {name: getattr(self, name) for name in type(self).model_fields}
        return Condition(
            values=tuple(frozenset((name, value) for value in values) for name, values in asked.items() if values)
        )


class StepSettings(Placed):
    """A step of a ladder: when it is reached, and what it does."""

    model_config = ConfigDict(arbitrary_types_allowed=True)  # Beside what every section has.

    after: Delay | None = Field(
        default=None,
        le=timedelta(days=365),
        description="How long after the arrival, by the clock of the priority: 5m. Or else at:",
    )
    at: Annotated[Share, BeforeValidator(_share)] | None = Field(
        default=None, description="A part of a deadline's time: 75% of first_answer, of update or of resolve."
    )
    unless: Unless | None = Field(
        default=None,
        description="claimed, answered or resolved: then it does nothing; absent: answered before the first answer "
        "or the next one, else resolved.",
    )
    alert: Annotated[tuple[str, ...], BeforeValidator(as_list)] = Field(
        default=(), description="on_call, next_on_call, assignee, assignee_or_team, team, manager or people, or a list."
    )
    by: Literal["mail", "telegram"] | None = Field(
        default=None, description="How people are reached; absent: by Telegram if they have it, else by mail."
    )
    loud: bool = Field(default=False, description="Whether it makes a sound.")
    move: str = Field(default="", description="The team that gets the ticket, or next_level.")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.after is None) == (self.at is None):
            found = "a step needs a time" if self.after is None else "a step has one time, and here are two"
            raise PydanticCustomError(
                "step_without_time", "{found}: write after: or at:, one of them", {"found": found}
            )
        if not self.alert and not self.move:
            raise PydanticCustomError("step_does_nothing", "this step does nothing: write alert:, move: or both")
        return self

    def compiled(self) -> Step:
        """In the form that deciding reads."""
        when = f"after {_time(self.after)}" if self.at is None else f"{self.at.percent}% of {self.at.of}"
        unless: Unless = self.unless or ("answered" if self.at is not None and self.at.of != "resolve" else "resolved")
        return Step(
            after=self.after,
            at=self.at,
            unless=unless,
            alert=self.alert,
            by=self.by or "",
            loud=self.loud,
            move=self.move,
            words=f"{when} unless {unless}",
            place=self.place,
        )


class LadderSettings(Placed):
    """What happens to tickets that nobody acts on."""

    when: LadderWhen = Field(default=LadderWhen(), description="Which tickets; absent: all.")
    steps: tuple[StepSettings, ...] = Field(min_length=1, max_length=50, description="In the order of their times.")


def ladders_of(ladders: Iterable[LadderSettings]) -> tuple[Ladder, ...]:
    """The same as deciding reads it."""
    return tuple(
        Ladder(
            name=f"escalate {number}",
            when=ladder.when.compiled(),
            steps=tuple(step.compiled() for step in ladder.steps),
        )
        for number, ladder in enumerate(ladders, start=1)
    )


def _time(after: timedelta | None) -> str:
    return written(after) if after else "0m"

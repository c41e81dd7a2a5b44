"""What the settings file promises customers."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from router.promises.sla import Sla, Within
from router.rules.condition_settings import Section

_FORM = re.compile(r"^(?:([0-9]{1,4}(?:\.[0-9]{1,2})?)(m|h)|([0-9]{1,3})d)$")


def _read(value: object) -> object:
    if isinstance(value, Within):
        return value
    found = _FORM.fullmatch(str(value))
    within = Within()
    if found is not None:
        number, unit, days = found.groups()
        within = Within(days=int(days)) if days else Within(_UNITS[unit] * float(number))
    if within == Within():
        raise PydanticCustomError(
            "bad_duration",
            '"{text}" is no time to answer in: write 15m or 4h of working time, or 3d for days of work',
            {"text": str(value)},
        )
    return within


_UNITS: Mapping[str, timedelta] = {"m": timedelta(minutes=1), "h": timedelta(hours=1)}

WithinTime = Annotated[Within, BeforeValidator(_read), WithJsonSchema({"type": "string", "pattern": _FORM.pattern})]
"""`15m` and `4h` are working time, `3d` are days of work."""


class SlaSettings(Section):
    """What tickets of one priority are promised."""

    model_config = ConfigDict(arbitrary_types_allowed=True)  # Beside what every section has.

    first_answer: WithinTime | None = Field(
        default=None, description="When a person answers at the latest, from the arrival: 15m, 4h or 1d."
    )
    update: WithinTime | None = Field(
        default=None, description="The same for later messages, from the first one that nobody has answered."
    )
    resolve: WithinTime | None = Field(
        default=None, description="When it is solved at the latest, without the time of waiting for the customer."
    )
    clock: Literal["team", "always"] = Field(
        default="team", description="team: time runs while the team's calendars are open; always: day and night."
    )

    def compiled(self) -> Sla:
        """In the form that deciding reads."""
        return Sla(
            first_answer=self.first_answer, update=self.update, resolve=self.resolve, always=self.clock == "always"
        )


def slas_of(settings: Mapping[str, SlaSettings]) -> Mapping[str, Sla]:
    """What is promised, by priority."""
    return {priority: sla.compiled() for priority, sla in settings.items()}

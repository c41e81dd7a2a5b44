"""Durations as people write them in the settings: `30s`, `15m`, `4h`, `14d`, `2w`."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_FORM = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)(s|m|h|d|w)\Z")
_NOTHING = timedelta(0)


def parsed(text: str) -> timedelta:
    """The duration; raises ValueError for any other form."""
    match = _FORM.match(text)
    if match is None:
        raise PydanticCustomError(
            "bad_duration",
            '"{text}" is not a duration: write a number and a unit, as in 30s, 15m, 4h, 14d or 2w',
            {"text": text},
        )
    return timedelta(seconds=float(match[1]) * _UNITS[match[2]])


def written(duration: timedelta) -> str:
    """The duration in the largest unit that it fills whole: what `parsed` takes for it."""
    seconds = duration.total_seconds()
    unit = next((unit for unit in ("d", "h", "m") if seconds and seconds % _UNITS[unit] == 0), "s")
    return f"{seconds / _UNITS[unit]:g}{unit}"


def milliseconds(duration: timedelta) -> int:
    """The duration as Kafka's settings count it."""
    return round(duration / timedelta(milliseconds=1))


def _read(value: object) -> object:
    return value if isinstance(value, timedelta) else parsed(str(value))


def _some(value: timedelta) -> timedelta:
    if value == _NOTHING:
        raise PydanticCustomError(
            "bad_duration", "no time at all would mean never: write a number above 0 and a unit, as in 30s"
        )
    return value


_SCHEMA = WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,6}(\.[0-9]{1,3})?[smhdw]$"})

Delay = Annotated[timedelta, BeforeValidator(_read), _SCHEMA]
"""A duration that may be nothing, `0s`."""

Duration = Annotated[timedelta, BeforeValidator(_read), AfterValidator(_some), _SCHEMA]
"""A duration that is some time."""

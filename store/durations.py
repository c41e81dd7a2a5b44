"""Durations as people write them in the settings: `30s`, `15m`, `4h`, `14d`, `2w`."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_FORM = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)(s|m|h|d|w)\Z")


def parsed(text: str) -> timedelta:
    """The duration; raises ValueError for any other form, zero included."""
    match = _FORM.match(text)
    if match is None or float(match[1]) == 0:
        raise ValueError(f'"{text}" is not a duration: write a number and a unit, as in 30s, 15m, 4h, 14d or 2w')
    return timedelta(seconds=float(match[1]) * _UNITS[match[2]])


def _read(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    return parsed(str(value))


Duration = Annotated[timedelta, BeforeValidator(_read)]

"""Sizes as people write them in the settings: `512KiB`, `25MB`, `1GiB`."""

import re
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

_UNITS = {
    "B": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
}  # IEC 80000-13: those with an i count by 1024.
_FORM = re.compile(r"([0-9]{1,12})(B|[KMG]i?B)\Z")


def parsed(text: str) -> int:
    """The size in bytes; raises ValueError for any other form, zero included."""
    match = _FORM.match(text)
    if match is None or int(match[1]) == 0:
        raise PydanticCustomError(
            "bad_size", '"{text}" is not a size: write a number and a unit, as in 512KiB, 25MB or 1GiB', {"text": text}
        )
    return int(match[1]) * _UNITS[match[2]]


def written(size: int) -> str:
    """The size in the largest unit that it fills whole: what `parsed` takes for it."""
    unit = max((unit for unit, factor in _UNITS.items() if size % factor == 0), key=_UNITS.__getitem__)
    return f"{size // _UNITS[unit]}{unit}"


def _read(value: object) -> int:
    return parsed(str(value))


Size = Annotated[int, BeforeValidator(_read)]
"""Bytes; a bare number is refused, since nobody can tell what it counts."""

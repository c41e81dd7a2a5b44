"""Which keys a model of the settings knows at a place, so that a wrong one can be answered with a right one."""

from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel

Path = tuple[str | int, ...]


def known_keys(model: type[BaseModel], path: Path) -> tuple[str, ...]:
    """The keys that may stand in the mapping at `path`; empty where any key may, or the model knows no such place."""
    found = [model]
    for step in path:
        found = [inner for outer in found for inner in _below(outer, step)]
    return tuple(name for place in found for name in _names(place))


def _names(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name


def _below(model: type[BaseModel], step: str | int) -> list[type[BaseModel]]:
    """The models that a key's value may be; the values of a free mapping or list stand for its own step."""
    if isinstance(step, str):
        for name, field in model.model_fields.items():
            if step == (field.alias or name):
                return list(_models(field.annotation))
    return [model]


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """Every model inside an annotation, however it is wrapped: lists, mappings, unions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)

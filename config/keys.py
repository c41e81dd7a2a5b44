"""What a model of the settings knows at a place: its keys, so that a wrong one can be answered, and their meaning."""

from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Path = tuple[str | int, ...]


def known_keys(model: type[BaseModel], path: Path) -> tuple[str, ...]:
    """The keys that may stand in the mapping at `path`; empty where any key may, or the model knows no such place."""
    found = [model]
    for step in path:
        found = [inner for outer in found for inner in _below(outer, step)]
    return tuple(dict.fromkeys(name for place in found for name, _ in written_fields(place)))


def meaning(model: type[BaseModel], path: Path) -> str:
    """What the innermost key of `path` that the model knows is for, in its own words; empty for none."""
    found, told = [model], ""
    for step in path:
        for outer in found:
            told = next((field.description or "" for name, field in written_fields(outer) if name == step), told)
        found = [inner for outer in found for inner in _below(outer, step)]
    return told


def written_fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """The keys of a section that people write, and their fields."""
    for name, field in model.model_fields.items():
        if not field.exclude:
            yield field.alias or name, field


def _below(model: type[BaseModel], step: str | int) -> list[type[BaseModel]]:
    """The models that a key's value may be; the values of a free mapping or list stand for its own step."""
    if isinstance(step, str):
        for name, field in model.model_fields.items():
            if step == (field.alias or name):
                return list(models_in(field.annotation))
    return [model]


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """Every model inside an annotation, however it is wrapped: lists, mappings, unions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)

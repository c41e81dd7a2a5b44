"""The settings file to typed settings, or every problem in it at once."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.check import cross_checked
from config.document import Document, Placed
from config.document import Path as KeyPath
from config.keys import known_keys
from config.problems import Problem, nearest, shown
from config.settings import Channel, Configuration, Settings
from ingest.channel import ChannelSettings, module_of
from store.errors import Permanent

Model = TypeVar("Model", bound=BaseModel)


class BadSettings(Permanent):
    """The settings file has problems; the text lists all of them with their places and remedies."""

    def __init__(self, problems: list[Problem], *, name: str, text: str) -> None:
        count = sum(problem.level == "error" for problem in problems)
        words = "1 error" if count == 1 else f"{count} errors"
        super().__init__(f"{shown(problems, name=name, text=text)}\n\n{words} in {name}. Nothing was started.")
        self.problems = problems


def load(path: Path, environment: Mapping[str, str]) -> Configuration:
    """Read a settings file; relative paths in it count from its folder. Raises BadSettings, Permanent."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Permanent(
            f"the settings file {path} cannot be read ({error}): name another with --config, or try `deskwire demo`"
        ) from error
    return read(text, name=path.name, folder=path.parent, environment=environment)


def read(text: str, *, name: str, folder: Path, environment: Mapping[str, str]) -> Configuration:
    """Settings from the text of a file. Raises BadSettings with all problems in it."""
    document = Document(text, name=name, environment=environment)
    problems = list(document.problems)
    sections = {key: value for key, value in document.root.items() if key != "channels"}
    settings = _validated(Settings, sections, (), document, problems)
    channels = dict(_channels(document, problems))
    if settings is not None and not problems:
        configuration = Configuration(
            settings=settings,
            channels={key: channel for key, channel in channels.items() if channel is not None},
            version=hashlib.sha256(text.encode()).hexdigest()[:7],
            folder=folder,
        )
        problems += cross_checked(configuration, document)
        if not any(problem.level == "error" for problem in problems):
            return configuration
    raise BadSettings(problems, name=name, text=text)


def _channels(document: Document, problems: list[Problem]) -> Iterator[tuple[str, Channel | None]]:
    entries = document.root.get("channels")
    if not isinstance(entries, Placed) or not entries:
        problems.append(
            Problem(document.key(("channels",)), "missing-key", "there is no channel", "add one under channels:")
        )
        return
    for name, entry in entries.items():
        path: KeyPath = ("channels", name)
        kind = entry.get("type") if isinstance(entry, Placed) else None
        if not isinstance(entry, Placed) or not isinstance(kind, str):
            what = f'channel "{name}" has no type'
            problems.append(Problem(document.key(path), "missing-key", what, "write type: mail, telegram or web"))
            continue
        try:
            module = module_of(kind)
        except Permanent as error:
            remedy = nearest(kind, ("mail", "telegram", "web"))
            problems.append(Problem(document.position((*path, "type")), "unknown-type", str(error), remedy))
            continue
        rest = Placed({key: value for key, value in entry.items() if key != "type"})
        model: type[ChannelSettings] = module.Settings
        settings = _validated(model, rest, path, document, problems)
        yield name, None if settings is None else Channel(type=kind, module=module, settings=settings)


def _validated(
    model: type[Model], data: Mapping[str, object], path: KeyPath, document: Document, problems: list[Problem]
) -> Model | None:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems.extend(_problem(detail, model, data, path, document) for detail in error.errors())
        return None


def _problem(
    detail: ErrorDetails, model: type[BaseModel], data: Mapping[str, object], base: KeyPath, document: Document
) -> Problem:
    """One of pydantic's findings in the words and places of the file."""
    path = _in_file(detail["loc"], data)
    place = (*base, *path)
    if detail["type"] == "extra_forbidden":
        key, parent = str(path[-1]), ".".join(map(str, place[:-1])) or "the file"
        known = known_keys(model, path[:-1])
        remedy = nearest(key, known) or f"known here: {', '.join(known)}"
        return Problem(document.key(place), "unknown-key", f'"{key}" is not a key of "{parent}"', remedy)
    if detail["type"] == "missing":
        key, parent = str(detail["loc"][-1]), ".".join(map(str, place)) or "the file"
        return Problem(document.key(place), "missing-key", f'"{parent}" needs "{key}"', f"add {key}: …")
    message = detail["msg"].removeprefix("Value error, ")
    secret = detail["type"].startswith("secret-in")
    own = "url" not in detail  # pydantic documents each error of its own, and none of ours.
    code = detail["type"].replace("_", "-") if own else "bad-value"
    what = f"{path[-1] if path else 'this'}: {message}"
    return Problem(document.position(place), code, what, secret=secret)


def _in_file(loc: tuple[int | str, ...], data: object) -> KeyPath:
    """The part of pydantic's location that the file has: it also names the members of unions."""
    path: list[int | str] = []
    for step in loc:
        inner = _inside(data, step)
        if inner is not _NOTHING:
            data = inner
            path.append(step)
    return tuple(path)


_NOTHING = object()


def _inside(data: object, step: int | str) -> object:
    """What stands there under this key or number; _NOTHING where there is no such thing."""
    if isinstance(data, Mapping):
        return data.get(step, _NOTHING)
    return data[step] if isinstance(data, list) and isinstance(step, int) and step < len(data) else _NOTHING

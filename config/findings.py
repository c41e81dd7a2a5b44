"""What pydantic finds wrong with a section of the settings, in the words and at the places of the file."""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import NoneType
from typing import NamedTuple
from zoneinfo import available_timezones

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from config.document import Document
from config.document import Path as KeyPath
from config.keys import known_keys, meaning
from config.later import is_later
from config.masks import MASK
from config.problems import Problem, nearest
from store.secrets import FromEnvironment

# What should stand there, by the beginning of pydantic's code.
_EXPECTED: Mapping[str, str] = {
    "string_type": "text",
    "int": "a whole number",
    "float": "a number",
    "finite": "a number",
    "bool": "true or false",
    "dict": "keys with values, as in {key: value}",
    "model": "keys with values, as in {key: value}",
    "mapping": "keys with values, as in {key: value}",
    "tuple": "a list, as in [one, another]",
    "list": "a list, as in [one, another]",
    "frozen_set": "a list, as in [one, another]",
    "path": "the name of a file",
    "ip_": "a network, as in 10.20.0.0/16",
}
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}
# What is said of a value that is not shown itself.
_FOUND: tuple[tuple[type, str], ...] = (
    (NoneType, "empty"),
    (FromEnvironment, "what its variable holds"),
    (Mapping, "keys with values"),
    (list, "a list"),
)
_LONGEST = 60  # Characters of a wrong value that are shown again.
_MASKED_FROM = 6  # Characters of a secret: a shorter one is part of too many words to be looked for in messages.


class Said(NamedTuple):
    """A problem in words."""

    code: str
    what: str
    remedy: str


def problems_in(
    details: list[ErrorDetails], model: type[BaseModel], data: Mapping[str, object], base: KeyPath, document: Document
) -> Iterator[Problem]:
    """A problem for each place that something is wrong at, but for those that the document has complained of."""
    seen: set[KeyPath] = set()
    for detail in details:
        finding = _Finding(detail, model, data, base, document)
        if finding.identity not in seen and finding.identity not in document.troubled:
            seen.add(finding.identity)
            yield finding.problem()


class _Finding:
    """One of pydantic's."""

    def __init__(
        self,
        detail: ErrorDetails,
        model: type[BaseModel],
        data: Mapping[str, object],
        base: KeyPath,
        document: Document,
    ) -> None:
        self._detail = detail
        self._kind = detail["type"]
        self._model = model
        self._path = _narrowed(_in_file(detail["loc"], data), detail, data)
        self._place: KeyPath = (*base, *self._path)
        self._document = document
        self._name = _named([step for step in self._place if isinstance(step, str)][-1:])
        self._meaning = meaning(model, self._path)

    @property
    def identity(self) -> KeyPath:
        """What it is about: the key that is missing, too."""
        return (*self._place, self._detail["loc"][-1]) if self._kind == "missing" else self._place

    def problem(self) -> Problem:
        """In our words."""
        if self._kind == "extra_forbidden":
            return self._unknown_key()
        if self._kind == "missing":
            return self._missing()
        code, what, remedy = self._said()
        at = self._document.position(self._place)
        if self._detail["loc"][-1:] == ("[key]",) or "key" in self._detail.get("ctx", {}):
            at = self._document.key(self._place)
        return Problem(at, code, self._masked(what), self._masked(remedy), secret=code == "secret-in-file")

    def _unknown_key(self) -> Problem:
        key, at = str(self._place[-1]), self._document.key(self._place)
        if is_later(self._place):
            return Problem(
                at, "not-yet", f'"{key}" is of a later version', "remove it; CHANGELOG.md says what there is"
            )
        known = known_keys(self._model, self._path[:-1])
        remedy = nearest(key, known) or f"known here: {', '.join(known)}"
        return Problem(at, "unknown-key", f'"{key}" is not a key of {_named(self._place[:-1])}', remedy)

    def _missing(self) -> Problem:
        key, at = self._detail["loc"][-1], self._document.key(self._place)
        remedy = f"add {key}: … ({meaning(self._model, (*self._path, key)) or 'see config/deskwire.yaml'})"
        return Problem(at, "missing-key", f'{_named(self._place)} needs "{key}"', remedy)

    def _said(self) -> Said:
        readings = (self._our_own, self._choice, self._bound, self._length, self._sort)
        found = (said for read in readings if (said := read()) is not None)
        return next(found, Said("bad-value", f"{self._found()} does not fit {self._name}", self._meaning))

    def _our_own(self) -> Said | None:
        if self._kind == "value_error":
            return Said("bad-value", *parted(self._detail["msg"].removeprefix("Value error, ")))
        # Pydantic names a page for most errors of its own, and for none of ours.
        if "url" in self._detail or self._detail["msg"].startswith("Input "):
            return None
        what, remedy = parted(self._detail["msg"])
        if self._kind == "unknown_time_zone":
            # Those without a place, such as EST, are summer or winter time alone, which nobody means.
            zones = [zone for zone in available_timezones() if "/" in zone or zone == "UTC"]
            remedy = nearest(str(self._detail["input"]), zones) or remedy
        return Said(self._kind.replace("_", "-"), what, remedy)

    def _choice(self) -> Said | None:
        if self._kind != "literal_error":
            return None
        expected = str(self._detail.get("ctx", {})["expected"])
        choices = re.findall(r"'([^']*)'", expected) or [expected]
        remedy = nearest(str(self._detail["input"]), choices) or f"there are: {', '.join(choices)}"
        if self._detail["loc"][-1:] == ("[key]",):
            return Said("unknown-key", f"{self._found()} is not a key of {_named(self._place[:-1])}", remedy)
        return Said("unknown-word", f"{self._name} knows no {self._found()}", remedy)

    def _bound(self) -> Said | None:
        if self._kind not in _BOUNDS:
            return None
        bound, words = _BOUNDS[self._kind]
        limit = self._detail.get("ctx", {})[bound]
        return Said("out-of-range", f"{self._name} must be {words} {limit}", self._meaning)

    def _length(self) -> Said | None:
        context = self._detail.get("ctx", {})
        if self._kind in ("too_short", "string_too_short"):
            what = "is empty" if context["min_length"] == 1 else "is too short"
            return Said("too-short", f"{self._name} {what}", self._meaning)
        if self._kind in ("too_long", "string_too_long"):
            unit = "characters" if self._kind == "string_too_long" else "values"
            return Said("too-long", f"{self._name} has more than {context['max_length']} {unit}", self._meaning)
        return None

    def _sort(self) -> Said | None:
        for beginning, expected in _EXPECTED.items():
            if self._kind.startswith(beginning):
                number = self._kind == "string_type" and isinstance(self._detail["input"], int | float)
                remedy = "put it into quotes" if number else self._meaning
                return Said("wrong-type", f"{self._name} must be {expected}, and is {self._found()}", remedy)
        return None

    def _found(self) -> str:
        """The wrong value, as far as it may be shown."""
        value = self._detail["input"]
        for kind, words in _FOUND:
            if isinstance(value, kind):
                return words
        text = str(value).lower() if isinstance(value, bool) else str(value)
        text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        return f'"{text}"' if isinstance(value, str) else text

    def _masked(self, words: str) -> str:
        """Without what came from the environment, which is secret as a rule."""
        value = self._detail["input"]
        secrets = {secret for secret in self._document.secrets if len(secret) >= _MASKED_FROM}
        if isinstance(value, FromEnvironment) and value:
            secrets.add(value)
        for secret in sorted(secrets, key=len, reverse=True):
            words = words.replace(secret, MASK)
        return words


def parted(message: str) -> tuple[str, str]:
    """A message's halves, what was found and what to do, at the first colon that is outside of quotes and brackets."""
    depth, quoted = 0, ""
    for at, sign in enumerate(message):
        if quoted:
            quoted = "" if sign == quoted else quoted
        elif sign in '"`':
            quoted = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif depth == 0 and message.startswith(": ", at):
            return message[:at], message[at + 2 :]
    return message, ""


def _named(place: Sequence[int | str]) -> str:
    """As in "teams.desk.shifts[0]"."""
    words = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return f'"{words.removeprefix(".")}"' if place else "the file"


def _in_file(loc: tuple[int | str, ...], data: object) -> KeyPath:
    """The part of pydantic's location that the file has: it also names the members of unions."""
    path: list[int | str] = []
    for step in loc:
        inner = _inside(data, step)
        if inner is not _NOTHING:
            data = inner
            path.append(step)
    return tuple(path)


def _narrowed(path: KeyPath, detail: ErrorDetails, data: object) -> KeyPath:
    """The place inside of a section or list that a check of the whole of it names: a key, or one of its values."""
    for step in path:
        data = _inside(data, step)
    named = detail.get("ctx", {})
    if isinstance(data, list):
        return next(((*path, data.index(value)) for value in named.values() if value in data), path)
    key = named.get("key")
    return (*path, key) if isinstance(key, str) and _inside(data, key) is not _NOTHING else path


_NOTHING = object()


def _inside(data: object, step: int | str) -> object:
    """What stands there under this key or number; _NOTHING where there is no such thing."""
    if isinstance(data, Mapping):
        return data.get(step, _NOTHING)
    return data[step] if isinstance(data, list) and isinstance(step, int) and step < len(data) else _NOTHING

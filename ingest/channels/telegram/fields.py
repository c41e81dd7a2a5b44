"""Reads JSON that anybody may have formed: whatever is missing, or of another type, reads as empty."""

import json
from collections.abc import Iterator


class Fields:
    """One JSON object; it reads as having no fields where something else stands in its place."""

    def __init__(self, value: object) -> None:
        """`value` is what a JSON parser gave, of any type."""
        found: dict[str, object] = value if isinstance(value, dict) else {}
        self._values = {_storable(name): field for name, field in found.items() if field is not None}

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def part(self, name: str) -> "Fields":
        """The object in this field."""
        return Fields(self._values.get(name))

    def text(self, name: str) -> str:
        """The words in this field, such that every store and every encoding takes them."""
        value = self._values.get(name)
        return _storable(value) if isinstance(value, str) else ""

    def number(self, name: str) -> int | None:
        """The whole number in this field; None where there is none of at most 64 bits, as all of Telegram's are."""
        value = self._values.get(name)
        return value if type(value) is int and -(2**63) <= value < 2**63 else None

    def shown(self, name: str) -> str:
        """The words or the number in this field, to be read by people."""
        value = self._values.get(name)
        return str(value) if type(value) in (int, float) else self.text(name)

    def says(self, name: str) -> bool:
        """Whether this field is `true`."""
        return self._values.get(name) is True


def read(payload: bytes) -> Fields:
    """The JSON object in these bytes; without fields where they hold none."""
    try:
        return Fields(json.loads(payload.decode("utf-8", "replace")))
    except (ValueError, RecursionError):
        return Fields(None)


def _storable(text: str) -> str:
    """Without halves of surrogate pairs, which UTF-8 cannot hold, and NUL, which PostgreSQL cannot."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\x00", "\ufffd")

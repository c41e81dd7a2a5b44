"""Properties of a message or of a file as Exchange writes them into TNEF (MS-OXTNEF, 2.1.3). Pure and total."""

import struct
from typing import NamedTuple

from ingest.channels.mail.charset import to_text

MAX_PROPERTIES = 10_000
MAX_VALUES = 10_000  # Of one property.

_MANY = 0x1000  # Marks a property of many values.
_NAMED = 0x8000  # Identifiers from here on are followed by a name.
_WORDS = struct.Struct("<HH")
_NUMBER = struct.Struct("<I")
_GUID = 16

# Types (MS-OXCDATA, 2.11.1): bytes of one value, filled up to a multiple of four.
_SIZES = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_STRING, _UNICODE, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x102
_VARIABLE = (_STRING, _UNICODE, _OBJECT, _BINARY)


class Property(NamedTuple):
    """The first value of one property."""

    kind: int
    value: bytes


class Properties:
    """What was read of a block of properties."""

    def __init__(self, found: dict[int, Property], charset: str) -> None:
        """`charset` is that of strings which are not Unicode."""
        self._found = found
        self._charset = charset

    def text(self, identifier: int) -> str:
        """A string; empty where there is none."""
        kind, value = self._found.get(identifier, Property(0, b""))
        if kind == _UNICODE:
            return to_text(value, "utf-16-le").split("\x00")[0]
        return to_text(value.split(b"\x00")[0], self._charset) if kind == _STRING else ""

    def data(self, identifier: int) -> bytes:
        """Bytes, or the bytes of a string that is not Unicode; empty where there are none."""
        kind, value = self._found.get(identifier, Property(0, b""))
        return value if kind == _BINARY else value.rstrip(b"\x00") if kind == _STRING else b""

    def object(self, identifier: int) -> bytes:
        """An embedded object with the identifier of its interface before it; empty where there is none."""
        kind, value = self._found.get(identifier, Property(0, b""))
        return value if kind == _OBJECT else b""

    def number(self, identifier: int) -> int:
        """A number of four bytes; 0 where there is none."""
        kind, value = self._found.get(identifier, Property(0, b""))
        return int.from_bytes(value[:4], "little") if kind == 0x03 else 0  # noqa: PLR2004 (PtypInteger32)


class _Cursor:
    """Reads forward; beyond the end it raises struct.error."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self) -> int:
        (value,) = _NUMBER.unpack_from(self.data, self.at)
        self.at += 4
        return int(value)

    def words(self) -> tuple[int, int]:
        first, second = _WORDS.unpack_from(self.data, self.at)
        self.at += 4
        return int(first), int(second)

    def take(self, size: int) -> bytes:
        """So many bytes, and over what fills them up to a multiple of four."""
        if size > len(self.data) - self.at:
            raise struct.error("it ends inside a value")
        value = self.data[self.at : self.at + size]
        self.at += size + -size % 4
        return value


def read_properties(data: bytes, charset: str) -> Properties:
    """The properties of a block, as many as can be read; of two with one identifier the first."""
    found: dict[int, Property] = {}
    cursor = _Cursor(data)
    try:
        for _ in range(min(cursor.number(), MAX_PROPERTIES)):
            identifier, read = _property(cursor)
            found.setdefault(identifier, read)
    except struct.error:
        pass  # It is cut off, or of a type that nobody has written yet: what was read before is all there is.
    return Properties(found, charset)


def _property(cursor: _Cursor) -> tuple[int, Property]:
    kind, identifier = cursor.words()
    if identifier >= _NAMED:
        cursor.take(_GUID)
        if cursor.number() == 0:
            cursor.number()
        else:
            cursor.take(cursor.number())
    many, kind = kind & _MANY, kind & ~_MANY
    variable = kind in _VARIABLE
    if not variable and kind not in _SIZES:
        raise struct.error(f"a property of the unknown type {kind:#x}")
    values = [
        cursor.take(cursor.number() if variable else _SIZES[kind])
        for _ in range(min(cursor.number(), MAX_VALUES) if many or variable else 1)
    ]
    return identifier, Property(kind, values[0] if values else b"")

"""Files that stand uuencoded in the middle of a text, as mailers wrote them before MIME. Pure and total.

The format is that of POSIX, `uuencode`: a line "begin MODE NAME", data lines that say how many bytes they hold, "end".
"""

import binascii
import re
from typing import NamedTuple

MAX_FILES = 50  # Of one text; what follows stays text.

_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{0,254}\S)[ \t]*+\r?$", re.MULTILINE)
_SPARE = 2  # Characters that encoders add to a line: a checksum, a filler.


class Encoded(NamedTuple):
    """A file that was found."""

    name: str  # As it came.
    content: bytes


def cut_files(data: bytes) -> tuple[bytes, tuple[Encoded, ...]]:
    """The text without its files, and the files in their order; text that only looks like one stays as it is."""
    if b"begin " not in data:
        return data, ()
    kept: list[bytes] = []
    files: list[Encoded] = []
    start = 0
    for match in _BEGIN.finditer(data):
        if match.start() < start or len(files) == MAX_FILES:
            continue
        found = _decoded(data, match.end() + 1)
        if found is not None:
            content, end = found
            kept.append(data[start : match.start()])
            files.append(Encoded(match[1].decode("utf-8", "replace"), content))
            start = end
    return (b"".join([*kept, data[start:]]), tuple(files)) if files else (data, ())


def decode_part(data: bytes) -> bytes | None:
    """The first file of a part whose transfer encoding is x-uuencode; None where it holds none."""
    _, files = cut_files(data)
    return files[0].content if files else None


def _decoded(data: bytes, at: int) -> tuple[bytes, int] | None:
    """The bytes of the data lines from `at` on, and where the text goes on; None where there is no data line.

    A file whose end was cut off counts as far as it goes.
    """
    pieces: list[bytes] = []
    while at < len(data):
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        line = data[at:end].rstrip(b"\r")
        if line.rstrip() == b"end" and any(pieces):
            return b"".join(pieces), end + 1
        piece = _line(line)
        if piece is None:
            break
        pieces.append(piece)
        at = end + 1
    content = b"".join(pieces)
    return (content, at) if content else None


def _line(line: bytes) -> bytes | None:
    """The bytes of one data line; None where it is none. Spaces at its end may have been lost on the way."""
    if not line.strip():
        return b""
    size = (line[0] - 32) & 63
    needed = 1 + (size + 2) // 3 * 4
    if line[0] > ord("`") or not needed // 2 <= len(line) <= needed + _SPARE:
        return None
    try:
        return binascii.a2b_uu(line[:needed].ljust(needed))
    except binascii.Error:
        return None

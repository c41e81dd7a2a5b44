"""The parts of a mail (RFC 2045, 2046), cut out of the bytes without trusting them. Pure and total.

The standard library's parser goes line by line and recurses as deep as a mail asks it to; this one looks for
delimiters in whole bodies, and stops at the limits below. What lies beyond them is kept as one opaque part.
"""

import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

from ingest.channels.mail.headers import Headers, from_base64, split_header
from ingest.channels.mail.parameters import Parameters, parse_parameters
from ingest.channels.mail.uuencode import decode_part

MAX_PARTS = 1_000
MAX_DEPTH = 50

_DELIMITER = re.compile(rb"(?:\A|\r\n)--([^\r\n]{1,200}?)[ \t]*\r\n")
# A first line with words and signs that base64 has none of: it is called that and was never encoded.
_PROSE = re.compile(rb"\s{0,100}+[^\s]{1,75} [^\r\n]{0,900}?[^A-Za-z0-9+/=\s]")
_UUENCODE = ("x-uuencode", "uuencode", "x-uue")


class Part(NamedTuple):
    """One node of a mail's tree."""

    number: int  # Depth first, from 0, which is the mail itself.
    kind: str  # "text/plain"; a multipart that could not be taken apart keeps its name and has no parts.
    parameters: dict[str, str]  # Of its Content-Type.
    headers: Headers
    content: bytes  # As it came, still in its transfer encoding; empty for a multipart that was taken apart.
    parts: tuple["Part", ...]
    disposition: str = ""  # "inline", "attachment"; empty: it does not say.
    name: str = ""  # Of the file that it is, as it came; empty: it says none.


class Tree(NamedTuple):
    """A mail in parts."""

    root: Part
    cut: str  # Which limit kept the rest from being read; empty: none.


def parse(payload: bytes) -> Tree:
    """A mail whose lines end in CRLF as a tree; any bytes give one."""
    reader = _Reader()
    root = reader.read(payload, 0)
    return Tree(root, reader.cut)


class _Reader:
    """Numbers the parts and remembers which limit was met."""

    def __init__(self) -> None:
        self.count = 0
        self.cut = ""

    def read(self, payload: bytes, depth: int, default: str = "text/plain") -> Part:
        number = self.count
        self.count += 1
        block, body = split_header(payload)
        del payload  # Else each level of a deep mail would hold all of it twice.
        headers = Headers(block)
        kind, given = parse_parameters(headers.first("content-type"))
        if "/" not in kind:
            kind = default
        pieces = self._pieces(kind, given, body, depth)
        if kind.startswith("multipart/") and not pieces and depth < MAX_DEPTH:
            kind = "text/plain"  # It has no delimiter anywhere: whatever it says stands there as it is.
        inner = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        body = b"" if pieces else body
        pieces.reverse()
        parts = []
        while pieces and self._room():
            parts.append(self.read(pieces.pop(), depth + 1, inner))
        disposition, more = parse_parameters(headers.first("content-disposition"))
        name = more.get("filename") or given.get("name", "")
        return Part(number, kind, dict(given), headers, body, tuple(parts), disposition, name)

    def _pieces(self, kind: str, given: Parameters, body: bytes, depth: int) -> list[bytes]:
        if not kind.startswith("multipart/"):
            return []
        if depth == MAX_DEPTH:
            self.cut = f"it is nested more than {MAX_DEPTH} parts deep; what is deeper was not read"
            return []
        boundary = given.get("boundary", "").encode("utf-8", "replace")
        if not boundary:  # Mailers that forget to name it still write it.
            first = _DELIMITER.search(body)
            boundary = first[1] if first else b""
        return between(body, boundary, MAX_PARTS) if boundary else []

    def _room(self) -> bool:
        if self.count < MAX_PARTS:
            return True
        self.cut = f"it has more than {MAX_PARTS} parts; the others were not read"
        return False


def between(body: bytes, boundary: bytes, most: int) -> list[bytes]:
    """What stands between the delimiter lines (RFC 2046, 5.1.1), at most so many pieces; an unclosed one ends the body.

    Each line is looked at once, whatever the body holds.
    """
    mark = b"--" + boundary
    pieces: list[bytes] = []
    start = -1
    at = body.find(mark)
    while at >= 0 and len(pieces) <= most:
        if at and body[at - 2 : at] != b"\r\n":
            at = body.find(mark, at + 1)
            continue
        end = body.find(b"\r\n", at)
        end = len(body) if end < 0 else end
        rest = body[at + len(mark) : end].strip(b" \t")
        if rest in (b"", b"--"):
            if start >= 0:
                pieces.append(body[start : max(start, at - 2)])
            start = -1 if rest else end + 2
            if rest:
                break
        at = body.find(b"\r\n" + mark, end)
        at = at if at < 0 else at + 2
    if start >= 0:
        pieces.append(_unclosed(body[start:], mark))
    return pieces


def _unclosed(piece: bytes, mark: bytes) -> bytes:
    """The last piece; mailers that forget its line end write the closing delimiter behind its last words."""
    bare = piece.rstrip(b"\r\n")
    words, found, _ = bare.rpartition(b"\r\n")[2].rpartition(mark + b"--")
    closed = found and bare.endswith(found) and not words.startswith(mark)
    return bare.removesuffix(found) if closed else piece


def walk(part: Part) -> Iterator[Part]:
    """The part and all below it, depth first."""
    yield part
    for inner in part.parts:
        yield from walk(inner)


def content_of(part: Part) -> bytes:
    """A part's bytes without their transfer encoding (RFC 2045, 6); broken encodings give what can be read."""
    encoding = part.headers.keyword("content-transfer-encoding")
    if encoding == "base64":
        return part.content if _PROSE.match(part.content) else from_base64(part.content)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(part.content)
    if encoding in _UUENCODE:
        found = decode_part(part.content)
        return part.content if found is None else found
    return part.content

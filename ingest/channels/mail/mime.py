"""The parts of a mail (RFC 2045, 2046), cut out of the bytes without trusting them. Pure and total.

The standard library's parser goes line by line and recurses as deep as a mail asks it to; this one looks for
delimiters in whole bodies, and stops at the limits below. What lies beyond them is kept as one opaque part.
"""

import binascii
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ingest.channels.mail.charset import to_text
from ingest.channels.mail.headers import Headers, from_base64, split_header
from ingest.channels.mail.html import html_to_text
from ingest.channels.mail.parameters import Parameters, parse_parameters
from store.records import Attachment

MAX_PARTS = 1_000
MAX_DEPTH = 50
MAX_ATTACHMENTS = 100  # That a message lists; a record has to fit into a topic. The original keeps all of them.
MAX_NAME = 120  # Characters of a file's name.
MAX_BODY = 1024 * 1024  # Bytes of one text part that are read.

_BODIES = ("text/plain", "text/html")
_DELIMITER = re.compile(rb"(?:\A|\r\n)--([^\r\n]{1,200}?)[ \t]*\r\n")
_RESERVED = frozenset(
    ("con", "prn", "aux", "nul", *(f"com{digit}" for digit in range(10)), *(f"lpt{digit}" for digit in range(10)))
)


class Part(NamedTuple):
    """One node of a mail's tree."""

    number: int  # Depth first, from 0, which is the mail itself.
    kind: str  # "text/plain"; a multipart that could not be taken apart keeps its name and has no parts.
    parameters: dict[str, str]  # Of its Content-Type.
    headers: Headers
    content: bytes  # As it came, still in its transfer encoding.
    parts: tuple["Part", ...]


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
        headers = Headers(block)
        kind, given = parse_parameters(headers.first("content-type"))
        if "/" not in kind:
            kind = default
        pieces = self._pieces(kind, given, body, depth)
        if kind.startswith("multipart/") and not pieces and depth < MAX_DEPTH:
            kind = "text/plain"  # It has no delimiter anywhere: whatever it says stands there as it is.
        inner = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        parts = tuple(self.read(piece, depth + 1, inner) for piece in pieces if self._room())
        return Part(number, kind, dict(given), headers, body, parts)

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
        pieces.append(body[start:])
    return pieces


def walk(part: Part) -> Iterator[Part]:
    """The part and all below it, depth first."""
    yield part
    for inner in part.parts:
        yield from walk(inner)


def content_of(part: Part) -> bytes:
    """A part's bytes without their transfer encoding (RFC 2045, 6); broken encodings give what can be read."""
    encoding = part.headers.keyword("content-transfer-encoding")
    if encoding == "base64":
        return from_base64(part.content)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(part.content)
    return part.content


def attachment_bytes(payload: bytes, number: int) -> bytes | None:
    """The decoded bytes of the part that `Attachment.part` numbers; None where the mail has no such part."""
    return next((content_of(part) for part in walk(parse(payload).root) if part.number == number), None)


def text_of(tree: Tree) -> str:
    """What the mail says, as plain text; empty where it has no body that can be read as text."""
    texts = (_text(part) for part in _readable(tree.root))
    return "\n\n".join(text for text in texts if text)


def attachments_of(tree: Tree) -> tuple[Attachment, ...]:
    """The files of a mail, inline pictures and forwarded mails too; another form of the text is none."""
    leaves = (part for part in walk(tree.root) if not part.parts and not _is_body(part))
    return tuple(_attachment(part) for part, _ in zip(leaves, range(MAX_ATTACHMENTS), strict=False))


def _readable(part: Part) -> Sequence[Part]:
    """The leaves whose text is the message, in order; of alternatives the plain one that says something."""
    if part.kind == "multipart/alternative" and part.parts:
        options = [option for option in map(_readable, part.parts) if option]
        plain = (option for option in options if any(leaf.kind == "text/plain" and _text(leaf) for leaf in option))
        return next(plain, options[-1] if options else ())
    if part.parts:
        return [leaf for inner in part.parts for leaf in _readable(inner)]
    return (part,) if _is_body(part) else ()


def _is_body(part: Part) -> bool:
    if part.kind not in _BODIES:
        return False
    disposition, given = parse_parameters(part.headers.first("content-disposition"))
    return disposition != "attachment" and "filename" not in given and "name" not in part.parameters


def _text(part: Part) -> str:
    data = content_of(part)[:MAX_BODY]
    text = to_text(data, part.parameters.get("charset", ""))
    return (html_to_text(text) if part.kind == "text/html" else text.replace("\r\n", "\n")).strip()


def _attachment(part: Part) -> Attachment:
    content = content_of(part)
    _, given = parse_parameters(part.headers.first("content-disposition"))
    name = given.get("filename") or part.parameters.get("name", "")
    return Attachment(
        name=safe_name(name) or f"part-{part.number}{_ENDINGS.get(part.kind, '')}",
        content_type=part.kind[:100],
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        part=part.number,
    )


_ENDINGS = {"message/rfc822": ".eml", "text/calendar": ".ics", "image/png": ".png", "image/jpeg": ".jpg"}


def safe_name(name: str) -> str:
    """A file's name that can be shown and saved: no folder, no invisible or direction-changing character, no device.

    Empty where nothing is left.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(" " if char.isspace() else char for char in last if _is_visible(char) or char.isspace())
    plain = " ".join(shown.split()).strip(". ")
    if plain.split(".")[0].lower() in _RESERVED:
        plain = f"_{plain}"
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > MAX_NAME and dot and len(ending) <= 10:  # noqa: PLR2004 (longer than any ending that means something)
        return f"{stem[: MAX_NAME - len(ending) - 1]}.{ending}"
    return plain[:MAX_NAME]


def _is_visible(char: str) -> bool:
    """Not a control, format, surrogate or separator character, nor one that shells and file systems act upon."""
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and char not in '<>:"|?*'

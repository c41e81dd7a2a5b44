"""What Outlook packs into a "winmail.dat": its files, and the text where the mail has no other (MS-OXTNEF). Pure.

Any bytes give a result: what is cut off or contradicts itself ends the reading, and what was read before it counts.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ingest.channels.mail.charset import html_to_str, to_text
from ingest.channels.mail.mapi import Properties, read_properties
from ingest.channels.mail.rtf import rtf_to_text, uncompressed

KINDS = ("application/ms-tnef", "application/vnd.ms-tnef")
NAME = "winmail.dat"
MAX_FILES = 100  # As many as a message lists of its own parts.
MAX_ATTRIBUTES = 10_000

_SIGNATURE = b"\x78\x9f\x3e\x22"  # MS-OXTNEF, 2.1.1
_HEADER = struct.Struct("<BHHI")  # Level, id, type, length.
_OF_FILE = 2  # The level of what belongs to a file.

# Attributes (MS-OXTNEF, 2.1.2).
_CODE_PAGE = 0x9007
_BODY = 0x800C
_MESSAGE = 0x9003
_FILE_BEGINS = 0x9002
_FILE_DATA = 0x800F
_FILE_TITLE = 0x8010
_FILE_PROPERTIES = 0x9005

# Properties (MS-OXPROPS).
_PLAIN, _RTF, _HTML, _HTML_CODE_PAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
_DISPLAY_NAME, _DATA, _NAME, _LONG_NAME, _MIME, _CONTENT_ID = 0x3001, 0x3701, 0x3704, 0x3707, 0x370E, 0x3712


class Packed(NamedTuple):
    """A file inside."""

    name: str  # As it came; empty: it has none.
    kind: str  # Its media type, where it says so.
    content: bytes
    content_id: str


class Winmail(NamedTuple):
    """All of it that a reader sees."""

    files: tuple[Packed, ...]
    text: str  # Plain; empty: it has none, or only `html`.
    html: str


def is_winmail(kind: str, name: str) -> bool:
    """Whether a part calls itself one, by its media type or, as many servers leave it, by its name."""
    return kind in KINDS or (kind == "application/octet-stream" and name.lower() == NAME)


def read_winmail(data: bytes) -> Winmail | None:
    """The content; None where the data is none of the format."""
    if not data.startswith(_SIGNATURE):
        return None
    found: dict[int, bytes] = {}
    files: list[dict[int, bytes]] = []
    for level, tag, content in _attributes(data):
        if level != _OF_FILE:
            found.setdefault(tag, content)
        elif tag == _FILE_BEGINS and len(files) < MAX_FILES:
            files.append({})
        elif files:
            files[-1].setdefault(tag, content)
    charset = _charset(found.get(_CODE_PAGE, b""))
    message = read_properties(found.get(_MESSAGE, b""), charset)
    html = _html(message, charset)
    return Winmail(
        files=tuple(packed for attributes in files for packed in _packed(attributes, charset))[:MAX_FILES],
        text=_text(found, message, charset) if not html else "",
        html=html,
    )


def _attributes(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Level, id and content of each attribute, until the data ends or makes no sense."""
    at = len(_SIGNATURE) + 2
    for _ in range(MAX_ATTRIBUTES):
        if at + _HEADER.size > len(data):
            return
        level, tag, _, length = _HEADER.unpack_from(data, at)
        at += _HEADER.size
        if level not in (1, _OF_FILE) or length > len(data) - at:
            return
        yield level, tag, data[at : at + length]
        at += length + 2  # A checksum follows, which is wrong in mails that are whole.


def _charset(code_page: bytes) -> str:
    """The charset of what is not Unicode: the number of a Windows code page."""
    number = int.from_bytes(code_page[:4], "little")
    return "utf-8" if number == 65001 else f"cp{number}" if number else "cp1252"  # noqa: PLR2004 (CP_UTF8)


def _packed(attributes: Mapping[int, bytes], charset: str) -> Iterator[Packed]:
    """The file, and beside it the object that it stands for: a message or a drawing, as it is stored."""
    told = read_properties(attributes.get(_FILE_PROPERTIES, b""), charset)
    title = to_text(attributes.get(_FILE_TITLE, b"").split(b"\x00")[0], charset)
    content, held = attributes.get(_FILE_DATA, b"") or told.data(_DATA), told.object(_DATA)
    file = Packed(
        name=told.text(_LONG_NAME) or title or told.text(_NAME) or told.text(_DISPLAY_NAME),
        kind=told.text(_MIME).lower(),
        content=content or held,
        content_id=told.text(_CONTENT_ID),
    )
    yield file
    if content and held:
        yield file._replace(content=held, kind="application/octet-stream")


def _html(message: Properties, charset: str) -> str:
    data = message.data(_HTML)
    page = message.number(_HTML_CODE_PAGE)
    return html_to_str(data, _charset(page.to_bytes(4, "little")) if page else charset) or message.text(_HTML)


def _text(found: Mapping[int, bytes], message: Properties, charset: str) -> str:
    plain = to_text(found.get(_BODY, b""), charset) or message.text(_PLAIN)
    if plain.strip("\x00\r\n \t"):
        return plain.rstrip("\x00")
    return rtf_to_text(uncompressed(message.data(_RTF))).rstrip("\x00")

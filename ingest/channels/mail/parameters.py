"""The value and the parameters of Content-Type and Content-Disposition (RFC 2045, 5.1; RFC 2231). Pure and total."""

import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from ingest.channels.mail.charset import to_text
from ingest.channels.mail.headers import MAX_STRUCTURED, decode_words

# The alternatives of each group begin with different characters, so that hostile text costs linear time.
Parameters = Mapping[str, str]  # By name in lower case.

_PARAMETER = re.compile(r';\s*([^\s=;"]{1,100})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_SECTION = re.compile(r"(.+?)(?:\*(\d{1,3}))?(\*)?")  # RFC 2231, 3: name*1* is the second, encoded piece of name.
_MAX_PARAMETERS = 100


def parse_parameters(field: bytes) -> tuple[str, Parameters]:
    """The value in lower case, and its parameters by lower-case name; a field that is too long has neither."""
    if not field:
        return "", {}
    text = to_text(field) if len(field) <= MAX_STRUCTURED else ""
    value = text.split(";", 1)[0].strip().lower()
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for count, match in enumerate(_PARAMETER.finditer(text)):
        section = _SECTION.fullmatch(match[1].lower())
        if count == _MAX_PARAMETERS or section is None:
            break
        place = pieces.setdefault(section[1], {})
        place.setdefault(int(section[2] or 0), (_unquoted(match[2]), section[3] is not None))
    return value, {name: _joined(sections) for name, sections in pieces.items()}


def _unquoted(text: str) -> str:
    stripped = text.strip()
    if len(stripped) > 1 and stripped.startswith('"') and stripped.endswith('"'):
        return re.sub(r"\\(.)", r"\1", stripped[1:-1])
    return stripped.strip('"')


def _joined(sections: Mapping[int, tuple[str, bool]]) -> str:
    """One parameter out of its sections; mailers also write encoded words here, which RFC 2047 forbids."""
    ordered = [sections[number] for number in sorted(sections)]
    if not any(encoded for _, encoded in ordered):
        return decode_words("".join(text for text, _ in ordered))
    charset = ""
    data = b""
    for index, (text, encoded) in enumerate(ordered):
        piece = text
        if encoded and index == 0 and text.count("'") >= 2:  # noqa: PLR2004 (charset'language'text)
            charset, _, piece = text.split("'", 2)
        data += unquote_to_bytes(piece) if encoded else piece.encode("utf-8", "replace")
    return to_text(data, charset)

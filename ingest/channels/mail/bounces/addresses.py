"""Addresses as machines write them into their reports. Pure, and linear in the text."""

import re
from collections.abc import Iterator

from ingest.channels.mail.identity import is_address

# Local parts stop at 64 characters (RFC 5321, 4.5.3.1.1), which bounds what a line of them can cost.
LOCAL = r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}"
DOMAIN = r"[\w](?:[\w.-]{0,252}[\w])?"
_ADDRESS = re.compile(rf"(?<![\w!#$%&*+/=?^`{{|}}~.@-]){LOCAL}@{DOMAIN}")
_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")  # RFC 6533, 3: an address beyond ASCII in a 7-bit report.
_ROUTE = re.compile(r"@[\w.,@-]{1,250}:")  # RFC 5321, 4.1.1.3: a source route before the address.
_LAST_CODE_POINT = 0x10FFFF


def address_of(text: str) -> str:
    """The one address that a field or a pair of angle brackets holds, in lower case; empty where it is none.

    The type before a ";" (RFC 3464, 2.3.1) is passed over; X.400 names and user names are no addresses.
    """
    kind, semicolon, rest = text.partition(";")
    if semicolon and "@" not in kind:
        text = rest
    text = _ESCAPED.sub(_character, text[:1000]).strip().strip("<>\"'")
    if route := _ROUTE.match(text):
        text = text[route.end() :]
    if is_address(text):
        return text.lower()
    return next(addresses_in(text), "")


def addresses_in(text: str) -> Iterator[str]:
    """Every address in a line, in lower case, in order."""
    if "@" not in text:
        return
    for match in _ADDRESS.finditer(text):
        address = match[0].strip("'`").lower()
        if is_address(address):
            yield address


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code <= _LAST_CODE_POINT and not 0xD800 <= code <= 0xDFFF else ""  # noqa: PLR2004 (surrogates)

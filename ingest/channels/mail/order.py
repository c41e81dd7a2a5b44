"""What keeps a sender's mails in order: names found in a mail without parsing it. Pure."""

import re

from ingest.channels.mail.headers import MAX_BLOCK, MAX_ID

_MESSAGE_ID = re.compile(rb"^message-id:\s*(\S{1,%d})" % MAX_ID, re.IGNORECASE | re.MULTILINE)
_FROM = re.compile(rb"^from:[^\r\n]{0,998}", re.IGNORECASE | re.MULTILINE)
# Local part and domain as RFC 5321, 4.5.3.1 bounds them. Possessive, so that a long line is read once.
_ADDRESS = re.compile(rb"[^\s<>@,;:\"()\[\]\\]{1,64}+@[a-z0-9.-]{1,255}+", re.IGNORECASE)


def message_id_of(content: bytes) -> str:
    """A mail's Message-ID, found without parsing it; "<>" where it has none. Only for the order of bounces."""
    match = _MESSAGE_ID.search(content, 0, _end_of_header(content))
    return match[1].decode("ascii", "replace") if match else "<>"


def source_of(content: bytes) -> str:
    """What decides the order of a fetched mail: the last address in From, in lower case, or else its Message-ID.

    It proves nothing of the sender: only mails that claim the same author stay in line.
    """
    line = _FROM.search(content, 0, _end_of_header(content))
    addresses = _ADDRESS.findall(line[0]) if line else []
    return addresses[-1].decode("ascii", "replace").lower() if addresses else message_id_of(content)


def _end_of_header(content: bytes) -> int:
    """Where to stop looking; mail that was fetched may end its lines with LF alone."""
    ends = [end for end in (content.find(b"\r\n\r\n"), content.find(b"\n\n")) if end >= 0]
    return min([*ends, MAX_BLOCK])

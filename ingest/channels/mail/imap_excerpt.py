"""Says of a mail that only its header was fetched, and reads that again: the content type carries it. Pure.

The header stays byte for byte as the server has it; a text of ours in it could be forged by a sender.
"""

import re

WHOLE = "message/rfc822"

_HEADER = "text/rfc822-headers"  # RFC 6522, 4: the header of a mail without its body.
_FORM = re.compile(rf"{re.escape(_HEADER)}; size=([0-9]{{1,20}})")


def header_only(size: int) -> str:
    """The content type of the header of a mail of `size` bytes; 0: nobody knows."""
    return f"{_HEADER}; size={size}"


def why_header_only(content_type: str) -> str:
    """Why the rest of a mail is missing, in a sentence for its ticket; empty for a whole mail."""
    match = _FORM.fullmatch(content_type)
    if match is None:
        return ""
    if not int(match[1]):
        return "the mail server gave only its header; the rest is in the mailbox"
    return (
        f"it has {match[1]} bytes, which is more than is fetched; only its header was, and the rest is in the mailbox"
    )

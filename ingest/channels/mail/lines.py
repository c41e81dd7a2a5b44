"""The line ends of a mail, made the same everywhere before anything reads it. Pure."""

import re

_BARE_CR = re.compile(rb"\r(?!\n)")


def clean_lines(payload: bytes) -> bytes:
    """Lines that end in CRLF. Mail over SMTP has no others; from elsewhere a bare LF ends a line, a bare CR does not.

    A bare CR would begin a new field for some readers and not for others, so that it becomes a space.
    """
    if is_clean(payload):
        return payload
    return _BARE_CR.sub(b" ", payload).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def is_clean(payload: bytes) -> bool:
    """Whether every line ends in CRLF, and neither character stands anywhere else."""
    return payload.count(b"\r\n") == payload.count(b"\n") == payload.count(b"\r")

"""Reads an mbox mail by mail, however large it is (RFC 4155; the lines that were quoted are those of mboxrd)."""

import re
from collections.abc import Iterable, Iterator

_BEGINS = b"From "
_SEPARATOR = re.compile(rb"From \S{1,998} [^\r\n]{0,60}\d:\d\d")  # With a time: a sentence has none.
_QUOTED = re.compile(rb">+From ")


def is_mbox(beginning: bytes) -> bool:
    """Whether a file that begins so is one."""
    return beginning.startswith(_BEGINS)


def mails_in(lines: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Each mail without its From line; one of more than `most` bytes is cut there."""
    mail: list[bytes] = []
    size, is_blank, is_begun = 0, True, False
    for line in lines:
        if is_blank and _SEPARATOR.match(line):
            if is_begun:
                yield b"".join(mail)
            mail, size, is_begun = [], 0, True
        elif size <= most:
            mail.append(line[1:] if _QUOTED.match(line) else line)
            size += len(line)
        is_blank = not line.strip(b"\r\n")
    if is_begun:
        yield b"".join(mail)

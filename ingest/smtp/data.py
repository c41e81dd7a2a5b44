"""Reads one mail off the wire: everything up to CRLF.CRLF, in large pieces and bounded memory (RFC 5321, 4.1.1.4)."""

import asyncio

from ingest.smtp.gate import Hold
from store.errors import DeskwireError

_END = b"\r\n.\r\n"
_MAX_BEGINNING = 256  # Bytes; a mail begins with its header.

MAX_RECEIVED = 100  # More servers than this on a mail's way are a loop (RFC 5321, 6.3).


class Refused(DeskwireError):
    """The mail was read to its end, or as far as we care to, and is not taken."""

    def __init__(self, reply: str, *, hang_up: bool = False) -> None:
        super().__init__(reply)
        self.reply = reply
        self.hang_up = hang_up  # Its end was not reached: what follows is no command.


async def read_mail(reader: asyncio.StreamReader, limit: int, hold: Hold) -> bytes:
    """The mail as it was before its dots were doubled; its lines end in CRLF and may be of any length.

    Raises Refused for a mail over `limit` bytes, one that is not made of lines, one that goes in circles, or one that
    `hold` has no memory for; IncompleteReadError where the client leaves in the middle.
    """
    kept = [await _beginning(reader)]
    size = len(kept[0])
    refusal = ""
    while not kept[-1].endswith(_END):
        piece = await _piece(reader)
        size += len(piece)
        if size > limit + len(_END):
            refusal = "552 5.3.4 Message too big for this system"
        elif not refusal and not hold.grow(len(piece)):
            refusal = "452 4.3.1 Too many mails at once, try again later"
        if refusal:
            hold.release()
            kept = [piece[-len(_END) :]]
        else:
            kept.append(piece)
        if size > 2 * limit:
            raise Refused(refusal, hang_up=True)
    if refusal:
        raise Refused(refusal)
    content = b"".join(kept)[: 2 - len(_END)].replace(b"\r\n.", b"\r\n")[2:]
    _check(content)
    return content


async def _beginning(reader: asyncio.StreamReader) -> bytes:
    """CRLF, which ended the DATA command, and the first bytes after it, up to where no end can have begun.

    The end of a mail may be the very first thing that comes, and its CRLF is then the command's. Byte by byte, so that
    no CRLF is taken away from an end that comes later; so empty lines at the beginning are counted.
    """
    got = b"\r\n"
    while 0 < _begun(got) < len(_END):
        if len(got) > _MAX_BEGINNING:
            raise Refused("550 5.6.0 The message begins with too many empty lines", hang_up=True)
        got += await reader.readexactly(1)
    return got


def _begun(got: bytes) -> int:
    """How many bytes of an end stand at the end of what came."""
    return next(length for length in range(len(_END), -1, -1) if got.endswith(_END[:length]))


async def _piece(reader: asyncio.StreamReader) -> bytes:
    """Everything up to the end of the mail, or as much of it as the reader's buffer holds."""
    try:
        return await reader.readuntil(_END)
    except asyncio.LimitOverrunError as error:
        return await reader.readexactly(error.consumed)


def _check(content: bytes) -> None:
    """Other programs read a bare CR or LF as the end of a line, and with it a field or an end that was never checked.

    That is how mail is smuggled (RFC 5321, 2.3.8).
    """
    ends = content.count(b"\r\n")
    if not ends == content.count(b"\r") == content.count(b"\n") or b"\x00" in content:
        raise Refused("550 5.6.0 Bare CR, bare LF or NUL in the message (RFC 5321, 2.3.8)")
    header = b"\n" + content[: content.find(b"\r\n\r\n")].lower()
    if header.count(b"\nreceived:") > MAX_RECEIVED:
        raise Refused("554 5.4.6 Too many hops: this message goes in circles")

"""Reads one mail off the wire: everything up to CRLF.CRLF, in large pieces and bounded memory (RFC 5321, 4.1.1.4)."""

import asyncio

from ingest.smtp.body import Body
from ingest.smtp.refused import Refused

_END = b"\r\n.\r\n"
_MAX_BEGINNING = 256  # Bytes; a mail begins with its header.

MAX_RECEIVED = 100  # More servers than this on a mail's way are a loop (RFC 5321, 6.3).


async def read_mail(reader: asyncio.StreamReader, limit: int, body: Body) -> None:
    """Fill `body` with the mail as it was before its dots were doubled; its lines may be of any length.

    Raises Refused for a mail over `limit` bytes, one that is not made of lines, one that goes in circles, or one that
    there is no room for; IncompleteReadError where the client leaves in the middle. `body` is the caller's to end.
    """
    lines = Lines()
    size = 0
    refusal: Refused | None = None
    piece = await _beginning(reader)
    while True:
        size += len(piece)
        if refusal is None:
            try:
                await body.add(lines.end(piece[: 2 - len(_END)]) if piece.endswith(_END) else lines.take(piece))
                if size > limit + len(_END):
                    raise Refused("552 5.3.4 Message too big for this system")  # noqa: TRY301 (like any other)
            except Refused as refused:
                refusal = refused
                await body.drop()
        if piece.endswith(_END):
            break
        if size > 2 * limit and refusal is not None:
            raise Refused(refusal.reply, hang_up=True)
        piece = await _piece(reader)
    if refusal is not None:
        raise refusal
    if (b"\n" + body.header.lower()).count(b"\nreceived:") > MAX_RECEIVED:
        raise Refused("554 5.4.6 Too many hops: this message goes in circles")


class Lines:
    """Undoes the doubled dots, and finds what is no line.

    Other programs read a bare CR or LF as the end of a line, and with it a field or an end that was never checked.
    That is how mail is smuggled (RFC 5321, 2.3.8).
    """

    def __init__(self) -> None:
        self._begun = False
        self._kept = b""  # The end of the last piece, whose meaning the next one tells.

    def take(self, piece: bytes) -> bytes:
        """The piece in its own form, less what is kept for the next. Raises Refused where it is not made of lines."""
        text = self._kept + piece
        open_end = next(length for length in (2, 1, 0) if text.endswith(b"\r\n"[:length]))
        whole = text[: len(text) - open_end]
        self._kept = text[len(text) - open_end :]
        return self._plain(whole)

    def end(self, piece: bytes) -> bytes:
        """As `take`, for the last piece: all that is left."""
        text, self._kept = self._kept + piece, b""
        return self._plain(text)

    def _plain(self, text: bytes) -> bytes:
        ends = text.count(b"\r\n")
        if not ends == text.count(b"\r") == text.count(b"\n") or b"\x00" in text:
            raise Refused("550 5.6.0 Bare CR, bare LF or NUL in the message (RFC 5321, 2.3.8)")
        plain = text.replace(b"\r\n.", b"\r\n")
        if self._begun or not plain:
            return plain
        self._begun = True
        return plain[2:]  # The first CRLF ended the DATA command.


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

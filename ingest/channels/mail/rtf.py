"""Rich text as Outlook sends it: uncompressed (MS-OXRTFCP) and as plain text (MS-OXRTFEX). Pure, linear and total."""

import re
import struct

MAX_RTF = 1024 * 1024  # Bytes that are uncompressed and read.
MAX_TOKENS = 200_000  # Words, braces and runs of text that are read: half a second's work.

_HEADER = struct.Struct("<II4sI")  # Compressed size, size, which of the two, checksum.
_WINDOW = 4096
# What the dictionary begins with (MS-OXRTFCP, 2.1.2.1).
_FIRST = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}"
    rb"{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier"
    rb"{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)

# A word with its number, a byte, a sign, a brace, text.
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]++)|[\r\n]++|\\"
)
_SILENT = frozenset((b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"header", b"footer"))
_BREAKS = {b"par": "\n", b"line": "\n", b"tab": "\t", b"row": "\n", b"cell": "\t"}
_SIGNS = {
    b"bullet": "\u2022",
    b"emdash": "\u2014",
    b"endash": "\u2013",
    b"lquote": "\u2018",
    b"rquote": "\u2019",
    b"ldblquote": "\u201c",
    b"rdblquote": "\u201d",
}


def uncompressed(data: bytes) -> bytes:
    """The rich text, as far as it can be read; empty where it is none."""
    if len(data) < _HEADER.size:
        return b""
    _, size, form, _ = _HEADER.unpack_from(data)
    if form == b"MELA":
        return data[_HEADER.size :][: min(size, MAX_RTF)]
    return _expanded(data, min(size, MAX_RTF)) if form == b"LZFu" else b""


def _expanded(data: bytes, size: int) -> bytes:
    """Runs of literal bytes and of references into a window of what came before (MS-OXRTFCP, 3.1.4)."""
    window = bytearray(_FIRST.ljust(_WINDOW, b"\x00"))
    put = len(_FIRST)
    out = bytearray()
    at = _HEADER.size
    while at < len(data) and len(out) < size:
        control = data[at]
        at += 1
        for bit in range(8):
            if control >> bit & 1:
                if at + 2 > len(data):
                    return bytes(out)
                offset, length = data[at] << 4 | data[at + 1] >> 4, (data[at + 1] & 15) + 2
                at += 2
                if offset == put:  # A reference to where writing goes on marks the end.
                    return bytes(out[:size])
                run = [offset + index for index in range(length)]
            elif at < len(data):
                window[put] = data[at]
                out.append(data[at])
                put = (put + 1) % _WINDOW
                at += 1
                continue
            else:
                return bytes(out)
            for place in run:
                byte = window[place % _WINDOW]
                window[put] = byte
                out.append(byte)
                put = (put + 1) % _WINDOW
    return bytes(out[:size])


def rtf_to_text(data: bytes) -> str:
    """The words of rich text; where it holds packed HTML, the text between the tags."""
    return _Writer().write(data[:MAX_RTF])


class _Group:
    """What holds between two braces."""

    __slots__ = ("hidden", "skip")

    def __init__(self, *, hidden: bool, skip: int) -> None:
        self.hidden = hidden
        self.skip = skip  # How many characters stand behind a \u for programs that do not know it.


class _Writer:
    """Goes over the tokens once."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.bytes = bytearray()  # Of the code page, not yet text.
        self.charset = "cp1252"
        self.group = _Group(hidden=False, skip=1)
        self.above: list[_Group] = []
        self.pending = 0  # Characters still to be skipped.

    def write(self, data: bytes) -> str:
        starred = False
        for match, _ in zip(_TOKEN.finditer(data), range(MAX_TOKENS), strict=False):
            word, number, code, symbol, brace, text = match.groups()
            if brace:
                self._brace(brace)
            elif word:
                self._word(word, int(number) if number else None, starred=starred)
            elif code:
                self._put(bytes((int(code, 16),)))
            elif symbol:
                self._symbol(symbol)
            elif text:
                self._put(text)
            starred = symbol == b"*"
        self._flush()
        return "".join(self.pieces)

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self.pending = 0
        if brace == b"{":
            self.above.append(self.group)
            self.group = _Group(hidden=self.group.hidden, skip=self.group.skip)
        elif self.above:
            self.group = self.above.pop()

    def _word(self, word: bytes, number: int | None, *, starred: bool) -> None:
        if word in _SILENT or starred:  # A starred group is for programs that know it (RTF 1.9.1, "Destinations").
            self.group.hidden = True
        elif word == b"htmlrtf":  # What stands between these two is there for readers of rich text only.
            self.group.hidden = number != 0
        elif word == b"ansicpg" and number:
            self.charset = f"cp{number}"
        elif word == b"uc":
            self.group.skip = min(number or 0, 10)
        elif word == b"u" and number is not None:
            self._say(chr(number % 0x10000))
            self.pending = self.group.skip
        elif word in _BREAKS or word in _SIGNS:
            self._say(_BREAKS.get(word) or _SIGNS[word])

    def _symbol(self, symbol: bytes) -> None:
        if symbol in b"\\{}":
            self._put(symbol)
        elif symbol == b"~":
            self._say(" ")
        elif symbol in b"\r\n":
            self._say("\n")

    def _put(self, data: bytes) -> None:
        if self.pending:
            data, self.pending = data[self.pending :], max(0, self.pending - len(data))
        if not self.group.hidden:
            self.bytes += data

    def _say(self, text: str) -> None:
        self._flush()
        if not self.group.hidden:
            self.pieces.append(text)

    def _flush(self) -> None:
        if self.bytes:
            self.pieces.append(_decoded(bytes(self.bytes), self.charset))
            self.bytes.clear()


def _decoded(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset, "replace")
    except LookupError:
        return data.decode("cp1252", "replace")

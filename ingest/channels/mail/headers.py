"""A mail's header: fields found without trusting them, each read as one clean, capped line. Pure and total."""

import binascii
import re

from ingest.channels.mail.charset import to_text
from ingest.channels.mail.mojibake import mended

# Limits of `delivery`: what is beyond them is left unread, because parsing it costs more than it can tell.
MAX_BLOCK = 256 * 1024
MAX_FIELDS = 1_000
MAX_STRUCTURED = 8 * 1024  # Fields with a grammar: addresses, parameters, identifiers.
MAX_UNSTRUCTURED = 64 * 1024  # Subject and other free text.
MAX_WORDS = 500  # Encoded words (RFC 2047) in one field.
MAX_LINE = 1_000  # Characters of a field that is shown.
MAX_ID = 250  # Characters of a Message-ID; RFC 5322 allows 998, and nobody writes them.

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*)", re.DOTALL)  # RFC 5322, 3.6.8; the space is obsolete syntax.
_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]*)\?=")  # RFC 2047, 2; RFC 2231, 5.
_ID = re.compile(rb"<([^<>\s\x00-\x1f\x7f-\xff]{1,%d})>" % (MAX_ID - 2))

# Control characters, line and paragraph separators, and lone surrogates have no place in a line.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Headers:
    """The fields of one header block in their order; names compare without case."""

    def __init__(self, block: bytes) -> None:
        """`block` is the lines before the empty one, with CRLF ends."""
        lines = _unfolded(block[:MAX_BLOCK]).split(b"\r\n")
        self.cut = len(block) > MAX_BLOCK or len(lines) > MAX_FIELDS
        self.fields: list[tuple[str, bytes]] = []
        self.strange: list[bytes] = []  # Lines that are no field: of a mail without a header, its words.
        self._values: dict[str, list[bytes]] = {}
        self._lines: dict[str, str] = {}  # What `line` gave.
        for line in lines[:MAX_FIELDS]:
            if match := _FIELD.fullmatch(line):
                name, value = match[1].lower().decode("ascii"), match[2].strip()
                self.fields.append((name, value))
                self._values.setdefault(name, []).append(value)
            elif line:
                self.strange.append(line)

    def all(self, name: str) -> list[bytes]:
        """The values of every field of that name, unfolded and otherwise as they came."""
        return list(self._values.get(name, ()))

    def first(self, name: str) -> bytes:
        """The first field's value as it came; empty where there is none, or where it is too long to parse."""
        values = self._values.get(name)
        return values[0] if values and len(values[0]) <= MAX_STRUCTURED else b""

    def has(self, name: str) -> bool:
        """Whether there is such a field."""
        return name in self._values

    def keyword(self, name: str) -> str:
        """The first field's leading word in lower case: what a machine writes; empty where there is none."""
        return to_text(self.first(name)).split(";")[0].strip().lower()

    def line(self, name: str) -> str:
        """The first field's text, decoded, in one line of at most MAX_LINE characters; empty where there is none."""
        if name not in self._values:
            return ""
        if name not in self._lines:  # The subject is asked for many times.
            text = to_text(self._values[name][0][:MAX_UNSTRUCTURED])
            self._lines[name] = one_line(mended(decode_words(text)))
        return self._lines[name]

    def ids(self, *names: str) -> tuple[str, ...]:
        """Every `<...>` identifier in these fields, in order, each once; none where a field is garbage."""
        found: dict[str, None] = {}
        for name in names:
            for value in self.all(name)[:10]:
                for match in _ID.finditer(value[:MAX_UNSTRUCTURED]):
                    found[match[0].decode("ascii")] = None
        return tuple(found)


def split_header(payload: bytes) -> tuple[bytes, bytes]:
    """The header block and the body of a mail or of a part, whose lines end in CRLF."""
    if payload.startswith(b"\r\n"):
        return b"", payload[2:]
    end = payload.find(b"\r\n\r\n")
    return (payload, b"") if end < 0 else (payload[:end], payload[end + 4 :])


def one_line(text: str) -> str:
    """Text that can stand in one line and be stored anywhere, cut to MAX_LINE characters."""
    if len(text) <= MAX_LINE and text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(_UNSAFE.sub(" ", text[: 4 * MAX_LINE]).split())[:MAX_LINE]


def decode_words(text: str) -> str:
    """Text with its encoded words decoded (RFC 2047); what is none stays as it is.

    Words of one charset that follow each other are joined before they are decoded: many mailers cut inside a character.
    """
    if "=?" not in text:
        return text
    pieces: list[str] = []
    run = b""
    charset = ""
    end = 0
    for count, match in enumerate(_WORD.finditer(text)):
        if count == MAX_WORDS:
            break
        gap = text[end : match.start()]
        if run and (gap.strip() or match[1].lower() != charset):
            pieces.append(to_text(run, charset))
            run = b""
        if gap.strip() or not count:
            pieces.append(gap)
        run += _word_bytes(match[2], match[3])
        charset = match[1].lower()
        end = match.end()
    return "".join([*pieces, to_text(run, charset), text[end:]])


def _unfolded(block: bytes) -> bytes:
    """Each field in one line (RFC 5322, 2.2.3)."""
    return block.replace(b"\r\n ", b" ").replace(b"\r\n\t", b"\t")


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    return from_base64(data)


def from_base64(data: bytes) -> bytes:
    """Decoded as far as it can be: foreign characters are passed over, a broken end is left out."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        clean = data.translate(None, delete=_NOT_BASE64)
        return binascii.a2b_base64(clean[: len(clean) // 4 * 4] + _last(clean))


_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


def _last(clean: bytes) -> bytes:
    """The last, unpadded group, padded; a single character of it means nothing."""
    rest = clean[len(clean) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""

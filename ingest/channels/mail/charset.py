"""Bytes of a mail to text, also where their charset is undeclared, unknown or wrong. Pure."""

import codecs
import re

import chardet

_GUESS_FROM = 16_384  # Bytes; a guess from more is no better and costs time.

# Charsets that mailers write and Python does not know by that name.
_ALIASES = {"iso-8859-8-i": "iso-8859-8", "windows-874": "cp874", "x-sjis": "shift_jis", "x-gbk": "gbk"}

# Everything that may be called a charset here. Python's registry also holds codecs that are none (hex, zip), that cost
# quadratic time (punycode, idna) or that give lone surrogates (unicode_escape).
_CHARSETS = re.compile(
    r"ascii|utf-(8|16|32)(-[bl]e|-sig)?|iso8859-\d+|cp\d+|koi8-[rtu]|mac-[a-z]+|big5.*|gb\w*|hz|euc_\w+"
    r"|shift_jis\w*|iso2022_\w+|johab|tis-620|kz1048|ptcp154|hp-roman8"
)
_STATEFUL = ("utf-16", "utf-32", "iso2022", "hz")  # Their bytes look like ASCII and are not.
_ONE_BYTE = ("ascii", "iso8859", "cp125", "cp8", "koi8", "mac-")  # Valid UTF-8 in one of these is UTF-8 mislabelled.


def to_text(data: bytes, declared: str = "") -> str:
    """The text, whatever was declared: bytes that fit no charset become U+FFFD. Never raises; no lone surrogates."""
    name = _known(declared)
    if data.isascii() and not name.startswith(_STATEFUL):
        return data.decode("ascii")
    for candidate in _candidates(name):
        try:
            return data.decode(candidate)
        except UnicodeError:
            continue
    return data.decode(_guess(data), "replace").encode("utf-8", "replace").decode("utf-8")


def _candidates(name: str) -> tuple[str, ...]:
    """What to try in turn before guessing; each decodes strictly or fails."""
    if name in ("ascii", "utf-8", ""):
        return ("utf-8",)
    if name == "iso8859-1":  # Mailers write this and mean Windows-1252 (WHATWG Encoding Standard, 4.2).
        return ("utf-8", "cp1252", "iso8859-1")
    if name.startswith(_ONE_BYTE):
        return ("utf-8", name)
    return (name,)


def _known(declared: str) -> str:
    """Python's own name of a charset; empty where there is none that may be used."""
    wanted = declared.strip().strip("'\"").lower()[:40]
    try:
        name = codecs.lookup(_ALIASES.get(wanted, wanted)).name
    except (LookupError, ValueError):  # ValueError: a NUL in the name.
        return ""
    return name if _CHARSETS.fullmatch(name) else ""


def _guess(data: bytes) -> str:
    """The likeliest charset of undeclared bytes; Windows-1252 where nothing is likely."""
    return _known(chardet.detect(data[:_GUESS_FROM])["encoding"] or "") or "cp1252"

"""Bytes of a mail to text, also where their charset is undeclared, unknown or wrong. Pure."""

import codecs
import re
from functools import lru_cache

import chardet

from ingest.channels.mail.japanese import from_iso2022_jp

_GUESS_FROM = 16_384  # Bytes; a guess from more is no better and costs time.
_NAME_FROM = 1_024  # Bytes of HTML in which its charset has to stand (WHATWG HTML Standard, 13.2.3.2).

# Charsets that mailers write and Python does not know by that name, or knows as less than what mailers mean: each of
# the latter is a part of the one beside it (WHATWG Encoding Standard, 4.2).
_ALIASES = {
    "iso-8859-8-i": "iso-8859-8",
    "windows-874": "cp874",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "unicode-1-1-utf-7": "utf-7",
    "x-unknown": "",
    "8bit": "",
}
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
}

# Everything that may be called a charset here. Python's registry also holds codecs that are none (hex, zip), that cost
# quadratic time (punycode, idna) or that give lone surrogates (unicode_escape).
_CHARSETS = re.compile(
    r"ascii|utf-(7|8|16|32)(-[bl]e|-sig)?|iso8859-\d+|cp\d+|koi8-[rtu]|mac-[a-z]+|big5.*|gb\w*|hz|euc_\w+"
    r"|shift_jis\w*|iso2022_\w+|johab|tis-620|kz1048|ptcp154|hp-roman8"
)
_STATEFUL = ("utf-16", "utf-32", "utf-7", "iso2022", "hz")  # Their bytes look like ASCII and are not.
_ONE_BYTE = ("ascii", "iso8859", "cp125", "cp8", "koi8", "mac-")  # Valid UTF-8 in one of these is UTF-8 mislabelled.
_LATIN = ("cp125", "iso8859", "mac-", "cp85", "cp437", "")  # What a guess says that has too little to go by.
_NOT_PLAIN = re.compile(rb"[\x00\x1b]")  # Of UTF-16 and of ISO-2022-JP.
_ESCAPES = re.compile(rb"\x1b\$[@B]|\x1b\([JI]")  # ISO-2022-JP, which announces itself.
_NAMED = re.compile(rb"""<meta[^<>]{1,200}?charset\s*+=\s*+["']?\s*+([\w:.-]{1,40})""", re.IGNORECASE)
_WHOLE_FOR_EACH_BROKEN = 4  # Characters beyond ASCII; with fewer, the declared charset is not the real one.

# GB 2312 puts its 3,755 common characters at 0xB0A1 to 0xD7FE (its level 1); Latin text has no such pairs in a row.
_COMMON_CHINESE = re.compile(rb"(?:[\xb0-\xd7][\xa1-\xfe]|[\xa1-\xa3][\xa1-\xfe]|[\x00-\x7f]){4,}+")


def to_text(data: bytes, declared: str = "") -> str:
    """The text, whatever was declared: bytes that fit no charset become U+FFFD. Never raises; no lone surrogates."""
    if not declared and data.isascii() and not _NOT_PLAIN.search(data):
        return data.decode("ascii")
    name = _known(declared) if declared else ""
    if data.isascii() and not name.startswith(_STATEFUL) and b"\x00" not in data:
        return _from_ascii(data, declared=bool(name))
    for candidate in _candidates(name, data):
        try:
            return _without_surrogates(_decoded(data, candidate))
        except UnicodeError:
            continue
    return _without_surrogates(_best_effort(data, name))


def html_to_str(data: bytes, declared: str = "") -> str:
    """As `to_text`, for HTML, which may name its charset itself where the mail does not."""
    if not _known(declared) and (named := _NAMED.search(data[:_NAME_FROM])):
        declared = named[1].decode("ascii", "replace")
        declared = "" if declared.lower().startswith("utf-16") else declared  # It could not be read if it were.
    return to_text(data, declared)


def _from_ascii(data: bytes, *, declared: bool) -> str:
    if not declared and b"\x1b" in data and _ESCAPES.search(data):
        return from_iso2022_jp(data)
    return data.decode("ascii")


def _candidates(name: str, data: bytes) -> tuple[str, ...]:
    """What to try in turn before guessing; each decodes strictly or fails."""
    if name in ("utf-16", "utf-32", "") and (wide := _wide(data)):
        return (wide,)
    if name in ("ascii", "utf-8", ""):
        return ("utf-8",)
    if name == "iso8859-1":  # Mailers write this and mean Windows-1252 (WHATWG Encoding Standard, 4.2).
        return ("utf-8", "cp1252", "iso8859-1")
    if name.startswith(_ONE_BYTE):
        return ("utf-8", name)
    if name.startswith(("utf", "iso2022")):
        return (name,)
    # Text in an East Asian charset is hardly ever valid UTF-8, and UTF-8 is hardly ever valid in one.
    return (name, "utf-8")


def _decoded(data: bytes, name: str) -> str:
    return from_iso2022_jp(data) if name.startswith("iso2022_jp") else data.decode(name)


def _best_effort(data: bytes, name: str) -> str:
    """Where nothing fits in full: the declared charset or UTF-8 if it nearly does, else the likeliest one."""
    for nearly in dict.fromkeys((name or "utf-8", "utf-8")):
        text = data.decode(nearly, "replace")
        broken = text.count("\ufffd")
        if broken * _WHOLE_FOR_EACH_BROKEN < len(text) - len(text.encode("ascii", "ignore")):
            return text
    return data.decode(_guess(data), "replace")


def _wide(data: bytes) -> str:
    """UTF-16 or UTF-32 that nobody declared or that says nothing of its byte order; empty: it is neither.

    Every script has spaces, digits or line ends, which are a zero and another byte.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-32" if data.startswith(codecs.BOM_UTF32_LE) else "utf-16"
    start = data[:_GUESS_FROM]
    zeros = start.count(0)
    if len(start) < 4 or zeros * 10 < len(start):  # noqa: PLR2004 (two characters; a tenth)
        return ""
    odd, even = start[1::2].count(0), start[::2].count(0)
    if even == 0 or odd > 9 * even:
        return "utf-16-le"
    return "utf-16-be" if odd == 0 or even > 9 * odd else ""


def _without_surrogates(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


@lru_cache(maxsize=256)
def _known(declared: str) -> str:
    """Python's own name of a charset; empty where there is none that may be used."""
    wanted = declared.strip().strip("'\"").strip().lower()[:40]
    try:
        name = codecs.lookup(_ALIASES.get(wanted, wanted)).name
    except (LookupError, ValueError):  # ValueError: a NUL in the name.
        return ""
    return _WIDER.get(name, name) if _CHARSETS.fullmatch(name) else ""


def _guess(data: bytes) -> str:
    """The likeliest charset of undeclared bytes; Windows-1252 where nothing is likely."""
    start = data[:_GUESS_FROM]
    found = _known(chardet.detect(start)["encoding"] or "")
    if found.startswith(_LATIN) and found not in _CYRILLIC and _COMMON_CHINESE.fullmatch(start):
        return "gb18030"
    return found or "cp1252"


_CYRILLIC = ("cp1251", "iso8859-5", "cp855", "cp866", "mac-cyrillic")

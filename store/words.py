"""Words as they compare, in rules and in searches: without what people type differently."""

import re
import unicodedata

MOST_WORDS = 2_000  # Different ones of a message by which it is found: of what machines write the rest is numbers.
LONGEST_WORD = 40  # Characters of such a word: what is longer is an address or a key, and is found by its beginning.

_WORD = re.compile(r"[^\W_]+")
# Marks above and below letters: combining diacritics, Arabic vowel signs and the Koranic ones, Hebrew points.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]+")
# Joiners, direction marks and the stroke that stretches Arabic words: they change how a word looks, not which it is.
_INVISIBLE = re.compile("[\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
# Letters that are typed for each other, and that no decomposition makes equal.
_SAME = (
    ("\u064a", "\u06cc"),  # Arabic and Persian yeh.
    ("\u0649", "\u06cc"),  # Alef maksura, which old Persian keyboards give for yeh.
    ("\u0643", "\u06a9"),  # Arabic and Persian kaf.
    ("\u0142", "l"),  # Polish l with stroke.
    ("\u00f8", "o"),
    ("\u0111", "d"),
)
_FOREIGN_DIGITS = re.compile("[\u0660-\u0669\u06f0-\u06f9]")


def unified(text: str) -> str:
    """The text without what people type differently: case, marks, joiners, twin letters and digits, extra space."""
    text = text.casefold()
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
        for typed, meant in _SAME:
            text = text.replace(typed, meant)
        text = _FOREIGN_DIGITS.sub(lambda digit: str(unicodedata.digit(digit.group())), text)
    return " ".join(text.split())


def normalised(text: str) -> str:
    """The same as words compare: signs left out too, one space between words, none around."""
    return " ".join(_WORD.findall(unified(text)))


def searched(*several: str) -> str:
    """The different words of these texts by which they are found, in their order, with spaces between them."""
    words = (word[:LONGEST_WORD] for word in normalised("\n".join(several)).split())
    return " ".join([*dict.fromkeys(words)][:MOST_WORDS])

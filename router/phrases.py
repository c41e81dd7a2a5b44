"""Finds all the words that all rules ask for in one pass over a text, whatever their number."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator

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


class Phrases:
    """Beginnings of words, and of rows of words, that a text may have; made once, it is never changed."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """The phrases as they are written in the settings."""
        wanted = {phrase for phrase in map(normalised, phrases) if phrase}
        self._words = frozenset(phrase for phrase in wanted if " " not in phrase)
        # How long the words are that begin with a letter: other beginnings of a text's word need no look.
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for word in self._words:
            lengths[word[0]].add(len(word))
        self._lengths = {letter: tuple(sorted(several)) for letter, several in lengths.items()}
        self._rows = frozenset(wanted - self._words)
        reaches: defaultdict[str, set[int]] = defaultdict(set)
        for row in self._rows:
            reaches[row.partition(" ")[0]].add(len(row))
        self._reaches = {first: tuple(sorted(several)) for first, several in reaches.items()}

    def found_in(self, text: str) -> frozenset[str]:
        """Those that begin where a word of this normalised text begins, in normalised form."""
        found: set[str] = set()
        words = set(text.split())
        lengths = self._lengths
        for word in words:
            if word[0] in lengths:  # Most words end here.
                found.update(word[:length] for length in lengths[word[0]])
        found &= self._words
        for first in words & self._reaches.keys():
            found.update(self._rows_from(first, f" {text} "))
        return frozenset(found)

    def _rows_from(self, first: str, padded: str) -> Iterator[str]:
        """The rows that begin with this word, wherever it stands; how many there are does not matter, only how long."""
        at = padded.find(f" {first} ")
        while at >= 0:
            for reach in self._reaches[first]:
                row = padded[at + 1 : at + 1 + reach]
                if row in self._rows:
                    yield row
            at = padded.find(f" {first} ", at + 1)

"""Finds all the words that all rules ask for in one pass over a text, whatever their number."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import itemgetter

from store.words import normalised, unified

__all__ = ["Phrases", "normalised", "unified"]

_STEM = 2  # Letters by which the words of a text are sorted out first.


class Phrases:
    """Beginnings of words, and of rows of words, that a text may have; made once, it is never changed."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """The phrases as they are written in the settings."""
        wanted = {phrase for phrase in map(normalised, phrases) if phrase}
        self._words = frozenset(phrase for phrase in wanted if " " not in phrase)
        # How long the words are that begin with the same letters: other beginnings of a text's word need no look.
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for word in self._words:
            lengths[word[:_STEM]].add(len(word))
        self._lengths = {stem: tuple(sorted(several)) for stem, several in lengths.items()}
        self._short = frozenset(word for word in self._words if len(word) < _STEM)
        self._rows = frozenset(wanted - self._words)
        reaches: defaultdict[str, set[int]] = defaultdict(set)
        for row in self._rows:
            reaches[row.partition(" ")[0]].add(len(row))
        self._reaches = {first: tuple(sorted(several)) for first, several in reaches.items()}

    def found_in(self, text: str) -> frozenset[str]:
        """Those that begin where a word of this normalised text begins, in normalised form."""
        found: set[str] = set()
        words = set(text.split())
        for word in words:
            for length in self._lengths.get(word[:_STEM], ()):  # Most words have none.
                if (beginning := word[:length]) in self._words:
                    found.add(beginning)
        found.update(self._short.intersection(map(itemgetter(0), words)) if self._short else ())
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

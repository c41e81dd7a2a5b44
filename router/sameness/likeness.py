"""How alike two messages are in what they say, by a small sketch of each; pure arithmetic, the same everywhere.

Unlike a cache of fingerprints, a sketch is compared with few others: with what the same writer wrote lately. It is
weighted by how words look rather than by how often the desk has seen them, so that the same two messages are as alike
today as they will be in a year.
"""

import math
import re
from collections.abc import Iterator
from itertools import islice
from zlib import crc32

import msgspec

from router.rules.phrases import normalised
from router.sameness.common_words import COMMON

ALIKE = 0.32  # Ours: the least likeness of one message sent twice (`python -m tests.corpora.likeness`).

_MOST_TEXT = 2_000  # Characters that are read: a message says in its beginning what it is about.
_MOST_WORDS = 96  # Words of a sketch, the weightiest; as many marks. Together less than 2 kB.
_TITLE = 120  # Characters of a first line that stands for a subject.
_BODY = 0.4  # What a word of the text weighs against one of the subject.
_ONE_SHARED = 0.75  # One shared word may be chance, nine are none: each takes a quarter off the doubt.
_OTHER_MARKS = 0.3  # What is left of the likeness of two messages that name different things.

# A run of letters and digits with what joins them: "9.4.44", "INC-1234", "app.example.com".
_JOINED = re.compile(r"[^\W_]++(?:[._:@#-][^\W_]++)*+")
_LINK = re.compile(r"https?://[^\s<>\"|\]]*+")
# What browsers say of themselves (RFC 9110, 10.1.5), which forms put into messages.
_BROWSER = re.compile(r"Mozilla/[0-9.]{1,5} \([^()\n]{0,200}\)[^\n]{0,200}")
_ENDS = ("ing", "ed", "es", "s")
_SHORTEST_STEM = 4
_LONGEST_STEM = 7  # Letters: what follows in longer words is mostly an ending, in all four languages.


class Sketch(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a message to tell whether another one says the same; none of its words can be read from it."""

    words: tuple[int, ...]  # Digests of its words, ascending.
    weights: tuple[int, ...]  # Of each of them, from 1.
    named: tuple[int, ...]  # Digests of the numbers and names that its subject has.
    marks: tuple[int, ...]  # Of all of them.

    def encoded(self) -> bytes:
        """As it is stored."""
        return msgspec.msgpack.encode(self)


def sketch_from(stored: bytes) -> Sketch:
    """The sketch that `Sketch.encoded` wrote. Raises msgspec.DecodeError for anything else."""
    return msgspec.msgpack.decode(stored, type=Sketch)


def sketch_of(subject: str, text: str) -> Sketch:
    """What is kept of a message; without a subject its first line that says something stands for one."""
    cleaned = _LINK.sub(_end_of_link, _BROWSER.sub(" ", text[: 2 * _MOST_TEXT]))[:_MOST_TEXT]
    title, in_title = _first_line(subject if subject.strip() else cleaned)
    if not in_title:
        title, in_title = _first_line(cleaned)
    weights = {word: _BODY * weight for word, weight in _weighed(cleaned).items()}
    for word, weight in in_title.items():
        weights[word] = weights.get(word, 0.0) + weight
    kept = sorted(weights, key=lambda word: (-weights[word], word))[:_MOST_WORDS]
    digests = {_digest(word): max(1, round(20 * weights[word])) for word in kept}
    marks = frozenset(islice(_marks(cleaned), _MOST_WORDS))
    named = frozenset(_marks(title)) or marks
    return Sketch(
        words=tuple(sorted(digests)),
        weights=tuple(digests[key] for key in sorted(digests)),
        named=tuple(sorted(named)),
        marks=tuple(sorted(named | marks)),
    )


def likeness(one: Sketch, other: Sketch) -> float:
    """From 0.0, nothing in common, to nearly 1.0; the same in both directions. `ALIKE` is where they say the same.

    It is the cosine of the weighted words, less where they share few of them, and much less where the subjects name
    numbers or names and none in common: "invoice 4711" and "invoice 4712" are two things.
    """
    weights = dict(zip(one.words, one.weights, strict=True))
    product, shared = 0, 0
    for word, weight in zip(other.words, other.weights, strict=True):
        if word in weights:
            product += weight * weights[word]
            shared += 1
    if not shared:
        return 0.0
    cosine = product / math.sqrt(_square(one) * _square(other))
    return cosine * (1 - _ONE_SHARED**shared) * (_OTHER_MARKS if _name_others(one, other) else 1.0)


def shared(subject: str, text: str, other: Sketch) -> tuple[str, ...]:
    """The beginnings of the words of a message that another one has too, the longest first: what a reason shows."""
    known = frozenset(other.words)
    found = {word for word in _weighed(f"{subject[:_TITLE]}\n{text[:_MOST_TEXT]}") if _digest(word) in known}
    return tuple(sorted(found, key=lambda word: (-len(word), word)))


def _square(sketch: Sketch) -> int:
    return sum(weight * weight for weight in sketch.weights)


def _name_others(one: Sketch, other: Sketch) -> bool:
    if not one.named or not other.named:
        return False
    return frozenset(one.named).isdisjoint(other.marks) and frozenset(other.named).isdisjoint(one.marks)


def _first_line(text: str) -> tuple[str, dict[str, float]]:
    """The first line that says what it is about, with its words; empty where none does."""
    for line in text.split("\n"):
        if words := _weighed(line[:_TITLE]):
            return line[:_TITLE], words
    return "", {}


def _weighed(text: str) -> dict[str, float]:
    """The stems of the words that say what it is about, each with its weight: rare words are long, or have digits."""
    found: dict[str, float] = {}
    if not text:
        return found
    for word in set(normalised(text).split()) - COMMON:
        size = len(word)
        if size < 2:  # noqa: PLR2004 (one letter, which is the rest of something)
            continue
        if word.isalpha():
            stem = _stem(word)
            if stem not in COMMON:
                found[stem] = min(size, 10) / 4
        elif word.isdigit():
            found[word] = 0.2 if size < 3 else 0.8 + 0.15 * min(size, 8)  # noqa: PLR2004 (counts and days, mostly)
        else:
            found[word] = min(size, 10) / 4 + 0.7
    return found


def _stem(word: str) -> str:
    if word.isascii():
        for end in _ENDS:
            if word.endswith(end) and len(word) - len(end) >= _SHORTEST_STEM:
                word = word[: -len(end)]
                break
    return word[:_LONGEST_STEM]


def _marks(text: str) -> Iterator[int]:
    """The numbers and names that tell one thing from another: a version, an invoice, a machine, a site."""
    for joined in _JOINED.findall(text):
        if joined.isalpha() or len(joined) == 1:
            continue
        parts = normalised(joined)
        if "." in joined or any(sign.isdigit() for sign in parts):
            yield _digest(parts)


def _end_of_link(link: re.Match[str]) -> str:
    return " " + link.group().rstrip("/").rpartition("/")[2][:80]


def _digest(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass"))

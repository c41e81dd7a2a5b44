"""What a learned model sees of a message: its words, parts of words, shape and sender, counted by kind."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from router.rules.phrases import unified
from store.records import Message

MOST_TEXT = 2_000  # Characters of a text that are looked at: what it is about is said at its beginning.
MOST_SUBJECT = 200
LONGEST_WORD = 40  # Characters of a word that are taken apart; longer ones are addresses and encoded data.
PART_LENGTHS = (2, 3, 4)  # Five and more were tried too: they cost a third more, and nothing is told better by them.
MOST_FACTS = 20

_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")
_ME = "<me>"  # Stands for the sender's own name, which says nothing of what the message is about.
_SHORTEST_NAME = 3  # Characters; shorter ones are words of some language.

Pieces = Mapping[str, Counter[str]]  # By the name of a kind.


class Kind(NamedTuple):
    """A sort of pieces, and how much it counts beside the others."""

    name: str
    weight: float
    rarest: int  # In how many messages a piece must have been to be learned from.


# Found by trying on earlier and later tickets of one desk, which single sentences of another hardly mind; the page
# docs/learning.md says how well that goes.
KINDS = (
    Kind("word", 0.7, 1),
    Kind("part", 1.4, 2),
    Kind("subject word", 0.25, 2),
    Kind("subject part", 0.7, 2),
    Kind("template", 0.4, 2),
    Kind("shape", 0.5, 2),
    Kind("sender", 0.4, 1),
)


def pieces(message: Message, key: bytes) -> Pieces:
    """All pieces of a message; `key` turns senders into digests that nobody without it can look up.

    A message without any words has its shape and its sender alone.
    """
    own = frozenset(_own_words(message))
    subject = _without(own, unified(message.subject[:MOST_SUBJECT]))
    text = _without(own, unified(message.text[:MOST_TEXT]))
    whole = f"{subject} {text}"
    return {
        "word": Counter(_words(whole)),
        "part": Counter(_parts(whole)),
        "subject word": Counter(_words(subject)),
        "subject part": Counter(_parts(subject)),
        "template": Counter(_templates(subject)),
        "shape": Counter(_shape(message, subject, text)),
        "sender": Counter(_sender(message, key)),
    }


def _own_words(message: Message) -> Iterator[str]:
    """The words of the sender's name and of what stands before the @ of their address."""
    local = message.sender.value.partition("@")[0] if message.sender.kind == "mail" else ""
    for word in _WORD.findall(unified(f"{message.sender.name} {local}")[:MOST_SUBJECT]):
        if len(word) >= _SHORTEST_NAME:
            yield word


def _without(own: frozenset[str], text: str) -> str:
    if not own:
        return text
    return _WORD.sub(lambda word: _ME if word[0] in own else word[0], text)


def _words(text: str) -> Iterator[str]:
    words = _WORD.findall(text)
    yield from words
    for first, second in pairwise(words):
        yield f"{first} {second}"


def _parts(text: str) -> Iterator[str]:
    for word, times in Counter(text.split()).items():
        padded = f" {word[:LONGEST_WORD]} "
        for length in PART_LENGTHS:
            for at in range(len(padded) - length + 1):
                part = padded[at : at + length]
                for _ in range(times):
                    yield part


def _templates(subject: str) -> Iterator[str]:
    """How it begins, and the whole without its numbers: what alerts and forms have in common.

    Nothing where there is none: the first words of a chat are a greeting or any others.
    """
    if not subject:
        return
    words = _WORD.findall(subject)
    for length in (1, 2, 3):
        yield f"begins {' '.join(words[:length])}"
    yield _DIGITS.sub("0", subject)


def _shape(message: Message, subject: str, text: str) -> Iterator[str]:
    yield f"channel {message.channel}"
    yield f"language {message.language}"
    yield f"written by {'a machine' if message.automated else 'a person'}"
    yield f"files {min(len(message.attachments), 3)}"
    yield f"length {len(text).bit_length()}"  # In powers of two.
    yield f"lines {message.text[:MOST_TEXT].count(chr(10)).bit_length()}"
    if subject == text:
        yield "the subject says all"
    for fact in message.facts[:MOST_FACTS]:
        yield f"fact {fact.name} {fact.value[:LONGEST_WORD]}"


def _sender(message: Message, key: bytes) -> Iterator[str]:
    if message.sender.value:
        writer = f"{message.sender.kind}:{message.sender.value}".encode()
        yield hashlib.blake2b(writer, key=key, digest_size=12).hexdigest()


def sender_key(secret: bytes) -> bytes:
    """What senders are made digests with, from what the desk signs with; the one does not give the other away."""
    return hashlib.blake2b(b"senders of a learned model", key=hashlib.sha256(secret).digest()).digest()

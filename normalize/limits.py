"""A message that fits a record, however many files, fields and ancestors the sender gave it."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from store.records import MAX_REFERENCES, Message
from store.topics import MAX_RECORD

MAX_ATTACHMENTS = 200  # Ours: what a person can look through; the original keeps all of them.
MAX_FACTS = 100  # Ours: twice the fields that a form takes by default.
MAX_TOKENS = 10  # `tokens.candidates` gives as many.
_ROOM = MAX_RECORD - 64 * 1024  # Bytes; an event wraps the message into more fields.
_FEW = 10  # What stays of each list where the whole does not fit.
_BYTES_A_SIGN = 4  # The most that UTF-8 takes; JSON doubles only quotes and backslashes.


def keep_within_limits(message: Message) -> Message:
    """The step: lists cut to their limits; where the record is still too large, the quoted text goes first.

    Of a long chain of references the first and the last stay: the root of the thread and the nearest ancestors.
    """
    message = replace(
        message,
        references=_ends(message.references, MAX_REFERENCES),
        tokens=message.tokens[:MAX_TOKENS],
        attachments=message.attachments[:MAX_ATTACHMENTS],
        facts=message.facts[:MAX_FACTS],
    )
    if _signs(message) * _BYTES_A_SIGN <= _ROOM or len(msgspec.json.encode(message)) <= _ROOM:
        return message
    return replace(
        message,
        quoted="",
        references=_ends(message.references, _FEW),
        attachments=message.attachments[:_FEW],
        facts=message.facts[:_FEW],
    )


def _ends(items: Sequence[str], most: int) -> tuple[str, ...]:
    return tuple(items) if len(items) <= most else (items[0], *items[1 - most :])


def _signs(message: Message) -> int:
    """Characters of all that may be long, and a guess for the fields around them."""
    lists = (
        sum(map(len, message.references)),
        sum(len(file.name) + len(file.content_type) + 128 for file in message.attachments),
        sum(len(fact.name) + len(fact.value) + 32 for fact in message.facts),
    )
    return len(message.text) + len(message.quoted) + sum(lists) + 4096

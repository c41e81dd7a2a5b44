"""A message that fits a record, however many files, fields and ancestors the sender gave it."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from store.records import MAX_OTHERS, MAX_REFERENCES, Message
from store.topics import MAX_RECORD

MAX_ATTACHMENTS = 200  # Ours: what a person can look through; the original keeps all of them.
MAX_FACTS = 100  # Ours: twice the fields that a form takes by default.
MAX_TOKENS = 10  # `tokens.candidates` gives as many.
_ROOM = MAX_RECORD - 64 * 1024  # Bytes; an event wraps the message into more fields.
_FEW = 10  # What stays of each list where the whole does not fit.
_BYTES_A_SIGN = 4  # The most that UTF-8 takes; JSON doubles only quotes and backslashes.


def keep_within_limits(message: Message) -> Message:
    """The step: lists cut to their limits; where the record is still too large, other forms of the text go first.

    That is the HTML, then the text of a forwarded mail, which `text` or an attachment holds too, then what was quoted.
    Of a long chain of references the first and the last stay: the root of the thread and the nearest ancestors.
    """
    message = replace(
        message,
        references=_ends(message.references, MAX_REFERENCES),
        tokens=message.tokens[:MAX_TOKENS],
        others=message.others[:MAX_OTHERS],
        attachments=message.attachments[:MAX_ATTACHMENTS],
        facts=message.facts[:MAX_FACTS],
    )
    for smaller in (_whole, _without_html, _without_forwarded_text):
        message = smaller(message)
        if _fits(message):
            return message
    return replace(
        message,
        quoted="",
        references=_ends(message.references, _FEW),
        others=message.others[:_FEW],
        attachments=message.attachments[:_FEW],
        facts=message.facts[:_FEW],
    )


def _whole(message: Message) -> Message:
    return message


def _without_html(message: Message) -> Message:
    return replace(message, html="")


def _without_forwarded_text(message: Message) -> Message:
    return message if message.forwarded is None else replace(message, forwarded=replace(message.forwarded, text=""))


def _fits(message: Message) -> bool:
    """Whether the record has room for it; it is written out only where a guess does not tell."""
    return _signs(message) * _BYTES_A_SIGN <= _ROOM or len(msgspec.json.encode(message)) <= _ROOM


def _ends(items: Sequence[str], most: int) -> tuple[str, ...]:
    return tuple(items) if len(items) <= most else (items[0], *items[1 - most :])


def _signs(message: Message) -> int:
    """Characters of all that may be long, and a guess for the fields around them."""
    lists = (
        sum(map(len, message.references)),
        sum(len(file.name) + len(file.content_type) + 128 for file in message.attachments),
        sum(len(other.value) + len(other.name) + 32 for other in message.others),
        sum(len(fact.name) + len(fact.value) + 32 for fact in message.facts),
    )
    texts = (message.text, message.quoted, message.html, message.forwarded.text if message.forwarded else "")
    return sum(map(len, texts)) + sum(lists) + 4096

"""What is known of the mail that a report gives back: its ids, and whom it was sent to. Pure."""

import re
from collections.abc import Iterator

from ingest.channels.mail.bounces.addresses import addresses_in
from ingest.channels.mail.bounces.letter import Letter
from ingest.channels.mail.charset import to_text
from ingest.channels.mail.headers import Headers, split_header

MAX_IDS = 20

# In text a field may be quoted, indented, and broken after its name.
_ID = re.compile(
    r"^[>\s|*]{0,8}(?:x-)?(?:original[- ])?message-?\s?id\s{0,3}[:=]\s{0,40}(<[^<>\s]{1,250}>)",
    re.IGNORECASE | re.MULTILINE,
)
_FOR = re.compile(rb"\bfor\s{1,10}<([^<>\s]{3,254})>")


def ids_of(letter: Letter) -> tuple[str, ...]:
    """The Message-IDs of the mail that came back, the surest last: enclosed, before it quoted, before it answered.

    So does an answer put what it answers last (RFC 5322, 3.6.4).
    """
    enclosed = (found for headers in _headers(letter) for found in headers.ids("message-id")[:2])
    text = "\n".join((letter.text, letter.given_back, *letter.status, *letter.feedback))
    quoted = (match[1] for match, _ in zip(_ID.finditer(text), range(MAX_IDS), strict=False))
    answered = reversed(letter.headers.ids("references", "in-reply-to"))
    own = set(letter.headers.ids("message-id"))
    surest = dict.fromkeys(found for found in (*enclosed, *quoted, *answered) if found not in own and found.isascii())
    return tuple(reversed(tuple(surest)[:MAX_IDS]))


def sole_recipient(letter: Letter) -> str:
    """Whom the mail was sent to, where it was one: by its newest Received field, else by To; empty where unknown."""
    for headers in _headers(letter):
        received = headers.all("received")[:1]
        if received and (match := _FOR.search(received[0][:1000])):
            return next(addresses_in(to_text(match[1])), "")
        named = set(_to(headers))
        if len(named) == 1:
            return named.pop()
    return ""


def _to(headers: Headers) -> Iterator[str]:
    for value in headers.all("to")[:2]:
        yield from addresses_in(to_text(value[:1000]))


def _headers(letter: Letter) -> Iterator[Headers]:
    for content in letter.enclosed:
        yield Headers(split_header(content.lstrip())[0])
    if letter.given_back:
        start = _first_field(letter.given_back)
        yield Headers(split_header(letter.given_back[start:].replace("\n", "\r\n").encode("utf-8", "replace"))[0])


_BEGINS = re.compile(r"^[A-Za-z][A-Za-z-]{1,40}: ?\S", re.MULTILINE)


def _first_field(text: str) -> int:
    match = _BEGINS.search(text)
    return match.start() if match else 0

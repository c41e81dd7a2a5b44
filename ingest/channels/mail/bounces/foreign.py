"""Whom a report names as failed, by flufl.bounce, which knows the formats of thirty years. Pure, and bounded.

It is asked only about what is held to be a report already, and gets no more than the first lines of its text: its
patterns take quadratic time in a line.
"""

from email.message import Message
from typing import NamedTuple

from flufl.bounce import all_failures

from ingest.channels.mail.bounces.addresses import address_of
from ingest.channels.mail.bounces.letter import Letter
from ingest.channels.mail.charset import to_text

_LINES = 80
_LINE = 200  # Characters.
_FIELDS = ("from", "subject", "x-mailer")


class Named(NamedTuple):
    """The addresses that it found, each in lower case."""

    failed: tuple[str, ...]
    delayed: tuple[str, ...]


def named_by_flufl(letter: Letter) -> Named:
    """What the library finds; nothing where it finds nothing or gives up."""
    try:
        delayed, failed = all_failures(_as_message(letter))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return Named((), ())  # It meets what its authors did not think of.
    return Named(_addresses(failed), _addresses(delayed))


def _as_message(letter: Letter) -> Message:
    """As the library expects it: the text alone, or as the first part of many."""
    whole = Message()
    for name in _FIELDS:
        value = to_text(letter.headers.first(name))[:_LINE]
        if value:
            whole[name] = " ".join(value.split())
    # The line above the mail that came back tells it where to stop.
    lines = [*letter.text.split("\n")[:_LINES], *letter.given_back.split("\n")[:1]]
    body = "".join(f"{line[:_LINE]}\n" for line in lines)
    if not letter.kind.startswith("multipart/"):
        whole["content-type"] = "text/plain; charset=utf-8"
        whole.set_payload(body.encode("ascii", "replace").decode("ascii"))
        return whole
    whole["content-type"] = letter.kind.split(" ", 1)[0]
    text = Message()
    text["content-type"] = "text/plain"
    text["content-description"] = "notification"
    text.set_payload(body.encode("ascii", "replace").decode("ascii"))
    end = Message()
    end["content-type"] = "text/rfc822-headers"
    end.set_payload("")
    whole.set_payload([text, end])
    return whole


def _addresses(found: frozenset[bytes]) -> tuple[str, ...]:
    addresses = (address_of(to_text(address)) for address in sorted(found))
    return tuple(address for address in addresses if address)

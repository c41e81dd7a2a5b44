"""Tokens by which our own replies are recognised: who may add to which ticket, until when, and a MAC over it all.

They stand in reply addresses and inside our Message-IDs, whose local parts get case-folded on the way: digits, lower
case letters and "-" only, 120 bits of MAC in base32, 42 characters for a usual ticket.
"""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from store.records import Address

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MAC_BYTES = 15  # 120 bits: 24 characters of base32 without padding.
_DAY_ZERO = datetime(2020, 1, 1, tzinfo=UTC)

# No quantifier is nested and each is bounded, so that hostile text costs linear time.
# In either case, because a token is valid in both: what is looked for so that it can be hidden is found in both.
PATTERN = re.compile(
    r"t([0-9a-z]{1,13})-([0-9a-f]{10})-([csnb])([0-9a-z]{1,4})-([a-z2-7]{24})", re.IGNORECASE | re.ASCII
)


class Token(NamedTuple):
    """What a token says, once its MAC holds."""

    ticket: int
    actor: str  # `actor_of` the person it was made out to.
    # "c": a customer or participant may add to the ticket. "s": a technician may act on it, and plain words answer its
    # customer; "n": the same, and plain words are a note. "b": a bounce of what was sent to this person comes back.
    purpose: str


def actor_of(address: Address) -> str:
    """A short name of a person that tells strangers nothing."""
    return hashlib.sha256(f"{address.kind}\x1f{address.value}".encode()).hexdigest()[:10]


def sign(key: bytes, token: Token, *, now: datetime, lifetime: timedelta) -> str:
    """The token as text; the same for all signings of a day, so that a retry is byte-identical."""
    until = (now + lifetime - _DAY_ZERO).days
    body = f"t{_base36(token.ticket)}-{token.actor}-{token.purpose}{_base36(until)}"
    return f"{body}-{_mac(key, body)}"


def verify(key: bytes, text: str, *, now: datetime) -> Token | None:
    """The first valid token in a text, upper or lower case; None where there is none, or it is forged or expired."""
    for match in PATTERN.finditer(text.lower()):
        ticket, actor, purpose, until, mac = match.groups()
        body = match.group(0).removesuffix(f"-{mac}")
        if hmac.compare_digest(_mac(key, body), mac) and int(until, 36) >= (now - _DAY_ZERO).days:
            return Token(int(ticket, 36), actor, purpose)
    return None


def candidates(text: str) -> tuple[str, ...]:
    """What looks like tokens, at most ten; finding them needs no key."""
    return tuple(match.group(0) for match, _ in zip(PATTERN.finditer(text.lower()), range(10), strict=False))


def pointed(text: str) -> int | None:
    """The ticket that the first thing like a token names, whoever made it up; None where there is nothing like one."""
    match = PATTERN.search(text.lower())
    return int(match[1], 36) if match else None


def masked(text: str) -> str:
    """The text with what makes a token valid taken out, so that it can be shown."""
    return PATTERN.sub(lambda match: match.group(0).removesuffix(match[5]) + "…", text)


def _mac(key: bytes, body: str) -> str:
    mac = hmac.new(key, b"deskwire token v1\x00" + body.encode(), hashlib.sha256).digest()
    return base64.b32encode(mac[:_MAC_BYTES]).decode().lower()


def _base36(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text or "0"

"""Submission ids: each page with a form carries one, signed, so that a double click is one message.

A browser gives the id back exactly as the page had it; it is compared without regard to case all the same, because it
also travels through copied pages and programs of other people.
"""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

from store.codec import digest_of

LIFETIME = timedelta(hours=24)  # A page that was left open overnight can still be sent.
NONCE_BYTES = 16  # 128 random bits: ids of two pages never meet.

_AHEAD = timedelta(minutes=5)  # How far the clock of another process of ours may run ahead.
_MAC_BYTES = 15  # 120 bits: 24 characters of base32 without padding.
_CHECK_BYTES = 10  # 80 bits against guessing, of which each guess costs a request.
_SUBMISSION = re.compile(r"([0-9a-f]{1,10})-[a-z2-7]{26}-([a-z2-7]{24})")
_REFERENCE = re.compile(r"([a-z2-7]{24})([a-z2-7]{16})")


def issue(key: bytes, channel: str, *, now: datetime, nonce: bytes) -> str:
    """A new id for a page of this channel. `nonce`: NONCE_BYTES that are random and used once."""
    body = f"{int(now.timestamp()):x}-{_base32(nonce)}"
    return f"{body}-{_mac(key, 'submission', channel, body, size=_MAC_BYTES)}"


def verify(key: bytes, channel: str, text: str, *, now: datetime) -> str | None:
    """The id in its one canonical form; None where it is forged, of another channel, or older than LIFETIME."""
    submission = text.lower()
    match = _SUBMISSION.fullmatch(submission)
    if match is None:
        return None
    issued, mac = match.groups()
    body = submission.removesuffix(f"-{mac}")
    if not hmac.compare_digest(_mac(key, "submission", channel, body, size=_MAC_BYTES), mac):
        return None
    age = now - datetime.fromtimestamp(int(issued, 16), tz=UTC)
    return submission if -_AHEAD <= age <= LIFETIME else None


def reference_of(key: bytes, channel: str, submission: str, words: bytes) -> str:
    """The unguessable name of what was sent: equal for a repetition, and another one for other words.

    `submission` is canonical (`verify`); `words` is all that the customer typed. Words that were changed and sent with
    the same id are a message of their own, because nothing that was accepted may be lost.
    """
    name = _mac(key, "reference", channel, submission, digest_of(words), size=_MAC_BYTES)
    return name + _mac(key, "check", channel, name, size=_CHECK_BYTES)


def is_reference(key: bytes, channel: str, text: str) -> bool:
    """Whether `reference_of` made it for this channel, so that a page can be shown before anything is stored."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return False
    name, check = match.groups()
    return hmac.compare_digest(_mac(key, "check", channel, name, size=_CHECK_BYTES), check)


def fingerprint_of(channel: str, reference: str) -> str:
    """`Message.fingerprint` of what was sent under this reference."""
    return digest_of(channel.encode(), reference.encode())


def _mac(key: bytes, purpose: str, *parts: str, size: int) -> str:
    text = "\x00".join((f"deskwire form {purpose} v1", *parts))
    return _base32(hmac.new(key, text.encode(), hashlib.sha256).digest()[:size])


def _base32(value: bytes) -> str:
    return base64.b32encode(value).decode().rstrip("=").lower()

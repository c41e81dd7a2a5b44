"""The message that stands for a payload which could not be read, so that its sender still gets a ticket."""

import hashlib
import re

from store.codec import derived_id, digest_of
from store.records import WHOLE_ORIGINAL, Address, Attachment, Message, Proof, RawMessage

_MAIL = "message/rfc822"
_LONGEST = 254  # Characters of an address (RFC 5321 4.5.3.1.3, less the angle brackets).

# An address that needs no thought: RFC 5321's Dot-string at dotted names. Whatever else came is no one's.
_ADDRESS = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z0-9-]{2,63}", re.ASCII)


def fallback(raw: RawMessage, why: str, *, name: str) -> Message:
    """A message without words, whose `unreadable` says why, with the original attached.

    `name` tells this record from others of the same payload. The sender is who the envelope claims, and no answer goes
    out by itself, because nothing of the payload was understood: it may be a machine's.
    """
    content = raw.blob or hashlib.sha256(raw.payload).hexdigest()  # A blob's key is that very hash.
    sender, proof = _sender(raw)
    return Message(
        id=derived_id(raw.id, name),
        raw=raw.id,
        channel=raw.channel,
        sender=sender,
        proof=proof,
        unreadable=why,
        attachments=(_original(raw, content),),
        received_at=raw.received_at,
        fingerprint=digest_of(raw.channel.encode(), name.encode(), content.encode()),
    )


def _original(raw: RawMessage, digest: str) -> Attachment:
    """The payload itself as a file; the size of one that is in a blob is not known here."""
    name = "original.eml" if raw.content_type == _MAIL else "original"
    return Attachment(
        name=name, content_type=raw.content_type, size=len(raw.payload), digest=digest, part=WHOLE_ORIGINAL
    )


def _sender(raw: RawMessage) -> tuple[Address, Proof]:
    claimed = raw.envelope.sender.strip().lower()
    if raw.content_type == _MAIL and len(claimed) <= _LONGEST and _ADDRESS.fullmatch(claimed):
        return Address(kind="mail", value=claimed), Proof.CLAIMED
    kind = "mail" if raw.content_type == _MAIL else raw.channel
    return Address(kind=kind, value=""), Proof.ANONYMOUS

"""What is left of a record that cannot be processed: its ids, and for a customer's message a stand-in that says so."""

import re

import msgspec

from store.codec import decode_routed, derived_id
from store.errors import Permanent
from store.records import Action, Address, DeadLetter, Message, Proof, ReplyPath

_LONGEST = 320  # Octets of a mail address (RFC 3696, erratum 1690); a longer value is no address at all.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # What databases refuse, or nobody can see.


class Remains(msgspec.Struct, frozen=True, kw_only=True):
    """A dead record as far as it can be told."""

    id: str  # Empty where the bytes are no record: then the letter alone accounts for them.
    raw: str = ""
    fingerprint: str = ""
    stand_in: Message | None = None  # None: it was no customer's message.


class _Glimpse(msgspec.Struct, frozen=True):
    """What can be seen of a record whose other fields are broken."""

    type: str = ""
    id: str = ""
    raw: str = ""
    channel: str = ""


class _Outer(msgspec.Struct, frozen=True):
    record: _Glimpse = _Glimpse()


def remains_of(letter: DeadLetter) -> Remains:
    """What can be told of the record in this letter."""
    try:
        record = decode_routed(letter.value)
    except Permanent:
        return _glimpsed(letter)
    if isinstance(record, Action):
        return Remains(id=record.id)
    stand_in = _stand_in(record, letter) if isinstance(record, Message) else None
    return Remains(id=record.id, raw=_clean(record.raw), fingerprint=_clean(record.fingerprint), stand_in=stand_in)


def _glimpsed(letter: DeadLetter) -> Remains:
    try:
        seen = msgspec.json.decode(letter.value, type=_Outer).record
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Remains(id="")
    if seen.type != "message" or not seen.id:
        return Remains(id=seen.id, raw=_clean(seen.raw))
    stand_in = Message(
        id=seen.id,
        raw=_clean(seen.raw),
        channel=_clean(seen.channel),
        sender=Address(kind="", value=""),
        proof=Proof.ANONYMOUS,
        received_at=letter.first_at,
        fingerprint=derived_id("fingerprint of", letter.id),
        unreadable=letter.reason,
    )
    return Remains(id=seen.id, raw=stand_in.raw, fingerprint=stand_in.fingerprint, stand_in=stand_in)


def _stand_in(message: Message, letter: DeadLetter) -> Message:
    """Who wrote, and how to answer; nothing of what they wrote, since that may be what broke."""
    sender, path = message.sender, message.reply_path
    known = len(sender.value) <= _LONGEST and sender.value == _clean(sender.value)
    return Message(
        id=message.id,
        raw=_clean(message.raw),
        channel=_clean(message.channel),
        sender=Address(kind=sender.kind, value=sender.value) if known else Address(kind="", value=""),
        proof=message.proof if known else Proof.ANONYMOUS,
        reply_path=ReplyPath(channel=_clean(path.channel), address=_clean(path.address)) if path and known else None,
        addressed=message.addressed,
        automated=_clean(message.automated),
        subject=_clean(message.subject)[:_LONGEST],
        received_at=letter.first_at,
        fingerprint=_clean(message.fingerprint),
        unreadable=letter.reason,
    )


def _clean(text: str) -> str:
    return _CONTROLS.sub("", text)

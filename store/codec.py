"""Records to bytes and back: JSON with a version, so that a log can be read by people and by later code."""

import hashlib
from typing import TypeVar
from uuid import UUID, uuid5

import msgspec

from store.errors import Permanent
from store.events import TicketEvent
from store.records import VERSION, Action, DeadLetter, Inbound, Message, RawMessage

Topical = RawMessage | Inbound | Action | TicketEvent | DeadLetter
Wanted = TypeVar("Wanted")


class _Versioned(msgspec.Struct, frozen=True):
    """What stands around a record on a topic."""

    v: int
    record: msgspec.Raw


def encode(record: Topical) -> bytes:
    """The record as it is written to a topic."""
    return b'{"v":%d,"record":%s}' % (VERSION, msgspec.json.encode(record))


def decode(value: bytes, kind: type[Wanted]) -> Wanted:
    """The record of this class that `encode` wrote.

    Raises Permanent where the bytes are not such a record, or where a newer version wrote them.
    """
    return _decoded(value, msgspec.json.Decoder(kind))


def decode_inbound(value: bytes) -> Inbound:
    """A record of topic `messages`; raises as `decode` does."""
    return _decoded(value, _INBOUND)


def decode_kept(value: bytes) -> Message | Action:
    """A record that a ticket's message was kept as; raises as `decode` does."""
    return _decoded(value, _KEPT)


def decode_routed(value: bytes) -> Inbound | Action:
    """A record of topic `messages` or `actions`; raises as `decode` does."""
    return _decoded(value, _ROUTED)


# A decoder of a union is told its type, which no checker sees in the union itself.
_INBOUND: msgspec.json.Decoder[Inbound] = msgspec.json.Decoder(Inbound)
_KEPT: msgspec.json.Decoder[Message | Action] = msgspec.json.Decoder(Message | Action)
_ROUTED: msgspec.json.Decoder[Inbound | Action] = msgspec.json.Decoder(Inbound | Action)
_VERSIONED = msgspec.json.Decoder(_Versioned)


def _decoded(value: bytes, decoder: msgspec.json.Decoder[Wanted]) -> Wanted:
    try:
        outer = _VERSIONED.decode(value)
        if outer.v > VERSION:
            raise Permanent(
                f"a record of version {outer.v} was found, and this program reads up to {VERSION}: "
                "upgrade this process to the release that wrote it"
            )
        return decoder.decode(outer.record)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Permanent(f"the bytes on the topic are not the record that was expected there: {error}") from error


class _Named(msgspec.Struct, frozen=True):
    id: str = ""


class _Outer(msgspec.Struct, frozen=True):
    record: _Named = _Named()


def id_of(value: bytes) -> str:
    """The id of an encoded record of any kind; empty where the bytes are no record."""
    try:
        return msgspec.json.decode(value, type=_Outer).record.id
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


_NAMESPACE = UUID("6f0e8f3e-9a0b-5d0e-8f5c-5d2f7a9c1e44")


def derived_id(*parts: str) -> str:
    """An id that is the same for the same parts, in any process at any time."""
    return uuid5(_NAMESPACE, "\x1f".join(parts)).hex


def digest_of(*parts: bytes) -> str:
    """SHA-256 over the parts, hexadecimal; a length before each keeps ("ab", "c") and ("a", "bc") apart."""
    state = hashlib.sha256()
    for part in parts:
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.hexdigest()

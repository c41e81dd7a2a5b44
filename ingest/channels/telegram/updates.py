"""Takes an answer of the Bot API apart without changing a byte of an update; pure."""

import json
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from ingest.channels.telegram.decode import source_of
from ingest.channels.telegram.fields import read


class Update(NamedTuple):
    """One update, as Telegram gave it."""

    number: int  # Its `update_id`, by which it is confirmed.
    source: str  # Whose messages it must stay in order with; empty: nobody's.
    payload: bytes  # JSON, unknown fields included.


class _Answer(msgspec.Struct, frozen=True):
    result: tuple[msgspec.Raw, ...]


def updates_of(answer: bytes) -> Sequence[Update]:
    """The updates of an answer to `getUpdates`, in order. Raises ValueError where it holds anything else."""
    found: list[Update] = []
    for payload in _slices(answer):
        update = read(payload)
        number = update.number("update_id")
        if number is None:
            raise ValueError("an update without a number cannot be confirmed")
        found.append(Update(number, source_of(update), payload))
    return found


def _slices(answer: bytes) -> Sequence[bytes]:
    try:
        return [bytes(raw) for raw in msgspec.json.decode(answer, type=_Answer).result]
    except (msgspec.DecodeError, UnicodeDecodeError):
        # msgspec refuses half a surrogate pair, which JSON allows and a customer can write: RFC 8259, section 8.2.
        whole: object = json.loads(answer.decode("utf-8", "replace"))
    match whole:
        case {"result": [*updates]}:
            return [json.dumps(update).encode() for update in updates]
    raise ValueError("it has no list of updates")

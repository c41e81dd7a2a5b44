"""What the sandbox and its children say to each other: frames of MessagePack over a socket.

Payloads follow the frame that announces them as they are: a large one is copied nowhere on its way.
"""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from store.records import RawMessage

LENGTH = 4  # Bytes before each frame that count the rest, big-endian.
NOTE = 8  # Bytes of the file in which a child counts the messages that it began, big-endian.

Buffer = bytes | bytearray | memoryview


class Decoder(msgspec.Struct, frozen=True, kw_only=True):
    """How a channel's payloads are read."""

    channel: str  # The configured name.
    function: str  # "module:function", which a child imports: `ingest.channel`, `DECODER`.
    extractor: str = ""  # The same of what finds files in its payloads (`EXTRACTOR`); empty: they hold none.
    settings: msgspec.Struct  # What the function gets beside the payload; without secrets.


class DecoderOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A decoder as it travels: its settings by the name of their class, so that nothing is ever unpickled."""

    channel: str
    function: str
    extractor: str
    kind: str  # "module:Class" of the settings.
    settings: bytes


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """The first frame that a child gets."""

    decoders: tuple[DecoderOrder, ...]
    cpu_seconds: float
    memory: int  # Bytes above what the child takes when it is ready.
    parent: int  # The process without which it must not live.


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """The first frame that a child sends."""

    trouble: str = ""  # Why it cannot work; empty: it can.


class Batch(msgspec.Struct, frozen=True, array_like=True, tag="batch"):
    """Payloads to be read; they follow one after the other."""

    raws: tuple[RawMessage, ...]  # Without their payloads.
    sizes: tuple[int, ...]  # Bytes of each payload.


class Errand(msgspec.Struct, frozen=True, array_like=True, tag="errand"):
    """A file to be cut out of the payload that follows."""

    channel: str
    part: int  # As in `Attachment`.
    member: int
    most: int  # Bytes that the file may have.
    size: int  # Bytes of the payload.


class Decoded(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """What became of a payload: its records, encoded as they go to their topics (`store.codec.encode`)."""

    messages: tuple[bytes, ...] = ()
    actions: tuple[bytes, ...] = ()


class Failure(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """Why a payload gave no records."""

    kind: str  # "killed": it took too much, and will again; "error": a defect of ours, which a release may mend.
    reason: str  # In plain words; for an error its class and place. Never a word of the message.


class Found(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """What came of an errand."""

    content: bytes | None  # None: the payload has no such file.


Outcome = Decoded | Failure
Answer = Found | Failure

_ORDERS = msgspec.msgpack.Decoder(Orders)
_READY = msgspec.msgpack.Decoder(Ready)
_WORK: msgspec.msgpack.Decoder[Batch | Errand] = msgspec.msgpack.Decoder(Batch | Errand)
_OUTCOMES = msgspec.msgpack.Decoder(list[Outcome])
_ANSWER: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)
_ENCODER = msgspec.msgpack.Encoder()


def order_of(decoder: Decoder) -> DecoderOrder:
    """The decoder as it travels."""
    kind = type(decoder.settings)
    return DecoderOrder(
        channel=decoder.channel,
        function=decoder.function,
        extractor=decoder.extractor,
        kind=f"{kind.__module__}:{kind.__qualname__}",
        settings=_ENCODER.encode(decoder.settings),
    )


def frame(content: Orders | Ready | Batch | Errand | Sequence[Outcome] | Answer) -> bytes:
    """A whole frame."""
    body = _ENCODER.encode(content)
    return len(body).to_bytes(LENGTH, "big") + body


def batch_of(raws: Sequence[RawMessage]) -> Batch:
    """The frame that announces these."""
    return Batch(tuple(replace(raw, payload=b"") for raw in raws), tuple(len(raw.payload) for raw in raws))


def read_orders(body: bytes) -> Orders:
    """The content of a frame; raises msgspec.DecodeError for anything else, as the others do."""
    return _ORDERS.decode(body)


def read_ready(body: Buffer) -> Ready:
    """As `read_orders`."""
    return _READY.decode(body)


def read_work(body: bytes) -> Batch | Errand:
    """As `read_orders`."""
    return _WORK.decode(body)


def read_outcomes(body: Buffer) -> list[Outcome]:
    """As `read_orders`."""
    return _OUTCOMES.decode(body)


def read_answer(body: Buffer) -> Answer:
    """As `read_orders`."""
    return _ANSWER.decode(body)

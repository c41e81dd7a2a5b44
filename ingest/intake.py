"""The one door in: caps a payload's size, names it, puts large ones into a blob and publishes it to `raw`."""

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from store.blobs import Blobs, BlobWriter, KeptBlob
from store.bus import Bus, Entry
from store.codec import encode
from store.errors import Permanent
from store.records import Action, Envelope, RawMessage
from store.topics import ACTIONS, MAX_RECORD, RAW, source_key


class Intake:
    """Accepts payloads for all channels; what it has accepted is durable."""

    def __init__(
        self,
        bus: Bus,
        blobs: Blobs,
        *,
        max_payload: int,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        """`max_payload` in bytes; `new_id` gives ids that never repeat."""
        self._bus = bus
        self._blobs = blobs
        self._max_payload = max_payload
        self._now = now
        self._new_id = new_id

    async def accept(
        self, *, channel: str, source: str, payload: bytes | KeptBlob, content_type: str, envelope: Envelope
    ) -> str:
        """Keep the payload, or note where it is kept, and return its id; it is durable then, and not before.

        `source` decides order (`topics.source_key`). Raises Permanent for a payload that is too large, Temporary where
        the log or the blobs do not take it now: the client must be asked to come again.
        """
        size = len(payload) if isinstance(payload, bytes) else payload.size
        if size > self._max_payload:
            raise Permanent(f"a payload of {size} bytes was offered to {channel}, and {self._max_payload} is the most")
        raw = RawMessage(
            id=self._new_id(),
            channel=channel,
            received_at=self._now(),
            content_type=content_type,
            envelope=envelope,
        )
        value = b""
        if isinstance(payload, bytes) and size <= MAX_RECORD:
            value = encode(replace(raw, payload=payload))
        if not value or len(value) > MAX_RECORD:
            key = payload.key if isinstance(payload, KeptBlob) else await self._blobs.put(payload)
            value = encode(replace(raw, blob=key))
        await self._bus.publish(RAW, [Entry(source_key(channel, source), value)])
        return raw.id

    async def begin(self) -> BlobWriter:
        """A place for a payload that comes piece by piece and may be too large for memory; raises as `Blobs.begin`."""
        return await self._blobs.begin()

    async def act(self, action: Action) -> None:
        """Keep an action for the router; durable on return. Raises Temporary as `accept` does."""
        key = str(action.ticket) if action.ticket is not None else action.item
        await self._bus.publish(ACTIONS, [Entry(key, encode(action))])

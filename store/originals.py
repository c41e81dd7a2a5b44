"""The bytes of every message as they came, for as long as messages are kept."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, select, update

from store.blobs import Blobs
from store.bus import Reader
from store.codec import decode
from store.database import Database
from store.errors import Permanent
from store.records import Envelope, RawMessage
from store.schema import originals
from store.topics import RAW
from store.upsert import insert


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """Where the bytes of one accepted payload are, and what became of it."""

    raw: str  # The id of the `RawMessage`.
    channel: str
    content_type: str
    blob: str  # The key of the blob that holds the bytes; empty: they are in the log.
    partition: int  # Of topic `raw`.
    offset: int
    records: int  # How many records it was normalized into.
    received_at: datetime


def note(connection: Connection, rows: Sequence[Original]) -> None:
    """Keep these; one that is known already stays as it is."""
    if rows:
        values = [msgspec.structs.asdict(row) for row in rows]
        connection.execute(insert(connection, originals).on_conflict_do_nothing(index_elements=["raw"]), values)


def add_records(connection: Connection, raw_id: str, records: int) -> None:
    """Count further records of a payload that was normalized again after its dead letter."""
    connection.execute(update(originals).where(originals.c.raw == raw_id).values(records=originals.c.records + records))


class Originals:
    """Finds the bytes of a message by its raw's id."""

    def __init__(self, database: Database, log: Reader | None, blobs: Blobs) -> None:
        """`log` is None where the bus keeps records only for a while; normalize then put every payload into a blob."""
        self._database = database
        self._log = log
        self._blobs = blobs

    async def read(self, raw_id: str) -> bytes:
        """The payload exactly as its channel accepted it.

        Raises Permanent where there is none by this id or it is gone, Temporary where it cannot be read now.
        """
        found = await self.find(raw_id)
        return await self._blobs.get(found.blob) if found.blob else await self._from_log(found)

    async def raw(self, raw_id: str) -> RawMessage:
        """The payload with all that is kept of how it came; where the log is not read back, it has no envelope.

        Raises as `read` does.
        """
        found = await self.find(raw_id)
        if self._log is not None:
            raw = await self._logged(found)
            return replace(raw, payload=await self._blobs.get(raw.blob), blob="") if raw.blob else raw
        return RawMessage(
            id=found.raw,
            channel=found.channel,
            received_at=found.received_at,
            content_type=found.content_type,
            payload=await self.read(raw_id),
            envelope=Envelope(fetched=True),
        )

    async def find(self, raw_id: str) -> Original:
        """Where the payload is; raises Permanent where none was accepted by this id."""
        found = await self._database.read(
            lambda connection: connection.execute(select(originals).where(originals.c.raw == raw_id)).mappings().first()
        )
        if found is None:
            raise Permanent(f"no message was accepted under the id {raw_id!r}: take an id from the ticket's messages")
        return Original(**found)

    async def _from_log(self, found: Original) -> bytes:
        raw = await self._logged(found)
        return await self._blobs.get(raw.blob) if raw.blob else raw.payload

    async def _logged(self, found: Original) -> RawMessage:
        """The record of topic raw as it stands in the log."""
        place = f"{RAW}[{found.partition}] at {found.offset}"
        if self._log is None:
            raise Permanent(
                f"the original of {found.raw} is only in the log, at {place}, which this desk does not read back: "
                "it was accepted while the desk ran on another bus"
            )
        stored = await self._log.read(RAW, found.partition, found.offset)
        raw = decode(stored.value, RawMessage)
        if raw.id != found.raw:
            raise Permanent(
                f"the original of {found.raw} was expected at {place}, and {raw.id} stands there: this is not the "
                "log that the desk's database was filled from; check the bus and the store in the settings"
            )
        return raw

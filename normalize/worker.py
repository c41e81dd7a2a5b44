"""From topic `raw` to `messages` and `actions`: decode in the sandbox, publish, then note where the original is."""

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from sqlalchemy import Connection

from normalize.fallback import fallback
from normalize.sandbox import Sandbox
from normalize.settings import NormalizeSettings
from normalize.wire import Decoded, Failure, Outcome
from store import deadletters, originals, outbox
from store.blobs import Blobs
from store.bus import Bus, Entry, Stored
from store.codec import decode, encode
from store.deadletters import Letter
from store.errors import DeskwireError, Permanent
from store.originals import Original
from store.records import DeadLetter, RawMessage
from store.topics import ACTIONS, MESSAGES

# The name of the fallback among a payload's records. The first one takes the place of the payload's own first record,
# whatever a later try gives; the second stands beside them, because a replay after a release is to bring the words.
_KILLED = "0"
_BURIED = "buried"
_DEFECT = "Deskwire failed on it three times; the original is kept, and so is a dead letter that can be replayed"

Letters = Mapping[str, Letter]  # The dead letters of these payloads that are being replayed, by the payload's id.


class Undecodable(DeskwireError):
    """A decoder or a step failed on a payload: a defect of ours."""


class Normalizer:
    """The handler of stage normalize (`store.stage.Handler`): a work is the row of an original, its records published.

    Normalizing a payload again publishes the same ids again, which the router knows.
    """

    def __init__(
        self, *, bus: Bus, blobs: Blobs, sandbox: Sandbox, settings: NormalizeSettings, copy_originals: bool
    ) -> None:
        """`copy_originals`: the bus forgets payloads in time, so each is put into a blob before its records go out."""
        self._bus = bus
        self._blobs = blobs
        self._sandbox = sandbox
        self._copies = asyncio.Semaphore(settings.copies)
        self._copy_originals = copy_originals

    async def prepare(self, records: Sequence[Stored]) -> Sequence[Original | Exception]:
        """Decode and publish a batch; a payload that exceeds its limits becomes a message that says so.

        In the place of a payload that cannot be normalized stands why. Raises Temporary where the blobs, the children
        or the bus fail.
        """
        found = [_open(stored) for stored in records]
        raws = {at: raw for at, raw in enumerate(found) if isinstance(raw, RawMessage)}
        if self._copy_originals:
            await self._copy(raws.values())
        results: dict[int, Decoded | Exception] = {}
        for turn in _turns(records, raws):
            decoded = await self._decode(turn)
            await self._publish(records, decoded)
            results |= decoded
        return [
            raw if isinstance(raw, Permanent) else self._work(stored, raw, results[at])
            for at, (stored, raw) in enumerate(zip(records, found, strict=True))
        ]

    def gather(self, connection: Connection, works: Sequence[Original]) -> Letters:
        """Which of these were dead once and are being replayed."""
        return deadletters.replayed(connection, [work.raw for work in works])

    def apply(self, connection: Connection, facts: Letters, works: Sequence[Original]) -> Letters:
        """Note the originals; the letter of a replayed one is settled, and its records add to those of its fallback."""
        for work in works:
            if work.raw in facts:
                originals.add_records(connection, work.raw, work.records)
                deadletters.resolve(connection, facts[work.raw].letter.id)
                facts = {raw: letter for raw, letter in facts.items() if raw != work.raw}
        originals.note(connection, works)
        return facts

    def bury(self, connection: Connection, record: Stored, letter: DeadLetter) -> int | None:  # noqa: ARG002
        """Send a message without words in the dead one's place, so that its sender gets a ticket.

        None, because the router opens that ticket later, and also where the bytes are no payload at all.
        """
        raw = _open(record)
        if isinstance(raw, RawMessage):
            outbox.add(connection, MESSAGES, record.key, fallback(raw, _DEFECT, name=_BURIED))
            originals.note(connection, [self._original(record, raw, records=1)])
        return None

    async def _copy(self, raws: Iterable[RawMessage]) -> None:
        async def put(payload: bytes) -> None:
            async with self._copies:
                await self._blobs.put(payload)

        try:
            async with asyncio.TaskGroup() as copying:
                for raw in raws:
                    if not raw.blob:
                        copying.create_task(put(raw.payload))
        except ExceptionGroup as group:
            raise group.exceptions[0] from group

    async def _decode(self, raws: Mapping[int, RawMessage]) -> dict[int, Decoded | Exception]:
        """What each payload gives, by its place; one of a blob stands in memory only for as long as it is read."""
        inline = {at: raw for at, raw in raws.items() if not raw.blob}
        outcomes = await self._sandbox.decode(list(inline.values()))
        results = {at: settled(raw, got) for (at, raw), got in zip(inline.items(), outcomes, strict=True)}
        for at, raw in raws.items():
            if raw.blob:
                results[at] = await self._decode_large(raw)
        return results

    async def _decode_large(self, raw: RawMessage) -> Decoded | Exception:
        try:
            payload = await self._blobs.get(raw.blob)
        except Permanent as lost:
            return lost
        (outcome,) = await self._sandbox.decode([msgspec.structs.replace(raw, payload=payload)])
        return settled(raw, outcome)

    async def _publish(self, records: Sequence[Stored], results: Mapping[int, Decoded | Exception]) -> None:
        decoded = [(records[at].key, got) for at, got in sorted(results.items()) if isinstance(got, Decoded)]
        messages = [Entry(key, value) for key, got in decoded for value in got.messages]
        actions = [Entry(key, value) for key, got in decoded for value in got.actions]
        for topic, entries in ((MESSAGES, messages), (ACTIONS, actions)):
            if entries:
                await self._bus.publish(topic, entries)

    def _work(self, stored: Stored, raw: RawMessage, result: Decoded | Exception) -> Original | Exception:
        if isinstance(result, Exception):
            return result
        return self._original(stored, raw, records=len(result.messages) + len(result.actions))

    def _original(self, stored: Stored, raw: RawMessage, *, records: int) -> Original:
        copied = hashlib.sha256(raw.payload).hexdigest() if self._copy_originals else ""  # The key of `Blobs.put`.
        return Original(
            raw=raw.id,
            channel=raw.channel,
            content_type=raw.content_type,
            blob=raw.blob or copied,
            partition=stored.at.partition,
            offset=stored.offset,
            records=records,
            received_at=raw.received_at,
        )


def _turns(records: Sequence[Stored], raws: Mapping[int, RawMessage]) -> Iterator[Mapping[int, RawMessage]]:
    """What is decoded and published together: small payloads first, so that none waits for a large one of another.

    Large ones follow one by one, because of their memory and time; so does what stands behind one under its key, whose
    order is to last.
    """
    first: dict[int, RawMessage] = {}
    others: list[Mapping[int, RawMessage]] = []
    behind: set[str] = set()
    for at, raw in raws.items():
        if raw.blob or records[at].key in behind:
            behind.add(records[at].key)
            others.append({at: raw})
        else:
            first[at] = raw
    yield first
    yield from others


def _open(stored: Stored) -> RawMessage | Permanent:
    try:
        return decode(stored.value, RawMessage)
    except Permanent as error:
        return error


def settled(raw: RawMessage, outcome: Outcome) -> Decoded | Exception:
    """What is made of an outcome: a killed payload gives its fallback, a defect is tried again and buried."""
    match outcome:
        case Failure(kind="killed", reason=reason):
            return Decoded(messages=(encode(fallback(raw, reason, name=_KILLED)),))
        case Failure(reason=reason):
            return Undecodable(f"a message of channel {raw.channel!r} was not decoded: {reason}")
        case _:
            return outcome

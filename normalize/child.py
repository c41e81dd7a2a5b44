"""The parser's child: reads payloads with the channels' decoders and takes them through the steps.

Run as `python -m normalize.child SOCKET`, with an open socket's number. Standard error is a file in which the parent
finds why a start failed, and later how many messages were begun.
"""

import gc
import importlib
import os
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import BinaryIO

import msgspec
from msgspec.structs import replace

from normalize import pipeline, wire
from normalize.confinement import OUT_OF_MEMORY, allow_cpu, confine, die_with_parent, leave_signals_to_parent
from normalize.wire import Answer, Batch, Decoded, Errand, Failure, Found, Orders, Outcome, Ready
from store.codec import encode
from store.records import Action, Address, Inbound, Message, RawMessage
from store.topics import MAX_RECORD

Decode = Callable[[RawMessage, msgspec.Struct], Sequence[Inbound | Action]]
Extract = Callable[[bytes, int, int], bytes | None]

_ANSWERED_AT = 256 * 1024  # Bytes of encoded records after which what is done is sent, before the frame is.


class Reader:
    """Reads one payload after the other."""

    def __init__(self, orders: Orders) -> None:
        """Imports the decoders; raises ImportError, AttributeError or msgspec.DecodeError where that fails."""
        self._decoders: dict[str, tuple[Decode, msgspec.Struct]] = {}
        self._extractors: dict[str, Extract] = {}
        for order in orders.decoders:
            module, _, function = order.function.partition(":")
            decode: Decode = getattr(importlib.import_module(module), function)
            module, _, name = order.kind.partition(":")
            kind: type[msgspec.Struct] = getattr(importlib.import_module(module), name)
            self._decoders[order.channel] = (decode, msgspec.msgpack.decode(order.settings, type=kind))
            if order.extractor:
                module, _, function = order.extractor.partition(":")
                self._extractors[order.channel] = getattr(importlib.import_module(module), function)
        self._ours = {"normalize", "store", *(order.function.partition(".")[0] for order in orders.decoders)}

    def read(self, raw: RawMessage) -> Outcome:
        """The records of a payload. Raises MemoryError, after which this process is in no good state."""
        if raw.channel not in self._decoders:
            return Failure("error", f"no channel called {raw.channel!r} is configured: name it in the settings again")
        decode, settings = self._decoders[raw.channel]
        try:
            return _encoded([pipeline.normalize(record) for record in decode(raw, settings)])
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 (One message's failure must not cost its neighbours the child.)
            return self._failure(error)

    def extract(self, errand: Errand, payload: bytes) -> Answer:
        """A file's bytes. Raises MemoryError as `read` does."""
        if errand.channel not in self._extractors:
            return Failure("error", f"messages of channel {errand.channel!r} hold no files")
        try:
            content = self._extractors[errand.channel](payload, errand.part, errand.member)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 (As above.)
            return self._failure(error)
        if content is not None and len(content) > errand.most:
            return Failure("error", f"it has {len(content)} bytes, and {errand.most} is the most")
        return Found(content)

    def _failure(self, error: Exception) -> Failure:
        return Failure("error", f"{type(error).__name__} at {self._place(error)}")

    def _place(self, error: Exception) -> str:
        """The innermost line of ours, "ingest.channels.mail.decode:88"; the text of an error may hold a message's."""
        frames = [
            (frame.f_globals.get("__name__", "?"), line) for frame, line in traceback.walk_tb(error.__traceback__)
        ]
        inner = [(name, line) for name, line in frames if name.partition(".")[0] in self._ours] or frames
        return "{}:{}".format(*inner[-1])


def main() -> None:
    """Serve the socket until the parent closes it."""
    leave_signals_to_parent()
    with socket.socket(fileno=int(sys.argv[1])) as connection, connection.makefile("rb") as heard:
        orders = wire.read_orders(_next(heard) or b"")
        die_with_parent(orders.parent)
        try:
            reader = Reader(orders)
        except (ImportError, AttributeError, msgspec.DecodeError) as error:
            connection.sendall(wire.frame(Ready(trouble=f"{type(error).__name__}: {error}")))
            return
        _warm_up()
        note = _take_note_file()
        confine(orders.memory)
        connection.sendall(wire.frame(Ready()))
        try:
            Service(connection, heard, reader, note, orders.cpu_seconds).run()
        except MemoryError:
            os._exit(OUT_OF_MEMORY)


class Service:
    """Does one piece of work after the other."""

    def __init__(
        self, connection: socket.socket, heard: BinaryIO, reader: Reader, note: int, cpu_seconds: float
    ) -> None:
        """`heard` is what comes over `connection`; `note` the file in which what was begun is counted."""
        self._connection = connection
        self._heard = heard
        self._reader = reader
        self._note = note
        self._cpu_seconds = cpu_seconds
        self._begun = 0

    def run(self) -> None:
        """Until the parent is gone."""
        while (body := _next(self._heard)) is not None:
            self._write_note(self._begun + 1)  # Receiving a payload may take too much memory already.
            match wire.read_work(body):
                case Batch() as batch:
                    sizes = zip(batch.raws, batch.sizes, strict=True)
                    self._read_all([replace(raw, payload=self._heard.read(size)) for raw, size in sizes])
                case Errand() as errand:
                    payload = self._heard.read(errand.size)
                    self._begin()
                    answer = self._reader.extract(errand, payload)
                    allow_cpu(0)
                    self._connection.sendall(wire.frame(answer))

    def _read_all(self, raws: Sequence[RawMessage]) -> None:
        done: list[Outcome] = []
        weight = 0
        for raw in raws:
            self._begin()
            outcome = self._reader.read(raw)
            done.append(outcome)
            weight += sum(map(len, (*outcome.messages, *outcome.actions))) if isinstance(outcome, Decoded) else 0
            if weight > _ANSWERED_AT:
                self._connection.sendall(wire.frame(done))
                done, weight = [], 0
        allow_cpu(0)
        if done:
            self._connection.sendall(wire.frame(done))

    def _begin(self) -> None:
        self._begun += 1
        self._write_note(self._begun)
        allow_cpu(self._cpu_seconds)

    def _write_note(self, begun: int) -> None:
        os.pwrite(self._note, begun.to_bytes(wire.NOTE, "big"), 0)


def _encoded(records: Sequence[Inbound | Action]) -> Outcome:
    messages = tuple(encode(record) for record in records if not isinstance(record, Action))
    actions = tuple(encode(record) for record in records if isinstance(record, Action))
    largest = max(map(len, (*messages, *actions)), default=0)
    if largest > MAX_RECORD:
        return Failure("error", f"a record of {largest} bytes was decoded, and {MAX_RECORD} is the most")
    return Decoded(messages, actions)


def _next(heard: BinaryIO) -> bytes | None:
    """The body of the next frame; None when the parent is gone."""
    head = heard.read(wire.LENGTH)
    size = int.from_bytes(head, "big")
    body = heard.read(size)
    return body if len(head) == wire.LENGTH and len(body) == size else None


def _warm_up() -> None:
    """Load what the steps load on first use, so that no message pays for it; then spare it from every collection."""
    pipeline.run(
        Message(
            id="",
            raw="",
            channel="",
            sender=Address(kind="mail", value=""),
            text="Zażółć the quick brown fox jumps over the lazy dog.",
            received_at=datetime.fromtimestamp(0, UTC),
            fingerprint="",
        )
    )
    gc.collect()
    gc.freeze()


def _take_note_file() -> int:
    """The file that was standard error; whatever is printed from here on goes nowhere."""
    note = os.dup(2)
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 (a descriptor is what is needed)
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    os.ftruncate(note, 0)
    return note


if __name__ == "__main__":
    main()

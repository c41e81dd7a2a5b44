"""The command `deskwire ticket files`: lists the files of a ticket's messages, and saves them in a folder."""

import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from config.build import now
from config.files import AnswerFiles, answer_files
from config.opened import decoders_of, open_channels
from config.settings import Configuration
from config.stores import Stores, blobs_of, bus_of, key_of
from console import desk
from console.desk import Desk
from console.saving import save, saving_folder
from console.several import PARTLY
from console.tickets import unknown
from console.words import Refused, complain, document, say, shown, table
from normalize.gate import Gate
from normalize.scanner import Clamd
from store import lookups, scans
from store.bus_sqlite import SqliteBus
from store.codec import decode_kept
from store.errors import Permanent, Temporary
from store.lookups import Story
from store.originals import Originals
from store.records import WHOLE_ORIGINAL, Attachment, Message, SentFile


class Listed(NamedTuple):
    """A file of a ticket."""

    message: int  # The number of its message in the ticket, from 1.
    sent: SentFile
    verdict: str  # What the virus scanner said: "clean", "infected with NAME"; empty: it was not asked yet.


class Saved(NamedTuple):
    """What became of a file that was to be saved."""

    file: Listed
    path: str = ""  # Where it is; empty: it could not be saved ...
    why: str = ""  # ... for this reason.


async def files(
    configuration: Configuration, number: int, *, to: Path | None, message: int | None, as_json: bool
) -> None:
    """List a ticket's files, or save them in the folder `to`, beside a running desk or without one.

    Raises Permanent where there is no such ticket, message or folder; Refused with code 1 where nothing could be saved
    and with 5 where some files could not.
    """
    async with desk.opened(configuration) as opened:
        listed = await opened.read(lambda connection: _listed(connection, number, message))
        if to is None or not listed:
            _show(number, listed, as_json=as_json)
            return
        folder = saving_folder(to)
        async with _reading(opened) as reader:
            done = [await _saved(reader, one, folder, quiet=as_json) for one in listed]
    if as_json:
        document("ticket_files", [_plain(one.file) | {"path": one.path, "why": one.why} for one in done])
    missed = sum(not one.path for one in done)
    if missed:
        raise Refused(f"{missed} of {len(done)} were not saved.", 1 if missed == len(done) else PARTLY)


def _listed(connection: Connection, number: int, message: int | None) -> list[Listed]:
    story = lookups.show(connection, number)
    if story is None:
        raise unknown(number)
    if message is not None and message not in {kept.seq for kept in story.messages}:
        last = len(story.messages)
        raise Permanent(f"ticket {number} has no message {message}: its messages are 1 to {last}")
    return [
        Listed(seq, sent, _verdict(connection, sent.file.digest))
        for seq, sent in _files_of(story)
        if message in (None, seq)
    ]


def _files_of(story: Story) -> Iterator[tuple[int, SentFile]]:
    """The customer's, and those of answers."""
    for kept in story.messages:
        record = decode_kept(kept.record)
        if isinstance(record, Message):
            yield from ((kept.seq, SentFile(raw=record.raw, file=file)) for file in record.attachments)
        else:
            yield from ((kept.seq, sent) for sent in record.files)


def _verdict(connection: Connection, digest: str) -> str:
    scan = scans.get(connection, digest)
    if scan is None:
        return ""
    return f"infected with {scan.detail}" if scan.state == "infected" else scan.state


def _show(number: int, listed: Sequence[Listed], *, as_json: bool) -> None:
    if as_json:
        document("ticket_files", [_plain(one) for one in listed])
        return
    rows = [(str(one.message), *_described(one.sent.file), one.verdict or "-") for one in listed]
    table(("message", "name", "type", "bytes", "scanned"), rows, empty="No files.")
    if listed:
        complain(f"\nSave them: deskwire ticket files {number} --to FOLDER")


def _described(file: Attachment) -> tuple[str, str, str]:
    """Name, type and size; of a whole original the size may not be known."""
    return file.name, file.content_type, str(file.size) if file.size or file.part != WHOLE_ORIGINAL else "-"


@contextlib.asynccontextmanager
async def _reading(opened: Desk) -> AsyncIterator[AnswerFiles]:
    """What cuts files out of originals, in a child, and lets out what the scanner lets out."""
    configuration, database = opened
    settings = configuration.settings
    bus, blobs = bus_of(configuration), blobs_of(configuration)
    async with contextlib.AsyncExitStack() as closing:
        closing.push_async_callback(blobs.close)
        if isinstance(bus, SqliteBus):  # It holds small originals; elsewhere the blobs hold all of them.
            await bus.start()
            closing.push_async_callback(bus.close)
        originals = Originals(database, bus if isinstance(bus, SqliteBus) else None, blobs)
        stores = Stores(database, bus, blobs, originals, key_of(configuration))
        decoders = decoders_of(configuration, open_channels(configuration, stores, None))
        scanner = Clamd(settings.scanner) if settings.scanner is not None else None
        gate = Gate(scanner, database, now=now)
        # Whatever came in can be saved, also what is too large to be sent on.
        most = settings.intake.max_payload
        reader = answer_files(None, decoders, settings.normalize, originals, gate, most=most)
        closing.push_async_callback(reader.close)
        yield reader


async def _saved(reader: AnswerFiles, one: Listed, folder: Path, *, quiet: bool) -> Saved:
    """Save one file, and say where it is or why it is not."""
    file = one.sent.file
    try:
        path = str(save(folder, file.name, await reader.read(one.sent)))
    except (Permanent, Temporary) as error:
        complain("" if quiet else f"message {one.message}, {shown(file.name)}: {shown(str(error))}")
        return Saved(one, why=str(error))
    if not quiet:
        say(shown(path))
    return Saved(one, path)


def _plain(one: Listed) -> dict[str, object]:
    file = one.sent.file
    return {
        "message": one.message,
        "name": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "digest": file.digest,
        "verdict": one.verdict,
    }

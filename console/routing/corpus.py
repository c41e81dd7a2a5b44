"""Runs many messages through two settings files: a desk's past, a folder or an mbox; read once, decided twice."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import click
import msgspec
from sqlalchemy import Connection

from console.routing.compare import Comparison, as_by, right_team
from console.routing.mbox import is_mbox, mails_in
from console.routing.payloads import Given, Payload, mail, payloads_in
from console.routing.rehearsal import Rehearsal, Rules
from router.anew import nothing_known, without_tickets
from router.facts import gather
from router.handle import handle
from router.known import Facts
from router.opening import open_one
from store import history
from store.codec import decode_kept
from store.durations import parsed
from store.errors import Permanent
from store.history import Past
from store.records import Decision, Message, RawMessage

_PAGE = 200  # Messages that are read, and whose facts are gathered, at once: as many as a batch of a desk has.
_SOLVED = ("solved", "closed")


class Named(NamedTuple):
    """A message and where it is from."""

    name: str
    message: Message
    right: str = ""  # The team where it belonged; empty: nobody knows.
    opened: bool = False  # It opened a ticket, whatever is to be thought of it now.


async def compared(rehearsal: Rehearsal, other: Rules, corpus: str, given: Given) -> Comparison:
    """What the other file changes. Raises Permanent where there is no such corpus."""
    comparison = Comparison()
    async for batch in _batches(rehearsal, corpus, given):
        decided = await _decided(rehearsal, other, batch)
        for one, (before, after) in zip(batch, decided, strict=True):
            comparison.add(one.message, before, after, name=one.name, right=one.right)
        _progress(comparison.messages)
    _progress(comparison.messages, done=True)
    return comparison


async def _decided(rehearsal: Rehearsal, other: Rules, batch: Sequence[Named]) -> Sequence[tuple[Decision, Decision]]:
    rules, now = rehearsal.rules, batch[0].message.received_at
    messages = [one.message for one in batch]
    facts = nothing_known(now)
    if rehearsal.desk is not None:
        facts = await rehearsal.desk.read(lambda connection: gather(connection, messages, rules.routing, now))
    facts = msgspec.structs.replace(facts, guesses=await rehearsal.guessed(messages))
    return await asyncio.to_thread(_decisions, facts, rules, other, batch)


def _decisions(facts: Facts, rules: Rules, other: Rules, batch: Sequence[Named]) -> list[tuple[Decision, Decision]]:
    found = []
    for one in batch:
        then = without_tickets(facts, one.message.received_at)
        found.append((_decision(one, then, rules, other), _decision(one, then, other, rules)))
    return found


def _decision(one: Named, facts: Facts, rules: Rules, other: Rules) -> Decision:
    message = as_by(one.message, rules.configuration, other.configuration)
    return open_one(message, facts, rules.routing) if one.opened else handle(message, facts, rules.routing).decision


async def _batches(rehearsal: Rehearsal, corpus: str, given: Given) -> AsyncIterator[Sequence[Named]]:
    if corpus.startswith("last:"):
        async for page in _past(rehearsal, _since(corpus, given.at)):
            yield page
        return
    payloads = _of_files(Path(corpus), given, rehearsal.rules.configuration.settings.intake.max_payload)
    while batch := await asyncio.to_thread(lambda: list(islice(payloads, _PAGE))):
        if found := await _read(rehearsal, batch):
            yield found


def _since(corpus: str, now: datetime) -> datetime:
    try:
        return now - parsed(corpus.removeprefix("last:"))
    except (ValueError, OverflowError) as error:
        raise Permanent(f'"{corpus}" names no time: write last:30d, a folder, or the name of an mbox') from error


async def _past(rehearsal: Rehearsal, since: datetime) -> AsyncIterator[Sequence[Named]]:
    """The tickets of a desk that were opened since then, the newest first."""
    if rehearsal.desk is None:
        raise Permanent("there is no desk whose past could be read: name a folder or an mbox")
    before: int | None = None
    while page := await rehearsal.desk.read(partial(_page, before=before)):
        before = page[-1][0].number
        found = [named for past, named in page if past.opened_at >= since]
        if not found:  # Numbers grow with time, but for a message that was a while on its way.
            return
        yield found


def _page(connection: Connection, before: int | None) -> list[tuple[Past, Named]]:
    page = history.opened_before(connection, before, _PAGE)
    came = history.teams_of(connection, [past.number for past in page])
    found = []
    for past in page:
        message = decode_kept(past.record)
        right = right_team(came.get(past.number, ()), is_solved=past.state in _SOLVED)
        if isinstance(message, Message):
            found.append((past, Named(str(past.number), message, right, opened=True)))
    return found


def _of_files(place: Path, given: Given, most: int) -> Iterator[tuple[str, Payload]]:
    """What a folder's files hold, in the order of their names, or one file. Raises Permanent where there is none."""
    if not place.exists():
        raise Permanent(f"there is no folder or file {place}: name one, or a time such as last:30d")
    files = sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]
    for path in files:
        if not path.name.startswith("."):
            for number, payload in enumerate(_of_file(path, given, most), start=1):
                yield f"{path.name}:{number}", payload


def _of_file(path: Path, given: Given, most: int) -> Iterator[Payload]:
    with path.open("rb") as file:
        if is_mbox(file.read(5)):
            file.seek(0)
            yield from (mail(content, given) for content in mails_in(file, most))
            return
        file.seek(0)
        content = file.read(most)
    try:
        yield from payloads_in(content, given)
    except Permanent as error:
        raise Permanent(f"{path}: {error}; keep only mails, mboxes and messages in JSON there") from error


async def _read(rehearsal: Rehearsal, batch: Sequence[tuple[str, Payload]]) -> Sequence[Named]:
    """The messages of payloads, each received when it says that it was sent."""
    raws = [(name, payload) for name, payload in batch if isinstance(payload, RawMessage)]
    decoded = await rehearsal.decoded([raw for _, raw in raws])
    found = [
        Named(name, _received_when_sent(record))
        for (name, _), records in zip(raws, decoded, strict=True)
        for record in records
        if isinstance(record, Message)
    ]
    return [*found, *(Named(name, payload) for name, payload in batch if isinstance(payload, Message))]


def _received_when_sent(message: Message) -> Message:
    """A message of a file, which nobody received: the moment that it names stands for that."""
    return msgspec.structs.replace(message, received_at=message.sent_at or message.received_at)


def _progress(messages: int, *, done: bool = False) -> None:
    """How far it is, for who looks on."""
    if sys.stderr.isatty():
        click.echo("\r\033[K" if done else f"\r{messages} messages", err=True, nl=False)

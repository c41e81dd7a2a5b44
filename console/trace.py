"""The command `deskwire trace`: a message's whole way through the desk, from the rows and reasons that it left."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from config.settings import Configuration
from console import desk
from console.routing.past import originals_of
from console.trace_lines import Line, lines_of
from console.words import JOINERS, complain, cut, document, say, shown
from store import lookups, parked, traces
from store.codec import decode_routed
from store.errors import DeskwireError, Permanent
from store.lookups import Story
from store.originals import Originals
from store.records import Message
from store.rows import ParkedItem
from store.traces import Trail

_MOST_READ = 20  # Originals of one ticket whose size is looked up, since each must be read for it.
_SCANNED = 1000  # Parked items that are looked through for a sender or an external id, the oldest first.


class Way(NamedTuple):
    """One thing that was found, with all that is kept of it."""

    ticket: int | None  # None: records that led to no ticket.
    story: Story | None
    trail: Trail


async def trace(configuration: Configuration, text: str, *, last: int, as_json: bool) -> None:
    """Tell the way of what `text` names: a ticket, an id, an address, a chat or an external id; the newest `last`.

    Raises Permanent where nothing here is called so, with where else it may be; Temporary.
    """
    asked = "".join(sign for sign in text.strip() if sign.isprintable() or sign in JOINERS)
    async with desk.opened(configuration) as opened:
        ways = await opened.read(lambda connection: _found(connection, asked, last))
        if not ways:
            raise Permanent(await opened.read(lambda connection: _nowhere(connection, asked)))
        async with originals_of(opened) as originals:
            told = [(way, lines_of(way.story, way.trail, await _sizes(originals, way.trail))) for way in ways]
    if as_json:
        document("trace", [{"ticket": way.ticket, "lines": lines} for way, lines in told])
        return
    for way, lines in told:
        _tell(way, lines)
    if len(ways) == last:
        complain(f"These are the newest {last}: --last shows more.")


def _found(connection: Connection, text: str, last: int) -> list[Way]:
    numbers = set(traces.tickets_named(connection, text, last))
    raws: set[str] = set()
    if not numbers:
        raws, more = traces.records_named(connection, text, last)
        numbers |= more
    newest = sorted(numbers, reverse=True)[:last]
    ways = [Way(number, lookups.show(connection, number), traces.of_ticket(connection, number)) for number in newest]
    known = {one.raw for way in ways for one in way.trail.originals}
    loose = [traces.of_raws(connection, raws - known), traces.of_ids(connection, text)]
    letters = {letter.letter.id for way in ways for letter in way.trail.letters}
    trails = [_without(trail, letters) for trail in loose]
    trails.append(Trail((), (), _parked(connection, text, last), (), (), ()))
    return [*ways, *(Way(None, None, trail) for trail in trails if not trail.is_empty)]


def _without(trail: Trail, letters: set[str]) -> Trail:
    """Without the dead letters that are told of already."""
    return trail._replace(letters=[letter for letter in trail.letters if letter.letter.id not in letters])


def _parked(connection: Connection, text: str, last: int) -> Sequence[ParkedItem]:
    """What waits for a person's word and was sent by this address, under this external id, or has this id."""
    found = [item for item in parked.listed(connection, limit=_SCANNED) if _is_of(item, text)]
    return found[-last:]


def _is_of(item: ParkedItem, text: str) -> bool:
    if len(text) >= traces.SHORTEST and item.id.startswith(text):
        return True
    try:
        record = decode_routed(item.value)
    except Permanent:  # A newer release wrote it.
        return False
    if not isinstance(record, Message):
        return False
    return text.lower() == record.sender.value or text.strip("<>") == record.external_id.strip("<>") != ""


_LONGEST = 80  # Characters of what is not found that are told again.


def _nowhere(connection: Connection, text: str) -> str:
    waiting = traces.still_waiting(connection)
    tried = f"{waiting} records failed and are tried again, it may be among them; " if waiting else ""
    return (
        f"nothing here is called “{cut(text, _LONGEST)}”: it takes a ticket's number, an address, a chat's number, a "
        f"Message-ID, or the first {traces.SHORTEST} characters of an id. {tried}what was accepted a moment ago may be "
        "on its way still; what was decided about long ago may be in `deskwire parked list --state refused` or "
        "`deskwire dead list --state dropped`; what was never accepted is in the logs of its channel"
    )


async def _sizes(originals: Originals, trail: Trail) -> dict[str, int]:
    """How many bytes payloads have, by id; without those that cannot be read any more."""
    found = {}
    for original in trail.originals[:_MOST_READ]:
        try:
            found[original.raw] = len(await originals.read(original.raw))
        except DeskwireError:
            continue
    return found


def _tell(way: Way, lines: Sequence[Line]) -> None:
    ticket = way.story.ticket if way.story is not None else None
    if ticket is not None:
        say(f"{ticket.number}  {shown(ticket.subject)}  {ticket.state}")
    elif way.ticket is None:
        say("no ticket")
    day = ""
    for line in lines:
        if (today := f"{line.at:%Y-%m-%d}") != day:
            day = today
            say(f"{day} (UTC)")
        say(f"{line.at:%H:%M:%S}.{line.at.microsecond // 1000:03} {line.what:<11} {shown(line.said)}".rstrip())

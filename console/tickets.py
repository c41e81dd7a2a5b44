"""The commands `deskwire ticket`: list, show and answer."""

import sys

from config.settings import Configuration
from console import desk
from console.story import files_of
from console.story import lines as story_lines
from console.words import document, moment, say, table
from store import lookups
from store.codec import decode_kept
from store.errors import Permanent
from store.lookups import Story


async def listing(configuration: Configuration, *, state: str, limit: int, as_json: bool) -> None:
    """The newest tickets, in this state or in any."""
    async with desk.opened(configuration) as opened:
        found = await opened.read(lambda connection: lookups.list_tickets(connection, state, limit))
    if as_json:
        document("tickets", [ticket.view for ticket in found])
        return
    rows = [
        (str(one.number), one.state, one.priority, one.team, one.category or "-", moment(one.opened_at), one.subject)
        for one in found
    ]
    table(("number", "state", "priority", "team", "category", "opened", "subject"), rows, empty="No tickets.")


async def show(configuration: Configuration, number: int, *, as_json: bool) -> None:
    """All about one ticket, as it stands."""
    async with desk.opened(configuration) as opened:
        story = await opened.read(lambda connection: lookups.show(connection, number))
    if story is None:
        raise unknown(number)
    if as_json:
        document("ticket", _plain(story))
        return
    for line in story_lines(story):
        say(line)


async def answer(configuration: Configuration, number: int, text: str) -> None:
    """Hand the answer over, and say what became of it. Raises Permanent where it was refused."""
    words = sys.stdin.read() if text == "-" else text
    async with desk.opened(configuration) as opened:
        if number not in await opened.read(lambda connection: lookups.by_number(connection, [number])):
            raise unknown(number)
        told = await opened.act("answer", ticket=number, text=words)
    if told.outcome:
        say(f"Ticket {number} is answered; the customer gets it by the channel that they used.")
    else:
        say(f"Accepted. Ticket {number} is answered as soon as the router runs.")


def unknown(number: int) -> Permanent:
    """What is said of a ticket that is not there."""
    return Permanent(f"there is no ticket {number}: see `deskwire ticket list`")


def _plain(story: Story) -> dict[str, object]:
    return {
        "ticket": story.ticket.view,
        "because": story.because,
        "messages": [
            {"at": kept.received_at, "direction": kept.direction, "text": record.text, "files": files_of(record)}
            for kept, record in ((kept, decode_kept(kept.record)) for kept in story.messages)
        ],
        "events": story.events,
        "deliveries": [sending._asdict() for sending in story.sendings],
    }

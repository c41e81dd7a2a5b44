"""The commands `deskwire ticket` that only look: list and show."""

from datetime import UTC, datetime

from config.settings import Configuration
from console import desk
from console.story import files_of
from console.story import lines as story_lines
from console.words import cut, document, say, table, until
from store import lookups, ticket_list
from store.codec import decode_kept
from store.errors import Permanent
from store.lookups import Story
from store.rows import Ticket
from store.ticket_list import Sought


async def listing(configuration: Configuration, sought: Sought, *, as_json: bool) -> None:
    """The tickets that somebody looks for."""
    async with desk.opened(configuration) as opened:
        found = await opened.read(lambda connection: ticket_list.found(connection, sought))
    if as_json:
        document("tickets", [ticket.view for ticket in found])
        return
    table(_COLUMNS, [_row(one, datetime.now(UTC)) for one in found], empty="No tickets.")


# As wide as a terminal of 100 characters takes them, with the spaces between them.
_COLUMNS = ("number", "state", "priority", "team", "person", "due", "category", "subject")
_TEAM, _PERSON, _CATEGORY, _SUBJECT = 12, 10, 12, 27


def _row(ticket: Ticket, now: datetime) -> tuple[str, ...]:
    holder = ticket.person.partition(":")[2]
    return (
        str(ticket.number),
        ticket.state,
        ticket.priority,
        cut(ticket.team, _TEAM),
        cut(holder if ticket.assignee or not holder else f"({holder})", _PERSON) or "-",  # Not claimed: in brackets.
        until(ticket.due_by, now),
        cut(ticket.category, _CATEGORY) or "-",
        cut(ticket.subject, _SUBJECT),
    )


async def show(configuration: Configuration, number: int, *, as_json: bool) -> None:
    """All about one ticket, as it stands."""
    async with desk.opened(configuration) as opened:
        story = await opened.read(lambda connection: lookups.show(connection, number))
    if story is None:
        raise unknown(number)
    if as_json:
        document("ticket", _plain(story))
        return
    for line in story_lines(story, datetime.now(UTC)):
        say(line)


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

"""The commands `deskwire ticket`: list, show and answer."""

import sys

from config.settings import Configuration
from console import desk
from console.words import document, moment, say, shown, table
from store import lookups
from store.codec import decode_kept
from store.errors import Permanent
from store.lookups import Story
from store.records import Message
from store.rows import KeptMessage


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
        raise _unknown(number)
    if as_json:
        document("ticket", _plain(story))
        return
    _told(story)


async def answer(configuration: Configuration, number: int, text: str) -> None:
    """Hand the answer over, and say what became of it. Raises Permanent where it was refused."""
    words = sys.stdin.read() if text == "-" else text
    async with desk.opened(configuration) as opened:
        if number not in await opened.read(lambda connection: lookups.by_number(connection, [number])):
            raise _unknown(number)
        told = await opened.act("answer", ticket=number, text=words)
    if told.outcome:
        say(f"Ticket {number} is answered; the customer gets it by the channel that they used.")
    else:
        say(f"Accepted. Ticket {number} is answered as soon as the router runs.")


def _unknown(number: int) -> Permanent:
    return Permanent(f"there is no ticket {number}: see `deskwire ticket list`")


def _plain(story: Story) -> dict[str, object]:
    return {
        "ticket": story.ticket.view,
        "because": story.because,
        "messages": [
            {"at": kept.received_at, "direction": kept.direction, "text": decode_kept(kept.record).text}
            for kept in story.messages
        ],
        "events": story.events,
        "deliveries": [sending._asdict() for sending in story.sendings],
    }


def _told(story: Story) -> None:
    ticket = story.ticket
    way = f"{ticket.reply_path.channel} to {ticket.reply_path.address}" if ticket.reply_path else "no way to answer"
    say(f"{ticket.number}  {shown(ticket.subject)}")
    say(f"{ticket.state} · {ticket.priority} · {ticket.team} · {ticket.category or 'no category'} · v{ticket.version}")
    say(f"{shown(ticket.customer.name) or '-'} <{ticket.customer.value}> ({ticket.proof}) · {way}")
    if ticket.assignee:
        say(f"works on it: {shown(ticket.assignee)}")
    if ticket.related:
        say(f"possibly related: {', '.join(map(str, ticket.related))}")
    say("\nWhy:")
    for reason in story.because:
        evidence = f' "{shown(reason.evidence)}"' if reason.evidence else ""
        place = f" ({reason.place})" if reason.place else ""
        say(f"  {reason.part}: {reason.result}, by {reason.rule}{evidence}{place}")
    say("\nMessages:")
    for kept in story.messages:
        for line in _lines(kept):
            say(line)
    say("\nEvents:")
    for event in story.events:
        say(f"  {moment(event.at)}  {event.kind}  by {event.actor}")
    say("\nSent:")
    for one in story.sendings:
        why = f": {shown(one.reason)}" if one.reason else ""
        say(f"  {moment(one.created_at)}  {one.purpose} by {one.channel} to {one.address}  {one.state}{why}")


def _lines(kept: KeptMessage) -> list[str]:
    record = decode_kept(kept.record)
    who = {"in": "→", "out": "←", "note": "·"}[kept.direction]
    head = f"  {who} {moment(kept.received_at)}  {kept.direction}"
    if isinstance(record, Message):
        head += f"  {record.channel}" + (f"  [{record.language}]" if record.language else "")
        head += f"  ({record.unreadable})" if record.unreadable else ""
    return [head, *(f"      {shown(line)}" for line in record.text.splitlines())]

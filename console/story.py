"""A ticket as people read it in a terminal: what is known of it, what was said, what happened and what was sent."""

from collections.abc import Iterator, Sequence

from console.words import moment, shown
from store.codec import decode_kept
from store.events import TicketEvent
from store.lookups import Story
from store.records import WHOLE_ORIGINAL, Action, Address, Attachment, Message, Reason
from store.rows import KeptMessage, Ticket

_WIDTH = 120  # Characters of what a line says of an event.
_SAID_ABOVE = ("answered", "noted")  # Events whose words stand among the messages.
_WHO = {"in": "→", "out": "←", "note": "·"}


def lines(story: Story) -> Iterator[str]:
    """Line by line; strangers' text is safe on a terminal."""
    yield from _ticket(story.ticket)
    yield "\nWhy:"
    for reason in story.because:
        yield f"  {_because(reason)}"
    yield "\nMessages:"
    for kept in story.messages:
        yield from _message(kept)
    yield "\nEvents:"
    for event in story.events:
        yield from _event(event)
    yield "\nSent:"
    for one in story.sendings:
        why = f": {shown(one.reason)}" if one.reason else ""
        yield f"  {moment(one.created_at)}  {one.purpose} by {one.channel} to {shown(one.address)}  {one.state}{why}"


def files_of(record: Message | Action) -> Sequence[Attachment]:
    """The files of what somebody wrote."""
    return record.attachments if isinstance(record, Message) else [one.file for one in record.files]


def _ticket(ticket: Ticket) -> Iterator[str]:
    way = f"{ticket.reply_path.channel} to {ticket.reply_path.address}" if ticket.reply_path else "no way to answer"
    yield f"{ticket.number}  {shown(ticket.subject)}"
    yield f"{ticket.state} · {ticket.priority} · {ticket.team} · {ticket.category or 'no category'} · v{ticket.version}"
    yield f"{_person(ticket.customer)} ({ticket.proof}) · {shown(way)}"
    if ticket.participants:
        yield f"take part: {', '.join(map(_person, ticket.participants))}"
    if ticket.assignee:
        yield f"works on it: {shown(ticket.assignee)}"
    if ticket.related:
        yield f"possibly related: {', '.join(map(str, ticket.related))}"


def _person(address: Address) -> str:
    return f"{shown(address.name) or '-'} <{shown(address.value)}>"


def _because(reason: Reason) -> str:
    evidence = f' "{shown(reason.evidence)}"' if reason.evidence else ""
    place = f" ({reason.place})" if reason.place else ""
    return f"{reason.part}: {reason.result} · {reason.rule}{evidence}{place}"


def _message(kept: KeptMessage) -> Iterator[str]:
    record = decode_kept(kept.record)
    head = f"  {kept.seq} {_WHO[kept.direction]} {moment(kept.received_at)}  {kept.direction}"
    if isinstance(record, Message):
        head += f"  {record.channel}" + (f"  [{record.language}]" if record.language else "")
        head += f"  from {_person(record.sender)} ({record.proof})"
        head += f"  ({shown(record.unreadable)})" if record.unreadable else ""
        head += f"  written by a machine: {shown(record.automated)}" if record.automated else ""
    else:
        head += f"  by {shown(record.actor)}"
    yield head
    yield from (f"      {shown(line)}" for line in record.text.splitlines())
    yield from (f"      file: {_file(file)}" for file in files_of(record))


def _file(file: Attachment) -> str:
    size = "as it came" if file.part == WHOLE_ORIGINAL else f"{file.size} bytes"
    return f"{shown(file.name)} ({shown(file.content_type)}, {size})"


def _event(event: TicketEvent) -> Iterator[str]:
    said = "" if event.kind in _SAID_ABOVE else _cut(event.text)
    to = f" to {_person(event.to)}" if event.to else ""
    yield f"  {moment(event.at)}  {event.kind}  by {shown(event.actor)}{to}" + (f": {said}" if said else "")
    if event.to is not None and event.decision is not None:  # What was wrong with a technician's mail.
        yield from (f"      {_because(reason)}" for reason in event.decision.because)


def _cut(text: str) -> str:
    line = " ".join(shown(text).split())
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"

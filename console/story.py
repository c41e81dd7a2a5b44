"""A ticket as people read it in a terminal: what is known of it, what was said, what happened and what was sent."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from console.words import cut, moment, shown, until
from store.codec import decode_kept
from store.events import TicketEvent
from store.lookups import Story
from store.records import WHOLE_ORIGINAL, Action, Address, Attachment, Message, Reason
from store.rows import KeptMessage, Ticket

_WIDTH = 120  # Characters of what a line says of an event.
_SAID_ABOVE = ("answered", "noted", "solved", "waiting")  # Events whose words stand among the messages.
_WHO = {"in": "→", "out": "←", "note": "·"}


def lines(story: Story, now: datetime) -> Iterator[str]:
    """Line by line, as it is `now`; strangers' text is safe on a terminal."""
    yield from _ticket(story.ticket, now)
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


def _ticket(ticket: Ticket, now: datetime) -> Iterator[str]:
    way = f"{ticket.reply_path.channel} to {ticket.reply_path.address}" if ticket.reply_path else "no way to answer"
    yield f"{ticket.number}  {shown(ticket.subject)}"
    yield f"{ticket.state} · {ticket.priority} · {ticket.team} · {ticket.category or 'no category'} · v{ticket.version}"
    yield f"{_state(ticket)}{f' · level {ticket.level}' if ticket.level > 1 else ''}"
    yield f"{_person(ticket.customer)} ({ticket.proof}) · {shown(way)}"
    if ticket.participants:
        yield f"take part: {', '.join(map(_person, ticket.participants))}"
    if ticket.assignee:
        since = f" since {moment(ticket.claimed_at)}" if ticket.claimed_at else ""
        yield f"works on it: {shown(ticket.assignee)}{since}"
    elif ticket.person:
        yield f"routed to: {shown(ticket.person)}, who has not claimed it"
    yield from _deadlines(ticket, now)
    if ticket.related:
        yield f"possibly related: {', '.join(map(str, ticket.related))}"


def _state(ticket: Ticket) -> str:
    """The state in words."""
    if ticket.state == "waiting" and ticket.wakes_at is not None:
        return f"waiting until {moment(ticket.wakes_at)}"
    if ticket.state == "solved" and ticket.solved_at is not None:
        return f"solved {moment(ticket.solved_at)}: it opens again when its customer writes"
    return _STATES.get(ticket.state, ticket.state)


_STATES = {
    "new": "received: nobody works on it yet",
    "open": "in work",
    "waiting": "waiting for its customer",
    "closed": "closed: what its customer writes opens a new one that follows it",
}


def _deadlines(ticket: Ticket, now: datetime) -> Iterator[str]:
    """What is promised, and whether it is or was late."""
    if ticket.answer_by is not None:
        done = ticket.answered_at
        yield _deadline("first answer", ticket.answer_by, done, now)
    if ticket.update_by is not None:
        yield _deadline("next answer", ticket.update_by, None, now)
    if ticket.resolve_by is not None:
        stands = ", stands still" if ticket.waiting_since is not None and ticket.solved_at is None else ""
        yield _deadline("solution", ticket.resolve_by, ticket.solved_at, now) + stands


def _deadline(what: str, by: datetime, done: datetime | None, now: datetime) -> str:
    if done is not None:
        return f"{what} by {moment(by)}: {'late' if done > by else 'in time'}, {moment(done)}"
    return f"{what} by {moment(by)}: {until(by, now)}"


def _person(address: Address) -> str:
    return f"{shown(address.name) or '-'} <{shown(address.value)}>"


def _because(reason: Reason) -> str:
    evidence = f' "{shown(reason.evidence)}"' if reason.evidence else ""
    place = f" ({reason.place})" if reason.place else ""
    return f"{reason.part}: {reason.result or 'none'} · {reason.rule}{evidence}{place}"


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
    said = _action(event) if event.kind in _SAID_ABOVE or not event.text else cut(event.text, _WIDTH)
    to = f" to {_person(event.to)}" if event.to else ""
    yield f"  {moment(event.at)}  {event.kind}  by {shown(event.actor)}{to}" + (f": {said}" if said else "")
    if event.to is not None and event.decision is not None:  # What was wrong with a technician's mail.
        yield from (f"      {_because(reason)}" for reason in event.decision.because)


def _action(event: TicketEvent) -> str:
    """What somebody said of what they did, where it stands nowhere else: of a closing, or of a moment to wait for."""
    because = event.decision.because if event.decision else ()
    said = next((reason.evidence for reason in because if reason.part == "action"), "")
    return "" if said in ("", str(event.ticket.number)) else cut(said, _WIDTH)

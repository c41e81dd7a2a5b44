"""What is kept of a message's way, as lines in the order of time."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from console.words import counted
from router.life.allowed import BY_HAND
from store.codec import decode_kept, decode_routed
from store.deadletters import Letter
from store.errors import Permanent
from store.events import TicketEvent
from store.lookups import Story
from store.originals import Original
from store.records import Action, Inbound, Message, Reason
from store.rows import ParkedItem
from store.traces import Outcome, Sent, Trail

_WORDS: Mapping[str, str] = {"category": "classify", "team": "route", "deadlines": "clock", "conversation": "dedup"}


class Line(msgspec.Struct, frozen=True):
    """Something that happened, or is to."""

    at: datetime
    what: str  # "in", "normalize", "classify", "opened", "sent", ...
    said: str


def lines_of(story: Story | None, trail: Trail, sizes: Mapping[str, int]) -> list[Line]:
    """All of it; `sizes` are those of payloads, by id. What happened at one moment stands in the order of the desk."""
    found = [
        *(_came(original, sizes) for original in trail.originals),
        *(line for item in trail.parked for line in _parked(item)),
        *(line for outcome in trail.outcomes for line in _outcome(outcome, story)),
        *(line for letter in trail.letters for line in _dead(letter)),
        *(line for sent in trail.sent for line in _sent(sent)),
        *(Line(timer.due_at, "due", f"{timer.name}, if nothing is done before") for timer in trail.timers),
    ]
    if story is not None:
        found += [line for kept in story.messages for line in _read(kept.received_at, decode_kept(kept.record))]
        found += [line for event in story.events for line in _event(event)]
    return sorted(found, key=lambda line: (line.at, _ORDER.get(line.what, len(_ORDER))))


_ORDER = {
    name: place
    for place, name in enumerate(
        ("in", "normalize", "dedup", "classify", "guess", "impact", "urgency", "priority", "route", "person", "clock")
    )
}


def _came(original: Original, sizes: Mapping[str, int]) -> Line:
    size = f"{sizes[original.raw]} bytes" if original.raw in sizes else "its bytes are not kept any more"
    records = counted(original.records, "record")
    return Line(
        original.received_at, "in", f"{original.channel} {original.content_type}, {size}, {records}  {original.raw}"
    )


def _read(at: datetime, record: Message | Action | Inbound) -> Iterator[Line]:
    """What normalize made of it, at the moment at which it came."""
    if not isinstance(record, Message):
        return
    parts = [
        record.language or "no language told",
        f"from {record.sender.value or 'nobody who is named'} ({record.proof})",
        counted(len(record.attachments), "file"),
    ]
    if record.automated:
        parts.append(f"written by a machine: {record.automated}")
    if record.unreadable:
        parts.append(f"not read: {record.unreadable}")
    yield Line(at, "normalize", f"{', '.join(parts)}  {record.id}")


def _outcome(outcome: Outcome, story: Story | None) -> Iterator[Line]:
    """What an event or a parked item does not tell."""
    if outcome.outcome == "opened" and story is not None:
        opened = next((event for event in story.events if event.kind == "opened"), None)
        if opened is not None and opened.cause == outcome.id:
            yield from _decided(story.because, outcome.at, story.ticket.config_version)
            return
    if outcome.outcome in ("duplicate", "greeted", "reported", "edited", "dead") or outcome.detail:
        told = "; ".join(map(_because, outcome.because)) or outcome.detail
        yield Line(outcome.at, outcome.outcome, f"{told}  {outcome.id}".strip())


def _decided(because: Sequence[Reason], at: datetime, config: str) -> Iterator[Line]:
    for reason in because:
        yield Line(at, _WORDS.get(reason.part, reason.part), f"{_because(reason)}, config {config}")


def _because(reason: Reason) -> str:
    evidence = f" “{reason.evidence}”" if reason.evidence else ""
    return f"{reason.result or 'none'} ({reason.place or reason.rule}{evidence})"


def _done(reason: Reason) -> str:
    """What somebody did; what they said about it stands behind it, and stays away."""
    if reason.part == "action":
        value = reason.evidence.partition(" · ")[0] if reason.result in _WITH_VALUE else ""
        return f"{reason.result} {value}".strip()
    return _because(msgspec.structs.replace(reason, evidence="") if reason.rule == BY_HAND else reason)


_WITH_VALUE = ("give", "move", "change", "link")  # Actions whose evidence begins with what they made of the ticket.


def _event(event: TicketEvent) -> Iterator[Line]:
    """Without the words, which `deskwire ticket show` has."""
    to = f" to {event.to.value}" if event.to is not None else ""
    reasons = event.decision.because if event.decision is not None and event.kind != "opened" else ()
    why = f": {'; '.join(map(_done, reasons))}" if reasons else ""
    yield Line(event.at, event.kind, f"by {event.actor}{to}{why}")


def _sent(sent: Sent) -> Iterator[Line]:
    what = f"{sent.purpose} by {sent.channel or 'no channel'} to {sent.address or 'nobody'}"
    yield Line(sent.created_at, "notify", f"{what}  {sent.id}")
    why = f": {sent.reason}" if sent.reason else ""
    tries = f" after {counted(sent.attempts, 'attempt')}" if sent.attempts > 1 else ""
    under = f" as {sent.external_id}" if sent.external_id and sent.state == "sent" else ""
    yield Line(sent.settled_at or sent.created_at, sent.state, f"{what}{tries}{under}{why}")


def _parked(item: ParkedItem) -> Iterator[Line]:
    with contextlib.suppress(Permanent):  # A newer release wrote it; its reasons can be read all the same.
        yield from _read(item.parked_at, decode_routed(item.value))
    told = "; ".join(map(_because, item.because)) or item.reason
    decided = f", {item.state} by {item.decided_by}" if item.decided_by else ", waits for a person's word"
    yield Line(item.parked_at, "parked", f"{told}{decided}  {item.id}")


def _dead(kept: Letter) -> Iterator[Line]:
    letter = kept.letter
    yield Line(letter.first_at, "dead", f"first failed in {letter.stage}  {letter.id}")
    decided = f" by {kept.decided_by}" if kept.decided_by else ""
    said = f"{letter.reason}: {letter.detail}; {counted(letter.attempts, 'attempt')}, {kept.state}{decided}"
    yield Line(letter.last_at, "dead", said)

"""What two settings files decide about the same messages, counted: what changes, how often, and an example."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from config.expected import found_in
from config.settings import Configuration
from store.events import TicketEvent
from store.records import Decision, Fact, Message

COMPARED = ("category", "team", "priority", "person")

# Why a team gave a ticket away that should never have come to it.
_WRONG = frozenset({"wrong-topic", "wrong-team"})


class Change(msgspec.Struct, frozen=True, order=True):
    """A decision that comes out otherwise by the other file; empty: nothing was decided."""

    field: str  # One of COMPARED, or "outcome".
    before: str
    after: str


class Example(NamedTuple):
    """A message that shows it."""

    name: str  # A ticket's number, or a file's name.
    words: str  # What it begins with.


class Comparison:
    """Counts as messages come; what it holds does not grow with them, but with the kinds of changes alone."""

    def __init__(self) -> None:
        self.messages = 0
        self.changed = 0
        self.known = 0  # Tickets of which is known where they belonged ...
        self.right_before = 0  # ... and of these the ones that either file sends there.
        self.right_after = 0
        self.counts: Counter[Change] = Counter()
        self.examples: dict[Change, Example] = {}

    def add(self, message: Message, before: Decision, after: Decision, *, name: str, right: str = "") -> None:
        """Count a message; `right` is the team where it belonged, empty where nobody knows."""
        found = list(changes(message, before, after))
        self.messages += 1
        self.changed += bool(found)
        for change in found:
            self.counts[change] += 1
            self.examples.setdefault(change, Example(name, _words(message)))
        if right:
            self.known += 1
            self.right_before += before.team == right
            self.right_after += after.team == right

    @property
    def same(self) -> int:
        """Messages about which both files decide the same."""
        return self.messages - self.changed


def changes(message: Message, before: Decision, after: Decision) -> Iterator[Change]:
    """What the second decision says otherwise."""
    if before.outcome != after.outcome:
        yield Change("outcome", before.outcome, after.outcome)
    one, other = found_in(message, before), found_in(message, after)
    for field in COMPARED:
        if one[field] != other[field]:
            yield Change(field, one[field], other[field])


def right_team(events: Sequence[TicketEvent], *, is_solved: bool) -> str:
    """Where a ticket belonged when it came: the team that solved it, or passed it on although it was theirs.

    Empty where it is not solved yet. A team that gave it away as none of theirs was the wrong one, and whoever they
    gave it to counts; a team that needed somebody with another skill was right.
    """
    if not is_solved or not events:
        return ""
    team = events[0].ticket.team
    for event in events[1:]:
        if event.kind == "moved" and _was_wrong(event):
            team = event.ticket.team
    return team


def _was_wrong(event: TicketEvent) -> bool:
    """Whether a move says that its ticket should never have come: the team, why, and perhaps some words."""
    because = event.decision.because if event.decision is not None else ()
    return any(not _WRONG.isdisjoint(reason.evidence.split(" · ")[:2]) for reason in because)


def as_by(message: Message, configuration: Configuration, *others: Configuration) -> Message:
    """The message with the facts that its channel sets in this file, whatever it set when it came or sets in others."""
    entries = [one.channels[message.channel] for one in (configuration, *others) if message.channel in one.channels]
    if message.channel not in configuration.channels:
        return message
    names = {name for entry in entries for name in entry.settings.sets}
    kept = tuple(fact for fact in message.facts if fact.name not in names)
    own = configuration.channels[message.channel].settings.sets
    return msgspec.structs.replace(
        message, facts=(*kept, *(Fact(name=name, value=value) for name, value in own.items()))
    )


def _words(message: Message) -> str:
    return " ".join((message.subject or message.text[:200]).split())[:40]

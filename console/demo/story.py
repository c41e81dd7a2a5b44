"""Tells journeys in lines for a plain terminal. Pure; words that run from right to left have lines of their own."""

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

from console.demo import cast
from console.demo.journey import Journey
from console.demo.paint import Paint
from console.demo.received import Received
from console.words import JOINERS
from store.deliveries import SENT, Outbound
from store.outgoing import Purpose
from store.records import Action, Address, Message

INDENT = " " * 10
_WIDTH = 88  # Columns of a quoted line, so that with its indent it fits 100.
_CHANNELS = {"mail": "mail", "telegram": "Telegram", "form": "the form"}
_ISOLATED = re.compile("\u2068[^\u2068\u2069]{0,4096}\u2069")
_BETWEEN = " ·,;"  # What may be left between two parts that are on lines of their own.


def told(journey: Journey, *, start: datetime, paint: Paint) -> list[str]:
    """Who wrote what, what became of it, and when it had passed each stage."""
    clock = f"{(journey.accepted_at - start).total_seconds():7.2f} s"
    return [
        f"{clock}  {_who(journey)} → {_fate(journey, paint)}",
        first_line(_words(journey)),
        INDENT + paint.faint(" · ".join(_stages(journey))),
    ]


def quoted(text: str) -> list[str]:
    """The text, safe on a terminal, without its empty lines, and what runs from right to left on lines of its own."""
    apart = (part for line in text.splitlines() for part in _apart(line))
    lines = [line for part in apart for line in textwrap.wrap(plain(part), _WIDTH, subsequent_indent="  ")]
    return [INDENT + line for line in lines]


def first_line(text: str) -> str:
    """The first line with something on it, safe on a terminal and cut to its width."""
    line = next((line for line in map(plain, text.splitlines()) if line.strip()), "").strip()
    return INDENT + (line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…")


def _apart(line: str) -> list[str]:
    """A line of left-to-right text with its isolated right-to-left parts on lines of their own.

    Few terminals know isolates; without them such parts would drag the numbers beside them to the wrong side.
    """
    if _direction(line) == "R":
        return [line]
    return [part for part in _ISOLATED.sub(_on_a_line, line).splitlines() if part.strip(_BETWEEN)]


def _on_a_line(match: re.Match[str]) -> str:
    return f"\n{match.group(0)}\n" if _direction(match.group(0)) == "R" else match.group(0)


def _direction(text: str) -> str:
    """Of its first letter that has one (https://www.unicode.org/reports/tr9/, rule P2): "L" or "R"."""
    found = (unicodedata.bidirectional(sign) for sign in text)
    return next(("L" if kind == "L" else "R" for kind in found if kind in ("L", "R", "AL")), "L")


def plain(text: str) -> str:
    """A stranger's text without what could move a terminal's cursor or turn its direction around."""
    return "".join(sign for sign in text if sign.isprintable() or sign in JOINERS or unicodedata.category(sign) == "Zs")


def got(messages: Iterable[Received], *, titles: Sequence[tuple[str, str]], paint: Paint) -> list[str]:
    """What each reader got, under the reader's title; a reader who got nothing is left out."""
    by_reader: dict[str, list[Received]] = {}
    for one in messages:
        by_reader.setdefault(one.reader, []).append(one)
    named = dict(titles)
    readers = [*(reader for reader, _ in titles if reader in by_reader), *(by_reader.keys() - named.keys())]
    lines: list[str] = []
    for reader in readers:
        lines += ["", f"  {paint.strong(named.get(reader, reader))}"]
        for number, one in enumerate(by_reader[reader]):
            lines += [""] if number else []
            lines += [INDENT + paint.faint(f"Subject: {plain(one.subject)}")] if one.subject else []
            lines += quoted(one.text)
    return lines


def _who(journey: Journey) -> str:
    record = journey.record
    if isinstance(record, Message):
        language = f", {record.language}" if record.language else ""
        return f"{_name(record.sender)} by {_channel(record.channel)}{language}"
    ticket = journey.event.ticket if journey.event else None
    if record.kind == "answer" and ticket is not None and ticket.reply_path is not None:
        return f"a technician answers {_name(ticket.customer)} by {_channel(ticket.reply_path.channel)}"
    return f"a technician, by command ({record.kind})"


def _name(writer: Address) -> str:
    return plain(writer.name or writer.value)


def _channel(name: str) -> str:
    return _CHANNELS.get(name, name)


def _words(journey: Journey) -> str:
    """What stands for a message: a new mail's subject, else how the text begins."""
    record = journey.record
    if isinstance(record, Message) and journey.outcome != "continued":
        return record.subject or record.text
    return record.text


def _fate(journey: Journey, paint: Paint) -> str:
    event = journey.event
    if isinstance(journey.record, Action):
        return paint.odd(f"refused: {journey.detail}") if journey.detail else paint.good(f"ticket {journey.ticket}")
    if event is not None and event.kind == "opened":
        ticket = event.ticket
        parts = [f"ticket {ticket.number}", ticket.category or "no category", ticket.priority, ticket.team]
        return paint.good(" · ".join(parts))
    match journey.outcome:
        case "continued" | "joined":
            return paint.good(f"ticket {journey.ticket}, {journey.outcome} by {_evidence(journey)}")
        case "duplicate":
            return paint.odd(f"duplicate: ticket {journey.ticket} has it already, nobody is told again")
        case "parked":
            return paint.odd(f"parked: {journey.detail}; no ticket, no reply")
        case _:
            return paint.odd(journey.outcome)


def _evidence(journey: Journey) -> str:
    because = journey.event.decision.because if journey.event and journey.event.decision else ()
    return next((reason.rule for reason in because if reason.part == "conversation"), "its conversation")


def _stages(journey: Journey) -> list[str]:
    stages = ["accepted"]
    decided = journey.decided_at
    if journey.normalized_at is not None and decided is not None:
        # We read the log beside the router, and may come to it a moment later than the router does.
        stages.append(f"normalized {_after(journey, min(journey.normalized_at, decided))}")
    if decided is not None:
        stages.append(f"decided {_after(journey, decided)}")
    return stages + [_sent(journey, one) for one in sorted(journey.deliveries, key=_done)]


_DONE = {
    Purpose.ACKNOWLEDGEMENT: "acknowledged",
    Purpose.NOTICE: "told",
    Purpose.ALERT: "alerted",
    Purpose.ANSWER: "delivered",
}


def _sent(journey: Journey, one: Outbound) -> str:
    word = _DONE[one.purpose]
    if one.state != SENT or one.settled_at is None:
        return f"not {word}: {one.reason or one.state}"
    title = next((f" ({team.short})" for team in cast.TEAMS if team.reads == one.address), "")
    return f"{word} {_after(journey, one.settled_at)}{title}"


def _done(one: Outbound) -> datetime:
    return one.settled_at or one.created_at


def _after(journey: Journey, at: datetime) -> str:
    """The time since the message was accepted."""
    return f"+{max(0.0, (at - journey.accepted_at).total_seconds()) * 1000:.0f} ms"

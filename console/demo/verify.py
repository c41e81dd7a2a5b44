"""What must have happened when the scene is over, compared with what did: a list of differences in words. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from console.demo.cast import team
from console.demo.journey import Journey
from console.demo.received import Received
from console.demo.scene import Act, Answer, Fate, Filled, Scene
from store.audit import Audit
from store.records import Action

# What stands in every acknowledgement in this language, and in none in another one.
ACKNOWLEDGED: Mapping[str, str] = {
    "en": "arrived. Number:",
    "fa": "رسید. شمارهٔ پیگیری:",
    "pl": "Numer:",
    "ru": "Номер:",
}


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to see once everything has come to rest."""

    journeys: Sequence[Journey]  # In the order in which they ended.
    received: Sequence[Received]
    pages: Sequence[tuple[Filled, Sequence[str]]]  # Where each press of a form's button led to.
    audit: Audit


def differences(scene: Scene, seen: Seen) -> list[str]:
    """Each in a sentence; empty where all is as it must be."""
    pairs = _paired(scene.acts, seen.journeys)
    return [
        *_of_fates(pairs),
        *_of_answer(scene, seen.journeys),
        *_of_readers(_expected(scene, pairs), seen.received),
        *_of_pages(seen.pages),
        *_of_audit(scene, seen.audit),
    ]


def _paired(acts: Sequence[Act], journeys: Sequence[Journey]) -> list[tuple[Act, Journey | None]]:
    """Each act with its journey: the messages of one source come in the order in which they were sent."""
    waiting: dict[tuple[str, str], list[Journey]] = {}
    for journey in sorted(journeys, key=lambda one: one.accepted_at):
        waiting.setdefault(journey.source, []).append(journey)
    pairs: list[tuple[Act, Journey | None]] = []
    for act in acts:
        mine = waiting.get(act.does.source)
        pairs.append((act, mine.pop(0) if mine else None))
    return pairs


def _of_fates(pairs: Sequence[tuple[Act, Journey | None]]) -> Iterator[str]:
    for act, journey in pairs:
        channel, sender = act.does.source
        name = f"the message of {sender} by {channel}"
        if journey is None:
            yield f"{name} has come to no end, and must be {act.fate.outcome}"
            continue
        found = fate_of(journey)
        for field, must, was in zip(Fate._fields, act.fate, found, strict=True):
            if must != was:
                yield f"{name} has {field} {was or 'none'}, and must have {must or 'none'}"


def fate_of(journey: Journey) -> Fate:
    """What became of a message, in the scene's words."""
    event = journey.event
    if event is None:
        return Fate(journey.outcome, why=journey.detail if journey.outcome == "parked" else "")
    if event.kind != "opened":
        because = event.decision.because if event.decision else ()
        return Fate(journey.outcome, why=next((one.rule for one in because if one.part == "conversation"), ""))
    ticket = event.ticket
    return Fate(journey.outcome, ticket.language, ticket.category, ticket.priority, ticket.team)


def _of_answer(scene: Scene, journeys: Sequence[Journey]) -> Iterator[str]:
    done = [one for one in journeys if isinstance(one.record, Action)]
    if len(done) != 1 or done[0].outcome != "acted" or done[0].detail:
        said = ", ".join(f"{one.outcome} {one.detail}".strip() for one in done) or "nothing"
        yield f"of the technician's answer came: {said}; it must be acted on once ({_name(scene.answer)})"


def _expected(scene: Scene, pairs: Sequence[tuple[Act, Journey | None]]) -> dict[str, list[tuple[str, ...]]]:
    """For each reader what each message must hold, in order; alerts of one team may come in any order."""
    wanted: dict[str, list[tuple[str, ...]]] = {}
    for act, journey in pairs:
        number = str(journey.ticket) if journey and journey.ticket else "?"
        if act.fate.outcome == "opened":
            _, reader = act.does.source
            wanted.setdefault(reader, []).append((ACKNOWLEDGED[act.fate.language], number))
            if act.does.source == scene.answer.to:
                wanted[reader].append((scene.answer.text, number))
        if act.fate.outcome in ("opened", "continued"):
            name = act.fate.team or (journey.event.ticket.team if journey and journey.event else "")
            if name:
                wanted.setdefault(team(name).reads, []).append((f" {number} ",))
    return wanted


def _of_readers(wanted: Mapping[str, list[tuple[str, ...]]], messages: Sequence[Received]) -> Iterator[str]:
    for reader in {**wanted, **{one.reader: () for one in messages}}:
        must = list(wanted.get(reader, []))
        texts = [_comparable(one.text) for one in messages if one.reader == reader]
        if len(texts) != len(must):
            yield f"{reader} got {len(texts)} messages, and must get {len(must)}"
            continue
        for text in texts:
            found = next((words for words in must if all(word in text for word in words)), None)
            if found is None:
                missing = " and ".join(f'"{word.strip()}"' for word in must[0])
                yield f"{reader} got a message without {missing}: {text.splitlines()[0][:60]!r}"
            else:
                must.remove(found)


def _comparable(text: str) -> str:
    """Without the invisible characters that isolate numbers and names from the text around them."""
    return "".join(sign for sign in text if sign not in "\u2066\u2067\u2068\u2069")


def _of_pages(pages: Sequence[tuple[Filled, Sequence[str]]]) -> Iterator[str]:
    for act, led_to in pages:
        if len(led_to) != act.presses or len(set(led_to)) != 1:
            yield f"{act.presses} presses of the form's button led to {len(set(led_to))} pages, and must lead to one"


def _of_audit(scene: Scene, audit: Audit) -> Iterator[str]:
    yield from (f"audit: {words}" for words in audit.differences)
    must = Counter(act.fate.outcome for act in scene.acts)
    must.update(acted=1, reported=1)  # The answer, and the word of its sender that it went.
    was = dict(audit.outcomes)
    for outcome in sorted(must.keys() | was.keys()):
        if must[outcome] != was.get(outcome, 0):
            yield f"{was.get(outcome, 0)} records are {outcome}, and {must[outcome]} must be"
    messages = must["opened"] + must["continued"] + must["acted"]
    sums = (
        ("tickets", audit.tickets, must["opened"]),
        ("messages of tickets", audit.messages, messages),
        ("parked messages", audit.parked, must["parked"]),
        ("dead letters", audit.dead, 0),
        ("records on their way", audit.in_flight + audit.outbox + audit.held, 0),
    )
    for what, was_there, must_be in sums:
        if was_there != must_be:
            yield f"there are {was_there} {what}, and there must be {must_be}"


def _name(answer: Answer) -> str:
    return f"the one to {answer.to[1]}"

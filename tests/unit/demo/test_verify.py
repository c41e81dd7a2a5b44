"""Whether the demo would notice that something went wrong."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from console.demo.cast import team
from console.demo.journey import Journey
from console.demo.received import Received
from console.demo.scene import SCENE, Act, Fate, Filled
from console.demo.verify import ACKNOWLEDGED, Seen, differences
from store.audit import Audit
from store.events import TicketEvent, TicketView
from store.records import Action, Address, Decision, Message, Proof, Reason

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def fulfilled() -> Seen:
    """Exactly what must be seen after the scene."""
    journeys: list[Journey] = []
    received: list[Received] = []
    numbers: dict[tuple[str, str], int] = {}
    for index, act in enumerate(SCENE.acts):
        number = numbers.setdefault(act.does.source, 100_000 + index)
        journeys.append(_journey(index, act, number if act.fate.outcome != "parked" else None))
        received += _received(act, number)
    answered = numbers[SCENE.answer.to]
    action = Action(id="answer", kind="answer", actor="operator:x", ticket=answered, at=START)
    journeys.append(Journey(record=action, decided_at=START, outcome="acted", ticket=answered))
    received.append(Received(SCENE.answer.to[1], START, "", f"{SCENE.answer.text}\n{answered}"))
    pages = [(act.does, ["/sent/1"] * act.does.presses) for act in SCENE.acts if isinstance(act.does, Filled)]
    return Seen(journeys=journeys, received=received, pages=pages, audit=_audit())


def _journey(index: int, act: Act, number: int | None) -> Journey:
    channel, sender = act.does.source
    fate, at = act.fate, START + timedelta(seconds=index)
    record = Message(
        id=str(index),
        raw=str(index),
        channel=channel,
        sender=Address(kind="mail", value=sender),
        received_at=at,
        fingerprint="",
    )
    team_ = fate.team or "network"
    event = (
        TicketEvent(
            id=str(index),
            kind=fate.outcome,
            ticket=TicketView(
                number=number or 0,
                subject="",
                state="new",
                category=fate.category,
                priority=fate.priority,
                team=team_,
                language=fate.language,
                customer=record.sender,
                proof=Proof.CLAIMED,
                reply_path=None,
                opened_at=at,
            ),
            actor="customer",
            cause=record.id,
            decision=Decision(outcome=fate.outcome, because=(Reason(part="conversation", result="", rule=fate.why),)),
            at=at,
        )
        if fate.outcome in ("opened", "continued")
        else None
    )
    detail = fate.why if fate.outcome == "parked" else ""
    return Journey(record=record, decided_at=at, outcome=fate.outcome, detail=detail, ticket=number, event=event)


def _received(act: Act, number: int) -> list[Received]:
    alert = Received(team(act.fate.team or "network").reads, START, "", f"P1 · \u2068{number}\u2069 · subject")
    if act.fate.outcome == "opened":
        text = f"x {ACKNOWLEDGED[act.fate.language]} \u2068{number}\u2069"
        return [Received(act.does.source[1], START, "", text), alert]
    return [alert] if act.fate.outcome == "continued" else []


def _audit() -> Audit:
    outcomes = Counter(act.fate.outcome for act in SCENE.acts)
    outcomes.update(acted=1, reported=1)
    return Audit(
        accepted=10,
        unread=0,
        originals=10,
        records=10,
        in_flight=0,
        outcomes=tuple(outcomes.items()),
        tickets=outcomes["opened"],
        messages=outcomes["opened"] + outcomes["continued"] + 1,
        parked=1,
        dead=0,
        held=0,
        outbox=0,
        deliveries=(),
        differences=(),
    )


def without(reader: str) -> Callable[[Seen], Seen]:
    def change(seen: Seen) -> Seen:
        return msgspec.structs.replace(seen, received=[one for one in seen.received if one.reader != reader])

    return change


def more(message: Received) -> Callable[[Seen], Seen]:
    return lambda seen: msgspec.structs.replace(seen, received=[*seen.received, message])


def journeys_without(outcome: str) -> Callable[[Seen], Seen]:
    def change(seen: Seen) -> Seen:
        return msgspec.structs.replace(seen, journeys=[one for one in seen.journeys if one.outcome != outcome])

    return change


def audited(**changes: object) -> Callable[[Seen], Seen]:
    def change(seen: Seen) -> Seen:
        return msgspec.structs.replace(seen, audit=msgspec.structs.replace(seen.audit, **changes))

    return change


def in_another_language(seen: Seen) -> Seen:
    first = next(one for one in seen.received if ACKNOWLEDGED["fa"] in one.text)
    other = first._replace(text=first.text.replace(ACKNOWLEDGED["fa"], ACKNOWLEDGED["ru"]))
    return msgspec.structs.replace(seen, received=[other if one is first else one for one in seen.received])


def on_two_pages(seen: Seen) -> Seen:
    return msgspec.structs.replace(seen, pages=[(act, ["/sent/1", "/sent/2"]) for act, _ in seen.pages])


def test_what_must_happen_is_no_difference() -> None:
    assert differences(SCENE, fulfilled()) == []


@pytest.mark.parametrize(
    ("sabotage", "words"),
    [
        (without("anna@acme.example"), "anna@acme.example got 0 messages, and must get 1"),
        (
            more(Received("anna@acme.example", START, "", "Numer: 100001")),
            "anna@acme.example got 2 messages, and must get 1",
        ),
        (more(Received("jan@acme.example", START, "", "Hello")), "jan@acme.example got 1 messages, and must get 0"),
        (without(team("accounts").reads), "accounts@nordwind.example got 0 messages, and must get 2"),
        (in_another_language, 'got a message without "رسید. شمارهٔ پیگیری:"'),
        (on_two_pages, "2 presses of the form's button led to 2 pages, and must lead to one"),
        (journeys_without("duplicate"), "the message of anna@acme.example by mail has outcome continued"),
        (journeys_without("parked"), "the message of jan@acme.example by mail has come to no end, and must be parked"),
        (journeys_without("acted"), "of the technician's answer came: nothing"),
        (audited(differences=("rows are missing: 1 (x)",)), "audit: rows are missing: 1 (x)"),
        (audited(tickets=8), "there are 8 tickets, and there must be 7"),
        (audited(messages=10), "there are 10 messages of tickets, and there must be 9"),
        (audited(dead=1), "there are 1 dead letters, and there must be 0"),
        (audited(outbox=1), "there are 1 records on their way, and there must be 0"),
        (audited(outcomes=()), "0 records are parked, and 1 must be"),
    ],
)
def test_whatever_goes_wrong_is_said_in_a_sentence(sabotage: Callable[[Seen], Seen], words: str) -> None:
    found = differences(SCENE, sabotage(fulfilled()))

    assert any(words in sentence for sentence in found), found


@pytest.mark.parametrize("field", ["outcome", "language", "category", "priority", "team", "why"])
def test_each_part_of_a_fate_is_compared(field: str) -> None:
    first, *others = SCENE.acts
    fate = Fate(**first.fate._asdict() | {field: "other"})
    if field == "language":
        fate = first.fate._replace(language="en")
    if field == "team":
        fate = first.fate._replace(team="accounts")
    scene = SCENE._replace(acts=(first._replace(fate=fate), *others))

    found = differences(scene, fulfilled())

    must = getattr(fate, field)
    was = getattr(first.fate, field) or "none"
    assert f"the message of 611000011 by telegram has {field} {was}, and must have {must}" in found

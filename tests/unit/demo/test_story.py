"""How journeys are told."""

from datetime import UTC, datetime, timedelta

import pytest

from console.demo.cast import SARA, SERVICE_DESK
from console.demo.journey import Journey
from console.demo.paint import Paint, wanted
from console.demo.received import Received
from console.demo.story import first_line, got, plain, quoted, told
from store.deliveries import Outbound
from store.events import TicketEvent, TicketView
from store.outgoing import Purpose
from store.records import Action, Address, Decision, Message, Proof, Reason, ReplyPath

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PLAIN = Paint(on=False)


def after(milliseconds: int) -> datetime:
    return START + timedelta(milliseconds=milliseconds)


def message(**changes: object) -> Message:
    fields: dict[str, object] = {
        "id": "m1",
        "raw": "r1",
        "channel": "mail",
        "sender": Address(kind="mail", value="anna@acme.example", name="Anna"),
        "subject": "VPN nie działa",
        "text": "Od rana.",
        "language": "pl",
        "received_at": after(1840),
        "fingerprint": "f1",
    }
    return Message(**fields | changes)  # type: ignore[arg-type]  # Fields by name, as the test names them.


def event(kind: str, *because: Reason) -> TicketEvent:
    ticket = TicketView(
        number=100014,
        subject="VPN nie działa",
        state="new",
        category="network",
        priority="P1",
        team="servicedesk",
        language="pl",
        customer=Address(kind="mail", value="anna@acme.example", name="Anna"),
        proof=Proof.CLAIMED,
        reply_path=ReplyPath(channel="mail", address="anna@acme.example"),
        opened_at=START,
    )
    decision = Decision(outcome="opened", because=because)
    return TicketEvent(id="e1", kind=kind, ticket=ticket, actor="customer", cause="m1", decision=decision, at=START)


def delivery(purpose: Purpose, *, state: str = "sent", reason: str = "", settled: datetime | None = None) -> Outbound:
    return Outbound(
        id=purpose.value,
        ticket=100014,
        event="e1",
        purpose=purpose,
        channel="telegram",
        address=str(SERVICE_DESK.id) if purpose is Purpose.ALERT else "anna@acme.example",
        state=state,
        reason=reason,
        attempts=1,
        doubts=0,
        external_id="",
        created_at=after(1860),
        settled_at=settled,
    )


def journey(**changes: object) -> Journey:
    fields: dict[str, object] = {
        "record": message(),
        "normalized_at": after(1850),
        "decided_at": after(1856),
        "outcome": "opened",
        "ticket": 100014,
        "event": event("opened"),
        "deliveries": (
            delivery(Purpose.ALERT, settled=after(1920)),
            delivery(Purpose.ACKNOWLEDGEMENT, settled=after(1914)),
        ),
    }
    return Journey(**fields | changes)  # type: ignore[arg-type]  # As above.


def test_a_message_that_opens_a_ticket_is_told_with_the_time_of_each_stage() -> None:
    assert told(journey(), start=START, paint=PLAIN) == [
        "   1.84 s  Anna by mail, pl → ticket 100014 · network · P1 · servicedesk",
        "          VPN nie działa",
        "          accepted · normalized +10 ms · decided +16 ms · acknowledged +74 ms · alerted +80 ms (Service Desk)",
    ]


@pytest.mark.parametrize(
    ("changes", "fate"),
    [
        (
            {"outcome": "duplicate", "event": None, "deliveries": ()},
            "duplicate: ticket 100014 has it already, nobody is told again",
        ),
        (
            {"outcome": "parked", "detail": "auto-replied", "ticket": None, "event": None, "deliveries": ()},
            "parked: auto-replied; no ticket, no reply",
        ),
        (
            {
                "outcome": "continued",
                "event": event("continued", Reason(part="conversation", result="continued", rule="our signed id")),
            },
            "ticket 100014, continued by our signed id",
        ),
        ({"outcome": "greeted", "ticket": None, "event": None, "deliveries": ()}, "greeted"),
    ],
)
def test_what_became_of_a_message_stands_behind_the_arrow(changes: dict[str, object], fate: str) -> None:
    head = told(journey(**changes), start=START, paint=PLAIN)[0]

    assert head.partition(" → ")[2] == fate


def test_a_message_that_nobody_was_told_of_says_why() -> None:
    silent = delivery(Purpose.ACKNOWLEDGEMENT, state="suppressed", reason="cap-unproven")

    lines = told(journey(deliveries=(silent,)), start=START, paint=PLAIN)

    assert lines[-1].endswith("decided +16 ms · not acknowledged: cap-unproven")


def test_a_reader_of_the_log_who_comes_after_the_router_is_not_told_as_later_than_it() -> None:
    lines = told(journey(normalized_at=after(1870)), start=START, paint=PLAIN)

    assert "normalized +16 ms · decided +16 ms" in lines[-1]


def test_an_answer_names_the_customer_and_is_not_normalized() -> None:
    action = Action(id="a1", kind="answer", actor="operator:ola", ticket=100014, text="It works again.", at=after(5000))
    sent = delivery(Purpose.ANSWER, settled=after(5040))

    lines = told(
        journey(
            record=action,
            normalized_at=None,
            decided_at=after(5009),
            outcome="acted",
            event=event("answered"),
            deliveries=(sent,),
        ),
        start=START,
        paint=PLAIN,
    )

    assert lines == [
        "   5.00 s  a technician answers Anna by mail → ticket 100014",
        "          It works again.",
        "          accepted · decided +9 ms · delivered +40 ms",
    ]


def test_a_journey_is_over_only_when_all_that_goes_out_has_gone() -> None:
    whole = journey()
    queued = delivery(Purpose.ALERT, state="queued")

    assert whole.is_over
    assert not journey(deliveries=whole.deliveries[:1]).is_over
    assert not journey(deliveries=(whole.deliveries[1], queued)).is_over
    assert not journey(decided_at=None, outcome="").is_over
    assert journey(outcome="duplicate", event=None, deliveries=()).is_over


def test_right_to_left_words_inside_a_line_get_lines_of_their_own() -> None:
    lines = quoted("P2 · \u2068100009\u2069 · \u2068رمز عبور\u2069\nTeam: \u2068servicedesk\u2069")

    assert [line.strip() for line in lines] == ["P2 · 100009 ·", "رمز عبور", "Team: servicedesk"]


def test_a_right_to_left_line_stays_whole_with_its_number() -> None:
    assert [line.strip() for line in quoted("شمارهٔ پیگیری: \u2068100009\u2069")] == ["شمارهٔ پیگیری: 100009"]


def test_text_of_strangers_cannot_move_the_cursor_and_persian_keeps_its_joiners() -> None:
    assert plain("\x1b[2Jnext\x07 \u202e\u2068نمی\u200cتوانم\u2069") == "[2Jnext نمی\u200cتوانم"


def test_long_lines_fit_a_terminal() -> None:
    text = "word " * 60

    assert max(map(len, quoted(text))) <= 100
    assert len(quoted(text)) > 3
    assert len(first_line(text)) <= 100
    assert first_line(text).endswith("…")


def test_readers_who_got_something_are_listed_with_the_known_ones_first() -> None:
    messages = [
        Received("x@example.org", START, "Re: VPN", "Hello"),
        Received(str(SARA.id), START, "", "سلام"),
    ]

    lines = got(messages, titles=[(str(SARA.id), "Sara"), ("nobody", "Nobody")], paint=PLAIN)

    assert [line.strip() for line in lines if line] == ["Sara", "سلام", "x@example.org", "Subject: Re: VPN", "Hello"]


@pytest.mark.parametrize(
    ("environment", "terminal", "colour"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(environment: dict[str, str], terminal: bool, colour: bool) -> None:
    paint = Paint(on=wanted(environment, terminal=terminal))

    assert ("\x1b[" in paint.strong("x")) == colour
    assert ("\x1b[" in told(journey(), start=START, paint=paint)[0]) == colour

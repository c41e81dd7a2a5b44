"""The router over both databases: each record is applied once, whole or not at all, in whatever batches it comes."""

from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest

from router.settings import ReferenceSettings
from store import greetings, lookups, tokens
from store.bus import Stored, TopicPartition
from store.database import Database
from store.numbers import is_number
from store.records import Action, DeliveryReport, Edit, Fact, Membership, Message, Proof, ReplyPath
from store.rows import Chat
from store.tokens import Token, actor_of
from store.topics import EVENTS, MESSAGES
from tests.contract.router_desk import Desk, as_stored, naive
from tests.unit.router.given import ANN, BOB, KEY, NOW, chat_message, message, policy

FIRST = 100009  # The first number of six digits.


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """A desk whose rows must agree with each other, whatever the test did."""
    opened = Desk(database)
    yield opened
    assert await opened.differences() == []


def action(kind: str, **changes: object) -> Action:
    plain = Action(id=f"a-{kind}", kind=kind, actor="operator:ola", at=NOW)
    return msgspec.structs.replace(plain, **changes)


def report(**changes: object) -> DeliveryReport:
    plain = DeliveryReport(id="r1", channel="mail-it", delivery="d1", outcome="sent", at=NOW, fingerprint="fr1")
    return msgspec.structs.replace(plain, **changes)


async def test_a_message_opens_a_ticket_with_a_checked_number(desk: Desk) -> None:
    await desk.handle(message())

    assert await desk.rows("tickets", "number", "state", "subject", "messages", "version") == [
        (FIRST, "new", "VPN", 1, 1)
    ]
    assert is_number(str(FIRST))
    assert await desk.rows("inbox", "id", "raw", "outcome", "ticket") == [("m1", "raw1", "opened", FIRST)]
    assert await desk.rows("events", "kind", "seq", "cause") == [("opened", 1, "m1")]
    assert await desk.rows("outbox", "topic", "key") == [("deskwire.events", str(FIRST))]


async def test_the_event_in_the_outbox_has_the_message_and_its_row_has_not(desk: Desk) -> None:
    await desk.handle(message(text="The VPN is down.", quoted="An old mail."))

    ((value,),) = await desk.rows("outbox", "value")
    ((row,),) = await desk.rows("events", "record")
    assert b"The VPN is down." in value
    assert b"An old mail." not in value
    assert b"The VPN is down." not in row


async def test_redelivery_opens_one_ticket(desk: Desk) -> None:
    await desk.handle(message(), message())
    before = await desk.picture()

    await desk.handle(message())

    assert await desk.picture() == before
    assert await desk.outcomes() == {"m1": "opened"}


async def test_the_same_message_accepted_twice_is_a_duplicate(desk: Desk) -> None:
    await desk.handle(message(), message(id="m2", raw="raw2"))
    await desk.handle(message(id="m3", raw="raw3"))

    assert await desk.rows("inbox", "id", "outcome", "ticket") == [
        ("m1", "opened", FIRST),
        ("m2", "duplicate", FIRST),
        ("m3", "duplicate", FIRST),
    ]
    assert await desk.rows("messages", "id") == [("m1",)]


@pytest.mark.parametrize("together", [True, False])
async def test_a_reply_that_comes_before_its_original_is_joined_by_it(desk: Desk, together: bool) -> None:
    reply = message(id="m2", raw="raw2", external_id="<m2@x>", references=("<m1@acme.example>",), fingerprint="f2")

    if together:
        await desk.handle(reply, message())
    else:
        await desk.handle(reply)
        await desk.handle(message())

    assert await desk.outcomes() == {"m2": "opened", "m1": "joined"}
    assert await desk.rows("messages", "ticket", "seq", "id") == [(FIRST, 1, "m2"), (FIRST, 2, "m1")]
    assert await desk.rows("awaited", "external_id") == []


async def test_an_original_that_comes_too_late_opens_a_ticket_of_its_own(desk: Desk) -> None:
    await desk.handle(message(id="m2", external_id="<m2@x>", references=("<m1@acme.example>",), fingerprint="f2"))
    await desk.handle(message(received_at=NOW + timedelta(hours=1, seconds=1)))

    assert await desk.outcomes() == {"m2": "opened", "m1": "opened"}


async def test_one_poison_record_leaves_its_neighbours_untouched(desk: Desk) -> None:
    poison = naive(message(id="m2", external_id="<m2@x>", fingerprint="f2", sender=BOB))
    garbage = Stored(TopicPartition(MESSAGES, 0), 3, "key", b"\x00 no record")

    failures = await desk.handle(
        message(), poison, garbage, message(id="m4", external_id="<m4@x>", fingerprint="f4", digest="d4")
    )

    assert [failure is None for failure in failures] == [True, False, False, True]
    assert await desk.outcomes() == {"m1": "opened", "m4": "opened"}
    assert await desk.rows("tickets", "number") == [(FIRST,), (100014,)]
    assert await desk.rows("addresses", "value") == [(ANN.value,)]


async def test_a_poison_record_cannot_fail_the_look_up_for_its_batch(desk: Desk) -> None:
    nul = message(id="m\x002", digest="d2", references=("<\x00@x>",), tokens=("\x00",), fingerprint="\x00", sender=ANN)
    huge = action("answer", ticket=2**70, text="Hello.")

    failures = await desk.handle(nul, huge, message())

    assert failures[1:] == [None, None]
    assert (await desk.outcomes())["m1"] == "opened"
    assert (await desk.outcomes())["a-answer"] == "acted"


async def test_a_reply_to_our_delivery_continues_the_ticket(desk: Desk) -> None:
    await desk.handle(message())
    await desk.deliver("d1", FIRST, "<answer@help.example>")

    await desk.handle(
        message(id="m2", external_id="<m2@x>", references=("<answer@help.example>",), fingerprint="f2", digest="d2")
    )

    assert await desk.outcomes() == {"m1": "opened", "m2": "continued"}
    assert await desk.rows("events", "seq", "kind") == [(1, "opened"), (2, "continued")]


async def test_a_token_made_out_to_the_sender_continues_and_proves(desk: Desk) -> None:
    await desk.handle(message(proof=Proof.CLAIMED))
    signed = tokens.sign(KEY, Token(FIRST, actor_of(ANN), "c"), now=NOW, lifetime=timedelta(days=1))

    await desk.handle(
        message(id="m2", external_id="<m2@x>", tokens=(signed,), fingerprint="f2", digest="d2", proof=Proof.CLAIMED)
    )

    assert await desk.outcomes() == {"m1": "opened", "m2": "continued"}
    assert await desk.rows("addresses", "value", "proof") == [(ANN.value, "token")]


async def test_the_desk_reads_its_stories_back(desk: Desk, database: Database) -> None:
    await desk.handle(message(), action("answer", ticket=FIRST, text="Try again now."))

    story = await database.read(lambda connection: lookups.show(connection, FIRST))
    listed = await database.read(lambda connection: lookups.list_tickets(connection, "open", 10))

    assert story is not None
    assert [kept.direction for kept in story.messages] == ["in", "out"]
    assert [event.kind for event in story.events] == ["opened", "answered"]
    assert [reason.part for reason in story.because] == [
        "conversation", "category", "impact", "urgency", "priority", "team"
    ]  # fmt: skip
    assert story.ticket.conversation == ("<m1@acme.example>",)
    assert listed == [story.ticket]
    assert await database.read(lambda connection: lookups.show(connection, 5)) is None
    assert await database.read(lambda connection: lookups.list_tickets(connection, "closed", 10)) == []


# ── chats ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("together", [True, False])
async def test_a_greeting_waits_and_joins_the_next_message_of_its_chat(desk: Desk, together: bool) -> None:
    hi = chat_message(text="Hi 👋", fingerprint="f0", id="c0", external_id="77:0")
    again = msgspec.structs.replace(hi, id="c9")

    if together:
        await desk.handle(hi, chat_message(), again)
    else:
        await desk.handle(hi)
        assert await desk.rows("tickets", "number") == []
        await desk.handle(chat_message())
        await desk.handle(again)

    assert await desk.rows("inbox", "id", "outcome", "ticket") == [
        ("c0", "greeted", FIRST),
        ("c1", "opened", FIRST),
        ("c9", "duplicate", FIRST),
    ]
    assert await desk.rows("messages", "seq", "id") == [(1, "c0"), (2, "c1")]
    assert await desk.rows("greetings", "id") == []


async def test_a_greeting_that_comes_again_with_the_message_it_joins_names_its_ticket(desk: Desk) -> None:
    hi = chat_message(text="Hi 👋", fingerprint="f0", id="c0", external_id="77:0")
    await desk.handle(hi)

    await desk.handle(chat_message(), msgspec.structs.replace(hi, id="c9"))

    assert await desk.rows("inbox", "id", "outcome", "ticket") == [
        ("c0", "greeted", FIRST),
        ("c1", "opened", FIRST),
        ("c9", "duplicate", FIRST),
    ]


async def test_a_second_greeting_opens_the_ticket(desk: Desk) -> None:
    await desk.handle(chat_message(text="Hi", id="c0", fingerprint="f0"), chat_message(text="سلام"))

    assert await desk.outcomes() == {"c0": "greeted", "c1": "opened"}


async def test_a_greeting_that_is_edited_into_a_question_opens_the_ticket(desk: Desk) -> None:
    hi = chat_message(text="Hi")
    edit = Edit(
        id="e1",
        raw="raw2",
        channel="bot",
        external_id=hi.external_id,
        sender=hi.sender,
        text="Hi, the VPN is down",
        edited_at=NOW,
        fingerprint="fe1",
    )
    await desk.handle(hi)

    await desk.handle(edit)

    assert await desk.outcomes() == {"c1": "greeted", "e1": "opened"}
    assert await desk.rows("tickets", "subject", "reply_channel", "reply_address") == [
        ("Hi, the VPN is down", "bot", "77")
    ]


async def test_a_chat_continues_its_open_ticket_and_not_another_chats(desk: Desk) -> None:
    other = msgspec.structs.replace(chat_message().sender, value="78")
    await desk.handle(
        chat_message(),
        chat_message(id="c2", external_id="77:2", fingerprint="f2"),
        chat_message(
            id="c3",
            external_id="78:1",
            fingerprint="f3",
            sender=other,
            reply_path=ReplyPath(channel="bot", address="78"),
        ),
    )

    assert await desk.outcomes() == {"c1": "opened", "c2": "continued", "c3": "opened"}


async def test_an_edit_keeps_both_versions(desk: Desk, database: Database) -> None:
    written = chat_message()
    edit = Edit(
        id="e1",
        raw="raw2",
        channel="bot",
        external_id=written.external_id,
        sender=written.sender,
        text="Solved itself.",
        edited_at=NOW,
        fingerprint="fe1",
    )

    await desk.handle(written, edit)

    story = await database.read(lambda connection: lookups.show(connection, FIRST))
    assert story is not None
    assert b"printer" in story.messages[0].record
    assert story.events[1].kind == "edited"
    assert story.events[1].text == "Solved itself."


async def test_an_edit_of_an_unknown_message_is_parked_and_can_become_a_ticket(desk: Desk) -> None:
    edit = Edit(
        id="e1", raw="raw2", channel="bot", external_id="77:9", sender=ANN, text="New.", edited_at=NOW, fingerprint="fe"
    )
    await desk.handle(edit)
    assert await desk.rows("parked", "id", "reason", "state") == [("e1", "unknown-original", "waiting")]

    await desk.handle(action("accept", item="e1"))

    assert await desk.rows("inbox", "id", "outcome", "ticket") == [
        ("a-accept", "acted", FIRST),
        ("e1", "opened", FIRST),
    ]


async def test_blocking_the_bot_is_told_on_the_open_ticket(desk: Desk) -> None:
    blocked = Membership(id="b1", raw="raw2", channel="bot", chat="77", change="blocked", at=NOW, fingerprint="fb1")
    moved = Membership(
        id="b2", raw="raw3", channel="bot", chat="77", change="migrated", moved_to="-99", at=NOW, fingerprint="fb2"
    )

    await desk.handle(chat_message(), blocked, moved, msgspec.structs.replace(blocked, id="b3", fingerprint="fb3"))

    assert await desk.rows("events", "seq", "kind") == [(1, "opened"), (2, "unreachable"), (3, "moved")]
    assert await desk.rows("tickets", "reply_address") == [("-99",)]
    assert await desk.rows("inbox", "id", "outcome", "ticket") == [
        ("b1", "reported", FIRST),
        ("b2", "reported", FIRST),
        ("b3", "reported", None),
        ("c1", "opened", FIRST),
    ]


# ── machines and what is parked ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("outcome", "kinds"),
    [
        ("sent", ["delivered"]),
        ("failed", ["delivery-failed"]),
        ("bounced", ["delivery-failed"]),
        ("in-doubt", ["delivery-in-doubt"]),
        ("delayed", []),
    ],
)
async def test_a_report_is_written_to_the_ticket_of_its_delivery(desk: Desk, outcome: str, kinds: list[str]) -> None:
    await desk.handle(message())
    await desk.deliver("d1", FIRST)

    await desk.handle(report(outcome=outcome))

    assert [kind for _, kind in await desk.rows("events", "seq", "kind")] == ["opened", *kinds]
    assert (await desk.outcomes())["r1"] == "reported"


async def test_a_report_of_what_we_never_sent_is_parked_and_only_refused(desk: Desk) -> None:
    await desk.handle(report())

    await desk.handle(action("accept", item="r1"), action("refuse", item="r1"))

    assert await desk.rows("parked", "reason", "state", "decided_by") == [
        ("unknown-delivery", "refused", "operator:ola")
    ]
    ((detail,),) = [row[1:] for row in await desk.rows("inbox", "id", "detail") if row[0] == "a-accept"]
    assert "refuse it instead" in str(detail)


async def test_an_automatic_reply_becomes_a_note_and_reopens_nothing(desk: Desk) -> None:
    await desk.handle(message())
    await desk.put_state(FIRST, "solved")

    await desk.handle(
        message(
            id="m2", external_id="<m2@x>", references=("<m1@acme.example>",), fingerprint="f2", automated="auto-replied"
        )
    )

    assert await desk.rows("tickets", "state") == [("solved",)]
    assert await desk.rows("messages", "seq", "direction") == [(1, "in"), (2, "note")]
    assert await desk.rows("events", "seq", "kind") == [(1, "opened"), (2, "noted")]


def reply(**changes: object) -> Message:
    return message(
        **{"id": "m2", "external_id": "<m2@x>", "references": ("<m1@acme.example>",), "fingerprint": "f2"} | changes
    )


async def test_a_reply_to_a_solved_ticket_reopens_it(desk: Desk) -> None:
    await desk.handle(message())
    await desk.put_state(FIRST, "solved")

    await desk.handle(reply())

    assert await desk.rows("tickets", "state") == [("open",)]


@pytest.mark.parametrize("together", [True, False])
async def test_a_reply_to_a_closed_ticket_opens_one_that_follows_it(desk: Desk, *, together: bool) -> None:
    await desk.handle(message())
    await desk.put_state(FIRST, "closed")

    records = [
        reply(digest="d2"),
        reply(id="m3", external_id="<m3@x>", fingerprint="f3", references=("<m2@x>",), digest="d3"),
    ]
    for batch in [records] if together else [[one] for one in records]:
        assert not any(await desk.handle(*batch))

    (_, state), (second, after) = await desk.rows("tickets", "number", "state")
    assert (state, after) == ("closed", "new")
    assert await desk.rows("links", "ticket", "other", "because") == [
        (FIRST, second, "follows"),
        (second, FIRST, "follows"),
    ]
    assert await desk.rows("messages", "ticket", "id") == [(FIRST, "m1"), (second, "m2"), (second, "m3")]
    assert await desk.rows("events", "ticket", "kind") == [
        (FIRST, "linked"),
        (FIRST, "opened"),
        (second, "continued"),
        (second, "opened"),
    ]
    assert await desk.differences() == []


@pytest.mark.parametrize("state", ["new", "waiting", "solved", "closed"])
async def test_thanks_are_kept_and_leave_the_ticket_as_it_is(desk: Desk, state: str) -> None:
    await desk.handle(message())
    await desk.put_state(FIRST, state)

    await desk.handle(reply(text="Thank you so much! 🙏"))

    assert await desk.rows("tickets", "state", "messages") == [(state, 2)]
    assert await desk.rows("events", "kind") == [("opened",), ("thanked",)]


async def test_a_suspect_form_waits_and_opens_its_ticket_when_accepted(desk: Desk) -> None:
    await desk.handle(message(facts=(Fact(name="suspect", value="honeypot"),)))
    assert await desk.rows("parked", "id", "reason") == [("m1", "suspected-spam")]
    assert await desk.rows("tickets", "number") == []

    await desk.handle(action("accept", item="m1"))
    await desk.handle(action("accept", id="again", item="m1"))

    assert await desk.outcomes() == {"m1": "opened", "a-accept": "acted", "again": "acted"}
    assert await desk.rows("parked", "state") == [("accepted",)]
    assert ("again", "m1 was accepted already, by operator:ola") in await desk.rows("inbox", "id", "detail")


# ── actions ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_answer_and_a_note_are_kept_apart(desk: Desk) -> None:
    await desk.handle(message())

    await desk.handle(
        action("note", ticket=FIRST, text="Known outage."), action("answer", ticket=FIRST, text="It works again.")
    )

    assert await desk.rows("messages", "seq", "direction", "sender_value") == [
        (1, "in", ANN.value),
        (2, "note", "operator:ola"),
        (3, "out", "operator:ola"),
    ]
    assert await desk.rows("events", "seq", "kind", "actor") == [
        (1, "opened", "customer"),
        (2, "noted", "operator:ola"),
        (3, "answered", "operator:ola"),
    ]
    assert await desk.rows("tickets", "state", "version") == [("open", 3)]


async def test_a_refused_action_changes_nothing_but_its_outcome(desk: Desk) -> None:
    await desk.handle(action("answer", ticket=482917, text="Hello."))

    assert await desk.rows("inbox", "outcome", "ticket", "detail") == [
        ("acted", None, "there is no ticket 482917: see `deskwire ticket list`")
    ]
    assert await desk.rows("outbox", "id") == []


# ── the dead ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_dead_message_gets_a_ticket_that_says_so(desk: Desk) -> None:
    number = await desk.bury(as_stored(naive(message())))

    assert number == FIRST
    assert await desk.rows("inbox", "id", "raw", "outcome", "ticket", "detail") == [
        ("m1", "raw1", "dead", FIRST, "ValueError at decide.py:1")
    ]
    assert await desk.rows("tickets", "sender_value", "reply_address") == [(ANN.value, ANN.value)]
    sent = await desk.rows("outbox", "topic", "value")
    assert [b'"unreadable":"ValueError at decide.py:1"' in value for topic, value in sent if topic == EVENTS] == [True]


async def test_a_dead_record_that_comes_again_stays_dead(desk: Desk) -> None:
    await desk.bury(as_stored(message()))
    before = await desk.picture()

    await desk.handle(message())

    assert await desk.picture() == before


async def test_a_replayed_message_takes_the_place_of_its_stand_in(desk: Desk) -> None:
    await desk.bury(as_stored(message()))
    await desk.handle(action("replay", item="letter-0"))

    await desk.handle(message())
    await desk.handle(message())

    assert await desk.rows("inbox", "id", "outcome", "ticket") == [
        ("a-replay", "acted", None),
        ("m1", "continued", FIRST),
    ]
    assert await desk.rows("dead_letters", "state") == [("resolved",)]
    assert await desk.rows("messages", "seq", "id", "digest") == [(1, "m1", "d1")]
    assert await desk.rows("tickets", "messages", "version") == [(1, 2)]


async def test_a_dead_letter_can_be_dropped_once(desk: Desk) -> None:
    await desk.bury(as_stored(message()))

    await desk.handle(action("drop", item="letter-0"), action("drop", id="again", item="letter-0"))

    details = dict(await desk.rows("inbox", "id", "detail"))
    assert details["a-drop"] == ""
    assert "dropped already" in str(details["again"])


async def test_the_reason_of_a_drop_or_a_refusal_is_kept_beside_its_author(desk: Desk) -> None:
    await desk.bury(as_stored(message()))
    await desk.handle(report())

    await desk.handle(
        action("drop", item="letter-0", text="a test\nof ours"), action("refuse", item="r1", text="not ours")
    )

    assert await desk.rows("dead_letters", "decided_by") == [("operator:ola: a test of ours",)]
    assert await desk.rows("parked", "decided_by") == [("operator:ola: not ours",)]


async def test_bytes_that_are_no_record_leave_their_letter_alone(desk: Desk) -> None:
    number = await desk.bury(Stored(TopicPartition(MESSAGES, 0), 7, "key", b"\xff\xfe"))

    assert number is None
    assert await desk.rows("inbox", "id", "outcome", "ticket") == []
    assert await desk.rows("dead_letters", "id", "state") == [("letter-7", "waiting")]


async def test_greetings_can_be_read_while_they_wait(desk: Desk, database: Database) -> None:
    hi = chat_message(text="Hi")
    await desk.handle(hi)

    chat = Chat("bot", "77")
    assert await database.read(lambda connection: greetings.of_chats(connection, {chat})) == {chat: (hi,)}


async def test_an_unproven_name_is_no_identity(desk: Desk) -> None:
    await desk.handle(message(), message(id="m2", external_id="<m2@x>", sender=BOB, fingerprint="f2", digest="d2"))

    assert len(await desk.rows("contacts", "id")) == 2


async def test_ticket_numbers_grow_to_the_digits_that_are_asked_for(database: Database) -> None:
    await Desk(database).handle(message())
    await Desk(database, policy(reference=ReferenceSettings(digits=8))).handle(
        message(id="m2", external_id="<m2@x>", fingerprint="f2", digest="d2")
    )
    await Desk(database).handle(message(id="m3", external_id="<m3@x>", fingerprint="f3", digest="d3"))

    numbers = [str(number) for (number,) in await Desk(database).rows("tickets", "number")]
    assert sorted(len(number) for number in numbers) == [6, 8, 8]
    assert all(is_number(number) for number in numbers)

"""Technicians' mail over both databases: drafts outlive the transaction, and what was forwarded gets its note."""

from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest

from router.policy import Policy
from router.technicians.staff import Staff, Technician
from store.codec import decode
from store.database import Database
from store.events import TicketEvent
from store.records import Action, Address, Forwarded, Message, Proof
from store.tokens import Token, actor_of, sign
from store.topics import ACTIONS
from tests.contract.router_desk import Desk
from tests.unit.router.given import KEY, NOW, message, policy

FIRST = 100009
OLA = Address(kind="mail", value="ola@desk.example", name="Ola")
STAFF = Staff(people={OLA.value: Technician(actor="person:ola", address=OLA)})


def known() -> Policy:
    choices = {"priority": ("P1", "P2"), "team": ("help",), "language": ("en",)}
    return msgspec.structs.replace(policy(), staff=STAFF, choices=choices)


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """A desk with Ann's ticket, whose rows must agree with each other whatever the test did."""
    opened = Desk(database, known(), routers=2)
    await opened.handle(message())
    yield opened
    assert await opened.differences() == []


def mail(text: str, number: str = "1", *, purpose: str = "s", **changes: object) -> Message:
    """Ola's reply to an alert."""
    token = sign(KEY, Token(FIRST, actor_of(OLA), purpose), now=NOW, lifetime=timedelta(days=30))
    plain = {
        "id": f"s{number}",
        "raw": f"raw-s{number}",
        "external_id": f"<s{number}@desk.example>",
        "sender": OLA,
        "tokens": (token,),
        "text": text,
        "fingerprint": f"fs{number}",
        "digest": f"ds{number}",
    }
    return message(**plain | changes)


async def kinds(desk: Desk) -> list[str]:
    return [str(kind) for _, kind in sorted(await desk.rows("events", "seq", "kind"))]


async def test_an_answer_is_a_message_of_the_ticket_and_its_writer_works_on_it(desk: Desk) -> None:
    await desk.handle(mail("#p1\nIt is open again."))

    assert await desk.rows("messages", "id", "direction", "sender_value") == [
        ("m1", "in", "ann@acme.example"),
        ("s1", "out", "person:ola"),
    ]
    assert await desk.rows("tickets", "state", "priority", "assignee") == [("open", "P1", "person:ola")]
    assert await desk.rows("inbox", "id", "outcome", "ticket") == [("m1", "opened", FIRST), ("s1", "acted", FIRST)]


async def test_a_mail_that_comes_again_is_carried_out_once(desk: Desk) -> None:
    await desk.handle(mail("It is open again."))
    await desk.handle(mail("It is open again."))
    await desk.handle(mail("It is open again.", "2", fingerprint="fs1"))

    assert await kinds(desk) == ["opened", "answered"]


async def test_a_mail_that_comes_to_two_of_our_mailboxes_is_answered_once(desk: Desk) -> None:
    await desk.handle(mail("It is open again."))
    other = mail("It is open again.", "2", channel="mail-support", external_id="<s1@desk.example>", digest="ds1")
    await desk.handle(other)
    await desk.handle(msgspec.structs.replace(other, id="s3", fingerprint="fs3", digest="d3", text="Other words."))

    assert await kinds(desk) == ["opened", "answered", "answered"]
    assert (await desk.outcomes())["s2"] == "duplicate"


@pytest.mark.parametrize("together", [True, False])
async def test_a_draft_is_kept_until_it_is_sent(desk: Desk, together: bool) -> None:
    bad, send = mail("#oops\nIt is open again."), mail("#send", "2")
    if together:
        await desk.handle(bad, send)
    else:
        await desk.handle(bad)
        assert len(await desk.rows("drafts", "ticket")) == 1
        await desk.handle(send)

    assert await kinds(desk) == ["opened", "not-sent", "answered", "carried-out"]
    assert await desk.rows("drafts", "ticket") == []
    assert await desk.rows("messages", "id", "direction") == [("m1", "in"), ("s2", "out")]


async def test_a_draft_knows_after_its_token_that_it_was_a_note(desk: Desk) -> None:
    await desk.handle(mail("#oops\nNot for her.", purpose="n"))
    await desk.handle(mail("#send", "2"))

    assert await kinds(desk) == ["opened", "not-sent", "noted", "carried-out"]


async def test_a_later_draft_takes_the_place_of_the_one_before(desk: Desk) -> None:
    await desk.handle(mail("#oops\nFirst words."), mail("#oops\nSecond words.", "2"))
    await desk.handle(mail("#send", "3"))

    records = [decode(record, TicketEvent) for (record,) in await desk.rows("events", "record")]
    assert [event.text for event in records if event.kind == "answered"] == ["Second words."]


async def test_a_held_mail_waits_and_what_an_operator_lets_in_is_a_note(desk: Desk) -> None:
    await desk.handle(mail("#done\nWords.", proof=Proof.CLAIMED))
    assert await desk.rows("parked", "id", "reason", "state") == [("s1", "staff-unproven", "waiting")]
    assert await kinds(desk) == ["opened", "held"]

    await desk.handle(Action(id="a1", kind="accept", actor="operator:jan", item="s1", at=NOW))

    assert await kinds(desk) == ["opened", "held", "noted"]
    assert await desk.rows("messages", "id", "direction") == [("m1", "in"), ("s1", "note")]
    assert await desk.rows("tickets", "state") == [("new",)]


async def test_a_forward_opens_the_customer_s_ticket_and_its_note_follows(desk: Desk) -> None:
    ann, passed = (
        message().sender,
        "Help her.\n\n--- Forwarded ---\nFrom: ann@acme.example\n\nMy lamp is dark.",
    )
    forwarded = Forwarded(sender=ann, subject="Lamp", text="My lamp is dark.")
    await desk.handle(mail(passed, tokens=(), forwarded=forwarded))
    (action,) = [
        decode(value, Action)
        for topic, value in await desk.rows("outbox", "topic", "value")
        if topic == ACTIONS and isinstance(value, bytes)
    ]
    await desk.handle(action)

    assert await desk.rows("tickets", "number", "sender_value", "proof", "subject") == [
        (FIRST, "ann@acme.example", "domain-verified", "VPN"),
        (action.ticket, "ann@acme.example", "claimed", "Lamp"),
    ]
    assert len(await desk.rows("contacts", "id")) == 1
    assert [row[1:] for row in await desk.rows("messages", "ticket", "direction", "sender_value")][1:] == [
        ("in", "ann@acme.example"),
        ("note", "person:ola"),
    ]


@pytest.mark.parametrize("attached", ["", "<lamp@acme.example>"])
async def test_a_forward_that_comes_to_two_of_our_mailboxes_opens_one_ticket(desk: Desk, attached: str) -> None:
    forwarded = Forwarded(sender=message().sender, subject="Lamp", text="My lamp is dark.", external_id=attached)
    first = mail("Help her.\n\nMy lamp is dark.", tokens=(), forwarded=forwarded)
    second = msgspec.structs.replace(first, id="s2", channel="mail-support", fingerprint="fs2")
    other = msgspec.structs.replace(first, id="s3", external_id="<s3@desk.example>", fingerprint="fs3", digest="ds3")
    await desk.handle(first, second)
    await desk.handle(msgspec.structs.replace(second, id="s4", fingerprint="fs4"), other)

    assert await desk.outcomes() == {
        "m1": "opened",
        "s1": "opened",
        "s2": "duplicate",
        "s3": "opened",
        "s4": "duplicate",
    }
    assert not any("desk.example" in str(row) for row in await desk.rows("tickets", "conversation"))

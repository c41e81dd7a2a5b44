"""What is sent twice, as the desk keeps it: joined with its reason, counted, and taken out again without a loss."""

from datetime import timedelta

import msgspec
import pytest

from store import lookups
from store.database import Database
from store.records import Action, Address, ContactCard, Fact, Message
from tests.contract.router_desk import Desk
from tests.unit.router.given import ANN, NOW, chat_message, message

FIRST, SECOND = 100009, 100014
WORDS = "The badge reader at gate 4 rejects my employee card since yesterday."
MAIL = message(text=WORDS)
CHAT = chat_message(text=f"Hi! {WORDS}", received_at=NOW + timedelta(hours=1))
ONE_PERSON = Action(
    id="card",
    kind="contact",
    actor="operator:jan",
    card=ContactCard(addresses=(ANN, Address(kind="telegram", value="77"))),
    at=NOW,
)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def _split(item: str, ticket: int = FIRST, **changes: object) -> Action:
    plain = Action(id=f"split-{item}", kind="split", actor="operator:jan", ticket=ticket, item=item, at=NOW)
    return msgspec.structs.replace(plain, **changes)


def _alert(n: int) -> Message:
    return message(
        id=f"a{n}",
        external_id="",
        fingerprint=f"fa{n}",
        digest=f"da{n}",
        subject="Disk",
        text=f"Disk of web-01 is {n} % full",
        facts=(Fact(name="audience", value="machine"),),
        received_at=NOW + timedelta(minutes=n),
    )


async def test_one_person_by_two_channels_has_one_ticket(desk: Desk) -> None:
    await desk.handle(ONE_PERSON)
    await desk.handle(MAIL)
    await desk.handle(CHAT)
    await desk.handle(chat_message(id="c2", text="Any news?", external_id="77:2", fingerprint="fc2", digest="dc2"))

    assert await desk.outcomes() == {"card": "acted", "m1": "opened", "c1": "joined", "c2": "continued"}
    assert [number for (number,) in await desk.rows("tickets", "number")] == [FIRST]
    assert [kind for (kind,) in await desk.rows("events", "kind")] == ["continued", "continued", "opened"]


async def test_two_people_who_write_the_same_have_two_tickets(desk: Desk) -> None:
    await desk.handle(MAIL)
    await desk.handle(CHAT)

    assert await desk.outcomes() == {"m1": "opened", "c1": "opened"}


async def test_an_alert_counts_up_in_one_ticket_and_is_kept_each_time(desk: Desk) -> None:
    await desk.handle(*(_alert(n) for n in range(3)))
    await desk.handle(_alert(3))

    assert await desk.rows("sketches", "message", "seen") == [("a0", 4)]
    assert await desk.rows("messages", "id", "direction") == [
        ("a0", "in"),
        ("a1", "note"),
        ("a2", "note"),
        ("a3", "note"),
    ]
    assert [kind for (kind,) in await desk.rows("events", "kind")] == ["noted", "noted", "noted", "opened"]


async def test_a_message_that_is_split_off_has_a_ticket_of_its_own(desk: Desk, database: Database) -> None:
    await desk.handle(ONE_PERSON)
    await desk.handle(MAIL)
    await desk.handle(CHAT)
    await desk.handle(_split("c1"))

    story = await database.read(lambda connection: lookups.show(connection, SECOND))
    left = await database.read(lambda connection: lookups.show(connection, FIRST))
    assert story is not None
    assert left is not None
    assert [kept.id for kept in story.messages] == ["c1"]
    assert [(event.kind, event.actor) for event in story.events] == [("opened", "operator:jan")]
    assert story.because[0].rule == "split"
    assert story.ticket.reply_path == CHAT.reply_path
    assert [(kept.id, kept.direction) for kept in left.messages] == [("m1", "in"), ("split-c1", "note")]
    assert [event.kind for event in left.events] == ["opened", "continued", "split"]
    assert (story.ticket.related, left.ticket.related) == ((FIRST,), (SECOND,))
    assert await desk.differences() == []


async def test_nothing_joins_by_likeness_what_was_split(desk: Desk) -> None:
    await desk.handle(ONE_PERSON)
    await desk.handle(MAIL)
    await desk.handle(CHAT)
    await desk.handle(_split("c1"))
    again = msgspec.structs.replace(MAIL, id="m2", channel="mail-hr", external_id="<m2@x>", fingerprint="f2")
    await desk.handle(again)
    news = chat_message(id="c2", text="Any news?", external_id="77:2", fingerprint="fc2", digest="dc2")
    await desk.handle(news)

    outcomes = await desk.rows("inbox", "id", "ticket")
    assert ("m2", 100023) in outcomes
    assert ("c2", SECOND) in outcomes


REFUSED = {
    "that opened the ticket": _split("m1"),
    "that is not there": _split("nothing"),
    "of another ticket": _split("c1", ticket=SECOND),
}


@pytest.mark.parametrize("action", REFUSED.values(), ids=REFUSED.keys())
async def test_a_message_that_cannot_be_split_off_stays(desk: Desk, action: Action) -> None:
    await desk.handle(ONE_PERSON)
    await desk.handle(MAIL, CHAT)
    before = await desk.rows("messages", "id", "ticket")

    await desk.handle(action)

    ((told,),) = [(detail,) for kind, detail in await desk.rows("inbox", "id", "detail") if kind == action.id]
    assert "ticket" in str(told)
    assert await desk.rows("messages", "id", "ticket") == before


async def test_a_message_is_split_off_once(desk: Desk) -> None:
    await desk.handle(ONE_PERSON)
    await desk.handle(MAIL, CHAT)
    await desk.handle(_split("c1"), _split("c1", id="again"))

    assert len(await desk.rows("tickets", "number")) == 2
    assert await desk.differences() == []

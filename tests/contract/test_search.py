"""Tickets are found by what was said, by whose they are and by what is due, on SQLite and on PostgreSQL."""

from datetime import timedelta

import pytest

from router.policy import Policy
from store import ticket_list
from store.database import Database
from store.records import Action, Message
from store.ticket_list import NOBODY, Sought
from store.words import searched
from tests.contract.router_desk import Desk
from tests.unit.router.given import NOW, message, policy

FIRST, SECOND, THIRD = 100009, 100014, 100023


def settings() -> Policy:
    return policy(teams=("help", "network"), languages=("en", "pl"))


def asks(number: int, subject: str, text: str) -> Message:
    mark = str(number)
    return message(
        id=f"m{mark}", external_id=f"<{mark}@x>", fingerprint=f"f{mark}", digest=f"d{mark}", subject=subject, text=text
    )


def says(kind: str, number: int, text: str) -> Action:
    return Action(id=f"{kind}-{number}", kind=kind, actor="person:ola", ticket=number, text=text, at=NOW)


@pytest.fixture
async def desk(database: Database) -> Desk:
    desk = Desk(database, settings())
    await desk.handle(
        asks(1, "VPN", "The tunnel-daemon stops."),
        asks(2, "Ошибка", "Принтёр жуёт бумагу, żółć i gęś"),
        asks(3, "", "رمز عبور كاربري را فراموش کرده‌ام"),
    )
    assert not any(await desk.handle(says("answer", FIRST, "Restart the concentrator."), says("claim", THIRD, "")))
    return desk


async def numbers(database: Database, **sought: object) -> list[int]:
    wanted = Sought(**sought)  # type: ignore[arg-type] # Of one type for each name.
    return [one.number for one in await database.read(lambda connection: ticket_list.found(connection, wanted))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tunnel", [FIRST]),
        ("TUNN daem", [FIRST]),
        ("vpn", [FIRST]),  # Of the subject.
        ("concentrator", [FIRST]),  # Of a technician.
        ("vpn concentrator", []),  # Of two messages.
        ("принтер", [SECOND]),
        ("ПРИНТЕР ошибк", [SECOND]),
        ("zolc", [SECOND]),
        ("gęś", [SECOND]),
        ("کاربری", [THIRD]),
        ("كاربري", [THIRD]),  # With the letters of an Arabic keyboard.
        ("فراموش کرده ام", []),  # Parted where the message has a joiner: three words that it has not.
        ("فراموش کرده‌ام", [THIRD]),
        ("unnel", []),  # Not inside of words.
        ("i", [SECOND]),  # Short words are whole ones.
        ("nosuchword", []),
        ("' OR 1 & | !", []),
    ],
)
async def test_words_are_found_however_they_are_typed(
    desk: Desk, database: Database, text: str, found: list[int]
) -> None:
    assert await numbers(database, words=searched(text).split()) == found
    assert await desk.differences() == []


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ({}, [THIRD, SECOND, FIRST]),
        ({"limit": 1}, [THIRD]),
        ({"states": ("open",)}, [THIRD, FIRST]),
        ({"states": ("new", "open"), "words": ["vpn"]}, [FIRST]),
        ({"person": "person:ola"}, [THIRD, FIRST]),
        ({"person": NOBODY}, [SECOND]),
        ({"team": "network"}, []),
        ({"customer": "ann@acme.example", "limit": 2}, [THIRD, SECOND]),
        ({"customer": "nobody@acme.example"}, []),
        ({"order": "due"}, [FIRST, SECOND, THIRD]),
        ({"due_by": NOW + timedelta(days=9)}, []),
    ],
)
async def test_what_is_said_of_tickets_must_all_hold(
    desk: Desk,
    database: Database,
    sought: dict[str, object],
    found: list[int],
) -> None:
    assert await numbers(database, **sought) == found

"""What is kept of a message's way is found by whatever is known of it, on both databases; so is the past, in pages."""

from collections.abc import AsyncIterator

import msgspec
import pytest
from sqlalchemy import Connection

from router.settings import ReferenceSettings
from store import history, traces
from store.database import Database
from store.records import Action
from tests.contract.router_desk import Desk
from tests.unit.router.given import ANN, BOB, NOW, chat_message, message, policy

FIRST, SECOND = 100009, 100014


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    opened = Desk(database, policy(reference=ReferenceSettings(digits=6), teams=("help", "network")))
    yield opened
    assert await opened.differences() == []


async def _numbers(database: Database, text: str) -> list[int]:
    return await database.read(lambda connection: traces.tickets_named(connection, text, 5))


async def test_a_ticket_is_found_by_number_address_chat_and_external_id(desk: Desk, database: Database) -> None:
    await desk.handle(message())
    await desk.handle(chat_message())

    assert await _numbers(database, str(FIRST)) == [FIRST]
    assert await _numbers(database, ANN.value.upper()) == [FIRST]
    assert await _numbers(database, "<m1@acme.example>") == [FIRST]
    assert await _numbers(database, "m1@acme.example") == [FIRST]
    (chat,) = await _numbers(database, "77")
    assert await _numbers(database, "bot:77") == [chat]
    for nothing in (BOB.value, "100010", "", "9" * 30, "\u0663", "'; DROP TABLE tickets"):
        assert await _numbers(database, nothing) == [], nothing


async def test_records_are_found_by_the_beginning_of_an_id(desk: Desk, database: Database) -> None:
    await desk.handle(message(id="abcdef0123", raw="0123456789"))

    def named(connection: Connection, text: str) -> tuple[set[str], set[int]]:
        return traces.records_named(connection, text, 5)

    assert await database.read(lambda connection: named(connection, "abcdef")) == ({"0123456789"}, {FIRST})
    assert await database.read(lambda connection: named(connection, "abcde")) == (set(), set())
    assert await database.read(lambda connection: named(connection, "abcdee")) == (set(), set())


async def test_a_duplicate_keeps_its_reasons_where_no_event_has_them(desk: Desk, database: Database) -> None:
    await desk.handle(message())
    await desk.handle(message(id="m2", raw="raw2"))

    trail = await database.read(lambda connection: traces.of_ticket(connection, FIRST))

    first, second = sorted(trail.outcomes, key=lambda outcome: outcome.id)
    assert (first.outcome, first.because) == ("opened", ())
    assert (second.outcome, [reason.part for reason in second.because]) == ("duplicate", ["duplicate"])


async def test_what_is_parked_is_on_its_payload_s_trail(desk: Desk, database: Database) -> None:
    await desk.handle(message(automated="auto-replied", raw="raw9"))

    trail = await database.read(lambda connection: traces.of_raws(connection, ["raw9"]))
    empty = await database.read(lambda connection: traces.of_raws(connection, []))

    assert [item.reason for item in trail.parked] == ["auto-replied"]
    assert [outcome.outcome for outcome in trail.outcomes] == ["parked"]
    assert empty.is_empty


async def test_the_past_is_read_in_pages_with_the_teams_that_tickets_came_to(desk: Desk, database: Database) -> None:
    await desk.handle(message())
    await desk.handle(message(id="m2", fingerprint="f2", digest="d2", external_id="<m2@acme.example>", sender=BOB))
    move = Action(id="a1", kind="move", actor="person:ola", ticket=FIRST, value="network", why="wrong-team", at=NOW)
    assert await desk.handle(move) == [None]

    newest = await database.read(lambda connection: history.opened_before(connection, None, 1))
    older = await database.read(lambda connection: history.opened_before(connection, newest[0].number, 10))
    teams = await database.read(lambda connection: history.teams_of(connection, [FIRST]))

    assert [past.number for past in (*newest, *older)] == [SECOND, FIRST]
    assert [event.ticket.team for event in teams[FIRST]] == ["help", "network"]
    assert msgspec.json.encode(teams[FIRST][-1].decision).count(b"wrong-team") == 1

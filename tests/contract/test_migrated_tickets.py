"""Tickets of the release before deciding are in a state, and go on from it: on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from router.due.schedule import CLOSE, GIVE_UP, timers_of
from store import lookups
from store.database import Database, open_database
from store.migrate import migrate
from store.rows import Ticket
from tests.unit.router.ladder_desk import desk

OPENED, CHANGED = datetime(2026, 11, 2, 9, tzinfo=UTC), datetime(2026, 11, 5, 9, tzinfo=UTC)
STATES = ("new", "open", "waiting", "solved", "closed")


@pytest.fixture
async def before(database_url: str) -> AsyncIterator[Database]:
    """A database of revision 0002."""
    opened = open_database(database_url)

    def steps(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", "store:migrations")
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")

    await opened.write(steps)
    yield opened
    await opened.close()


def stored(moment: datetime) -> int:
    """As the tables keep it."""
    return round(moment.timestamp() * 1_000_000)


def put(connection: Connection, table: str, **values: object) -> None:
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)


def put_tickets(connection: Connection) -> None:
    """One in each state, and what brought it there."""
    plain = ("subject", "category", "priority", "language", "channel", "sender_kind", "sender_value", "sender_name")
    rest = ("reply_channel", "reply_address", "config_version")
    put(connection, "contacts", id="ann", name="Ann", language="en", created_at=stored(OPENED))
    for number, state in enumerate(STATES, start=1):
        put(
            connection,
            "tickets",
            number=number,
            contact="ann",
            state=state,
            team="help",
            assignee=None if state == "new" else "person:ola",
            **dict.fromkeys((*plain, *rest), ""),
            proof="claimed",
            because=b"[]",
            conversation=b"[]",
            messages=0,
            version=3,
            opened_at=stored(OPENED),
            changed_at=stored(CHANGED),
        )
        for seq, kind in enumerate(("opened", *(() if state == "new" else ("answered", state)), "noted"), start=1):
            put(
                connection,
                "events",
                id=f"{number}-{seq}",
                ticket=number,
                seq=seq,
                kind=kind,
                actor="",
                cause="",
                at=stored(OPENED + timedelta(hours=seq)),
                record=b"{}",
            )


async def migrated(before: Database) -> dict[str, Ticket]:
    await before.write(put_tickets)
    await migrate(before)
    found = await before.read(lambda connection: lookups.by_number(connection, range(1, len(STATES) + 1)))
    return {ticket.state: ticket for ticket in found.values()}


async def test_a_solved_ticket_is_closed_its_time_after_it_was_solved(before: Database) -> None:
    solved = (await migrated(before))["solved"]

    (timer,) = timers_of(solved, desk())

    assert (timer.name, timer.due_at) == (CLOSE, OPENED + timedelta(hours=3, days=5))


async def test_a_waiting_ticket_waits_from_the_upgrade_on(before: Database) -> None:
    began = datetime.now(UTC)

    waiting = (await migrated(before))["waiting"]

    given_up = next(timer for timer in timers_of(waiting, desk()) if timer.name == GIVE_UP)
    assert given_up.due_at >= began + timedelta(days=7)  # Nobody is given up who was never reminded.


async def test_what_was_answered_counts_as_answered(before: Database) -> None:
    tickets = await migrated(before)

    assert tickets["new"].answered_at is None
    assert tickets["open"].answered_at == OPENED + timedelta(hours=2)
    assert tickets["solved"].answered_at == OPENED + timedelta(hours=2)
    assert (tickets["open"].held_by, tickets["open"].level) == ("person:ola", 1)

"""New tickets are kept with whoever gets them and with what is promised, on every database and in any batches."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlalchemy import Connection

from router.crew.teams import Person, Shift, team
from router.hours.calendar import always
from router.hours.open_hours import OpenHours
from router.policy import Policy
from router.promises.sla import Sla, Within
from store import loads, lookups
from store.codec import decode
from store.database import Database
from store.events import TicketEvent
from store.records import Action, Message
from store.rows import Load
from tests.contract.router_desk import Desk
from tests.contract.test_look_ups import scans
from tests.unit.router.given import NOW, message, policy

ALWAYS = OpenHours([always(ZoneInfo("UTC"))])
PEOPLE = ("ola", "ivan", "mika")
ALL = [f"person:{key}" for key in PEOPLE]


def desk_policy(prefer: str = "least_busy") -> Policy:
    return msgspec.structs.replace(
        policy(route={"team": "help", "copy": ["network"]}),
        teams={"help": team("help", always=ALWAYS, level=2, shifts=(Shift("always", ALWAYS, PEOPLE),))},
        people={key: Person(key=key, name=key.title()) for key in PEOPLE},
        prefer=(prefer,),
        sla={"P3": Sla(first_answer=Within(timedelta(hours=4)), resolve=Within(days=3), update=Within(timedelta(1)))},
    )


def mail(number: int) -> Message:
    return message(
        id=f"m{number}",
        external_id=f"<m{number}@acme.example>",
        fingerprint=f"f{number}",
        digest=f"d{number}",
        subject=f"Printer {number}",
        text=f"It has run out of paper for the {number}. time.",
        received_at=NOW + timedelta(minutes=number),
    )


async def test_a_new_ticket_is_kept_with_its_person_and_promises(database: Database) -> None:
    await Desk(database, desk_policy()).handle(mail(1))

    [kept] = await database.read(lookups.list_tickets)
    arrived = NOW + timedelta(minutes=1)
    assert (kept.person, kept.assignee, kept.level, kept.copies) == ("person:ola", "", 2, ("network",))
    assert (kept.answer_by, kept.resolve_by) == (arrived + timedelta(hours=4), arrived + timedelta(days=3))
    assert (kept.asked_at, kept.answered_at, kept.waited) == (arrived, None, 0)
    assert kept.due_by == kept.answer_by


async def test_what_moves_its_clocks_is_kept(database: Database) -> None:
    desk = Desk(database, desk_policy())
    await desk.handle(mail(1))
    [ticket] = await database.read(lookups.list_tickets)

    await desk.handle(
        Action(id="a1", kind="answer", actor="person:ola", ticket=ticket.number, text="Which one?", at=NOW),
        Action(id="a2", kind="wait", actor="person:ola", ticket=ticket.number, at=NOW + timedelta(minutes=5)),
    )

    [kept] = await database.read(lookups.list_tickets)
    assert kept.answered_at == NOW
    assert kept.asked_at is None
    assert kept.waiting_since is not None
    assert kept.waiting_left is not None


@pytest.mark.parametrize("prefer", ["least_busy", "round_robin"])
@pytest.mark.parametrize("size", [1, 2, 5])
async def test_a_batch_gives_to_the_same_people_as_its_messages_one_by_one(
    database: Database, size: int, prefer: str
) -> None:
    desk, mails = Desk(database, desk_policy(prefer)), [mail(number) for number in range(5)]

    for begin in range(0, 5, size):
        await desk.handle(*mails[begin : begin + size])

    given = [one.person for one in await database.read(lookups.list_tickets)]
    assert given[::-1] == ["person:ola", "person:ivan", "person:mika", "person:ola", "person:ivan"]


async def test_whoever_gave_a_ticket_away_has_had_their_turn_in_any_batches(database: Database) -> None:
    given = Action(id="a", kind="give", actor="operator:jan", ticket=100009, value="person:mika", at=NOW)
    log = [mail(1), given, mail(2), mail(3)]
    at_once, one_by_one = Desk(database, desk_policy("round_robin")), Desk(database, desk_policy("round_robin"))

    await at_once.handle(*log)
    expected = await at_once.rows("tickets", "number", "person", "because")
    await one_by_one.clear()
    for record in log:
        await one_by_one.handle(record)

    assert await one_by_one.rows("tickets", "number", "person", "because") == expected
    # Ola had the first one; mika, to whom it was given, has had one as well.
    assert [row[1] for row in expected] == ["person:mika", "person:ivan", "person:ola"]


async def test_a_load_is_what_is_open_and_the_newest_ticket(database: Database) -> None:
    desk = Desk(database, desk_policy())
    await desk.handle(*(mail(number) for number in range(4)))
    solved = next(one for one in await database.read(lookups.list_tickets) if one.person == "person:mika")
    await desk.handle(Action(id="s", kind="solve", actor="person:mika", ticket=solved.number, text="Done.", at=NOW))

    found = await database.read(lambda connection: loads.of_people(connection, [*ALL, "person:new"]))

    assert found == {
        "person:ola": Load(2, NOW + timedelta(minutes=3)),
        "person:ivan": Load(1, NOW + timedelta(minutes=1)),
        "person:mika": Load(0, NOW + timedelta(minutes=2)),
        "person:new": Load(0, None),
    }


async def test_loads_are_found_by_indexes(database: Database) -> None:
    await Desk(database, desk_policy()).handle(mail(1))

    def look(connection: Connection) -> list[str]:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return [line for line in scans(connection, lambda one: loads.of_people(one, ALL)) if "tickets" in line[:40]]

    assert await database.write(look) == []


@pytest.mark.parametrize("together", [True, False])
async def test_a_team_that_gets_a_ticket_reads_the_words_that_came_just_before(
    database: Database, *, together: bool
) -> None:
    desk = Desk(database, msgspec.structs.replace(desk_policy(), choices={"team": ("help", "network")}))
    await desk.handle(mail(1))
    ((number,),) = await desk.rows("tickets", "number")
    later = msgspec.structs.replace(mail(2), references=(mail(1).external_id,), text="It is on fire.")
    move = Action(id="a1", kind="move", actor="person:ola", ticket=int(str(number)), value="network", at=NOW)

    for batch in [[later, move]] if together else [[later], [move]]:
        assert not any(await desk.handle(*batch))

    told = [decode(value, TicketEvent) for (value,) in await desk.rows("outbox", "value") if isinstance(value, bytes)]
    assert [event.message.text for event in told if event.kind == "moved" and event.message] == ["It is on fire."]

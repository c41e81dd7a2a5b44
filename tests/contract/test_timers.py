"""Timers over both databases: each fires once, whatever the clock does, and what is late tells everybody once."""

from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import Connection

from router.due.loudness import Loudness
from router.policy import Policy
from store import digests, timers
from store.database import Database
from store.records import Action, Message, ReplyPath
from store.rows import Timer
from store.schema import events, tickets
from tests.contract.timer_desk import SETTINGS, TimerDesk
from tests.unit.router.calendars import warsaw
from tests.unit.router.given import ANN, BOB, message, policy
from tests.unit.router.ladder_desk import DAY, HOUR, MINUTE, NOW, PEOPLE, desk

SERVICEDESK = "servicedesk"
FIRST, SECOND = 100009, 100014  # The first numbers of six digits.
URGENT = {"impact": [{"then": "high"}], "urgency": [{"then": "high"}]}


@pytest.fixture
async def p1(database: Database) -> AsyncIterator[TimerDesk]:
    """A desk that holds every message to be urgent; its rows must agree, whatever the test did."""
    opened = TimerDesk(database, urgent())
    yield opened
    assert await opened.differences() == []


def urgent(**changes: object) -> Policy:
    matrix = policy(priority=URGENT).matrix
    return msgspec.structs.replace(desk(**changes), matrix=matrix)


def mail(number: int = 1, **changes: object) -> Message:
    plain = {
        "id": f"m{number}",
        "raw": f"raw{number}",
        "external_id": f"<m{number}@acme.example>",
        "fingerprint": f"f{number}",
        "digest": f"d{number}",
        "received_at": NOW,
    }
    return message(**plain | changes)


def from_bob(**changes: object) -> Message:
    return mail(2, sender=BOB, reply_path=ReplyPath(channel="mail-it", address=BOB.value), **changes)


def action(kind: str, **changes: object) -> Action:
    plain = Action(id=f"a-{kind}", kind=kind, actor="person:ola", ticket=FIRST, at=NOW)
    return msgspec.structs.replace(plain, **changes)


async def test_each_step_fires_when_it_is_due_and_never_again(p1: TimerDesk) -> None:
    await p1.handle(mail())

    fired = [await p1.pass_time(time) for time in (timedelta(0), 4 * MINUTE, MINUTE, 10 * MINUTE, 0 * MINUTE, DAY)]

    assert fired == [1, 0, 1, 1, 0, 2]  # At last the move, and the digest that tells of it.
    told = [event.to.value if event.to else "" for event in await p1.events("escalated")]
    assert told[2] == "boss@desk.example"
    assert len(told) == 3
    assert [event.ticket.team for event in await p1.events("overdue")] == ["engineering"]
    assert await p1.states() == [("new", "engineering", 3)]


async def test_a_claim_ends_the_steps_that_wait_for_one(p1: TimerDesk) -> None:
    await p1.handle(mail())
    await p1.fire()
    await p1.handle(action("claim"))

    assert [timer.name for timer in await p1.timers()] == ["escalate 1.4"]
    assert await p1.pass_time(20 * MINUTE) == 0


async def test_a_clock_that_is_put_back_fires_nothing_twice(p1: TimerDesk) -> None:
    await p1.handle(mail())
    await p1.pass_time(6 * MINUTE)
    await p1.pass_time(-HOUR)
    await p1.handle(mail(2, references=("<m1@acme.example>",)), action("change", value="language pl", id="c1"))

    assert await p1.pass_time(HOUR) == 0
    assert len(await p1.events("escalated")) == 2


async def test_a_clock_that_jumps_ahead_tells_everybody_once(p1: TimerDesk) -> None:
    await p1.handle(*(mail(n, sender=msgspec.structs.replace(ANN, value=f"c{n}@x.example")) for n in range(1, 9)))

    await p1.pass_time(DAY)

    assert await p1.events("escalated") == []
    overdue = await p1.events("overdue")
    readers = sorted(event.to.value if event.to else event.ticket.team for event in overdue)
    assert len(readers) == len(set(readers)) == 4  # Two on call, the manager, and the team that has them now.
    assert {len(event.beside) for event in overdue} == {8}
    assert {event.silent for event in overdue} == {False}
    assert set(await p1.states()) == {("new", "engineering", 3)}
    assert await p1.pass_time(-DAY) == await p1.pass_time(2 * DAY) == 0


async def test_two_that_fire_at_once_fire_once(p1: TimerDesk) -> None:
    await p1.handle(mail())
    rows = await p1.timers()
    await p1.fire()
    await p1.database.write(lambda connection: timers.add(connection, rows))  # As another one has read them.

    await p1.fire()

    assert len(await p1.events("escalated")) == 1


async def test_a_death_before_the_commit_leaves_the_timer_due(p1: TimerDesk) -> None:
    await p1.handle(mail())
    firing = p1.firing()

    def die(connection: Connection) -> None:
        firing.fire(connection, p1.at)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await p1.database.write(die)

    assert await p1.events("escalated") == []
    assert await p1.fire() == 1
    assert len(await p1.events("escalated")) == 1


async def test_a_timer_of_other_settings_gives_way_to_those_of_today(p1: TimerDesk) -> None:
    await p1.handle(mail())
    p1.policy = urgent(ladders=desk({"steps": [{"after": "1h", "alert": "team"}]}).ladders)

    assert await p1.fire() == 1
    assert await p1.events("escalated") == []
    assert [(timer.name, timer.due_at) for timer in await p1.timers()] == [("escalate 1.1", NOW + HOUR)]


async def test_tickets_that_stood_before_get_the_timers_of_changed_settings(database: Database) -> None:
    before = TimerDesk(database, msgspec.structs.replace(desk(), ladders=(), config_version="old"))
    await before.handle(mail(), from_bob())
    assert await before.timers() == []
    after = TimerDesk(database)
    firing = after.firing()

    assert await database.write(lambda connection: firing.renew(connection, 0)) is None

    named = [(timer.ticket, timer.name) for timer in await after.timers() if timer.name == "escalate 2.1"]
    assert sorted(named) == [(FIRST, "escalate 2.1"), (SECOND, "escalate 2.1")]
    fresh = await after.timers()
    await database.write(lambda connection: timers.remove(connection, [timer.id for timer in fresh]))
    await database.write(lambda connection: firing.renew(connection, 0))
    assert await after.timers() == []  # Once for each change of the settings.


async def test_a_timer_of_no_ticket_that_nobody_knows_is_forgotten(p1: TimerDesk) -> None:
    strange = [Timer("t1", 5, "escalate 1.1", NOW), Timer("t2", 0, "of a later version", NOW)]
    await p1.database.write(lambda connection: timers.add(connection, strange))

    await p1.fire()

    assert await p1.timers() == []


async def test_what_is_held_back_at_night_is_told_when_the_shift_begins(database: Database) -> None:
    ladder = {"steps": [{"after": "0m", "alert": "ola"}]}
    at_night = TimerDesk(database, desk(ladder))
    at_night.at = warsaw(2026, 11, 23, 22)
    await at_night.handle(mail(received_at=at_night.at))
    await at_night.fire()

    assert [(timer.name, timer.due_at) for timer in await at_night.timers()] == [
        (f"held ola {FIRST}", warsaw(2026, 11, 24, 8))
    ]
    await at_night.pass_time(10 * HOUR)
    (event,) = await at_night.events("overdue")
    assert (event.to, event.silent) == (PEOPLE["ola"].telegram, True)
    assert [(one.number, one.word) for one in event.beside] == [(FIRST, "overdue")]


async def test_a_shift_begins_with_one_digest(database: Database) -> None:
    wanted = Loudness(urgent="P1", quiet=True, digest=frozenset({"waiting", "due_today", "overnight"}))
    early = TimerDesk(database, desk({"steps": [{"after": "1d", "alert": "team"}]}, loudness=wanted))
    early.at = warsaw(2026, 11, 23, 20)
    await early.handle(mail(received_at=early.at), from_bob(received_at=early.at))
    await early.handle(action("claim", at=early.at), action("wait", at=early.at))
    await early.plan()

    await early.pass_time(12 * HOUR)

    ola, ivan = sorted(await early.events("digest"), key=lambda event: event.to != PEOPLE["ola"].telegram)
    assert [(one.number, one.word) for one in ola.beside] == [(FIRST, "waiting"), (SECOND, "due-today")]
    assert [(one.number, one.word) for one in ivan.beside] == [(SECOND, "due-today")]
    assert ola.text == "2"
    assert [timer.due_at for timer in await early.timers() if timer.name == "digest ola"] == [warsaw(2026, 11, 25, 8)]
    await early.pass_time(-HOUR)
    await early.plan()
    await early.pass_time(HOUR)
    assert len(await early.events("digest")) == 2  # A clock that was put back begins no shift twice.


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"person": None}, True),
        ({"person": "person:leila"}, True),  # Who has gone home, and has not claimed it.
        ({"person": "person:leila", "assignee": "person:leila"}, False),
        ({"person": "person:ivan"}, False),  # Who is here.
        ({"person": None, "team": "another"}, False),
        ({"person": "person:ola", "assignee": "person:ola", "team": "another"}, True),
    ],
)
async def test_a_shift_begins_with_what_nobody_present_holds(
    database: Database, row: dict[str, str | None], named: bool
) -> None:
    opened = TimerDesk(database, desk())
    await opened.handle(mail())
    ola = digests.AtWork("person:ola", [SERVICEDESK], {"person:ola", "person:ivan"})
    plain = {"team": SERVICEDESK, "assignee": None}

    def look(connection: Connection) -> list[int]:
        connection.execute(tickets.update().values(**plain | row, due_by=NOW))
        due = digests.due(connection, ola, NOW)
        assert digests.opened(connection, ola, NOW) == due
        return [ticket.number for ticket in due]

    assert await database.write(look) == ([FIRST] if named else [])


async def test_a_shift_with_nothing_to_tell_begins_in_silence(database: Database) -> None:
    wanted = Loudness(digest=frozenset({"waiting", "due_today", "overnight"}))
    quiet = TimerDesk(database, desk(loudness=wanted))
    await quiet.plan()

    await quiet.pass_time(DAY)

    assert await quiet.events("digest") == []
    assert {timer.name for timer in await quiet.timers()} == {"digest ola", "digest ivan", "digest mika"}


async def test_a_solved_ticket_is_closed_and_a_silent_customer_is_reminded(database: Database) -> None:
    calm = TimerDesk(database)
    await calm.handle(mail(), from_bob())
    await calm.handle(action("solve"), action("wait", ticket=SECOND))
    for _ in range(8):
        await calm.pass_time(DAY)

    assert [state for state, _, _ in await calm.states()] == ["closed", "closed"]
    assert [event.text for event in await calm.events("reminded")] == ["remind 1", "remind 2"]
    assert sorted(event.text for event in await calm.events("closed")) == ["", "give-up"]
    assert await calm.timers() == []
    assert await calm.differences() == []


async def test_one_timer_that_fails_stops_no_other(database: Database) -> None:
    two = TimerDesk(database, urgent())
    await two.handle(mail(), from_bob())
    await two.database.write(lambda connection: broken(connection, SECOND))

    await two.fire()

    assert [event.ticket.number for event in await two.events("escalated")] == [FIRST]
    again = [timer.due_at for timer in await two.timers() if timer.ticket == SECOND and timer.name == "escalate 1.1"]
    assert again == [NOW + SETTINGS.again]


async def test_digests_that_fail_are_tried_again_and_stop_nothing(p1: TimerDesk) -> None:
    broken_row = Timer("t1", 0, "late of-no-number x", NOW)
    await p1.database.write(lambda connection: timers.add(connection, [broken_row]))
    await p1.handle(mail())

    await p1.fire()

    assert len(await p1.events("escalated")) == 1
    assert broken_row._replace(due_at=NOW + SETTINGS.again) in await p1.timers()


def broken(connection: Connection, number: int) -> None:
    """Take the place that the ticket's next event needs."""
    row = dict(connection.execute(events.select().where(events.c.ticket == number)).mappings().one())
    connection.execute(events.insert(), [row | {"id": "other", "seq": row["seq"] + 1}])

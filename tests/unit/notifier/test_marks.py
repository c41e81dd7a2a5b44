"""After a crash: a courtesy that cannot have left is sent again, and one that may have left never is."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection
from sqlalchemy import event as hooks

from notifier.marks import Marks
from notifier.sender import Abilities, SendLane
from notifier.settings import NotifySettings
from store import deliveries
from store.database import Database
from store.deliveries import IN_DOUBT, QUEUED, SENDING, SENT, Delivery, Outbound
from store.errors import Fenced, Temporary
from store.outgoing import Outgoing, Purpose, Receipt

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Can(Abilities):
    subjects = True
    files = True


class Post:
    """Sends like mail: everything but the end, the mark, the end. A test stops it before or after the mark."""

    capabilities = Can()

    def __init__(self, stop: str = "") -> None:
        self.taken: list[bytes] = []
        self._stop = stop

    def prepare(self, outgoing: Outgoing) -> bytes:
        raise AssertionError("the lane sends what was prepared before")

    async def send(self, payload: bytes, address: str) -> Receipt:
        return await self.send_marked(payload, address, partial(asyncio.sleep, 0))

    async def send_marked(self, payload: bytes, address: str, mark: Callable[[], Awaitable[None]]) -> Receipt:
        if self._stop == "before":
            await asyncio.Event().wait()
        await mark()
        self.taken.append(payload)
        if self._stop == "after":
            await asyncio.Event().wait()
        return Receipt()


def lane(database: Database, post: Post) -> SendLane:
    return SendLane(
        "mail",
        post,
        database=database,
        settings=NotifySettings.model_validate({"poll": "0.02s", "drain": "0.05s"}),
        owner="process",
        now=lambda: NOON,
        jitter=lambda: 1.0,
        after=lambda: None,
    )


async def queue(database: Database, purpose: Purpose, count: int = 1) -> None:
    rows = [
        Delivery(
            id=f"{number}",
            effect=f"effect {number}",
            ticket=482917,
            event="event",
            purpose=purpose,
            channel="mail",
            address=f"p{number}@delta.example",
            payload=f"bytes {number}".encode(),
            created_at=NOON - timedelta(minutes=1),
        )
        for number in range(count)
    ]
    await database.write(lambda connection: deliveries.enqueue(connection, rows))


async def rows(database: Database) -> Sequence[Outbound]:
    return await database.read(lambda connection: deliveries.of_ticket(connection, 482917))


async def run_until(database: Database, post: Post, holds: Callable[[Outbound], bool]) -> Outbound:
    """Run the lane until its delivery is as wanted, then stop it, as a kill would for what is under way."""
    stop = asyncio.Event()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(lane(database, post).run(stop))
        while not holds((await rows(database))[0]):
            await asyncio.sleep(0.01)
        stop.set()
    return (await rows(database))[0]


@pytest.mark.parametrize(
    ("purpose", "died", "state", "sent"),
    [
        (Purpose.ACKNOWLEDGEMENT, "before", SENT, 1),
        (Purpose.ACKNOWLEDGEMENT, "after", IN_DOUBT, 1),
        (Purpose.ANSWER, "before", SENT, 1),
        (Purpose.ANSWER, "after", SENT, 2),
        (Purpose.ALERT, "after", SENT, 2),
    ],
)
async def test_what_a_dead_process_left_goes_by_how_far_it_got(
    database: Database, purpose: Purpose, died: str, state: str, sent: int
) -> None:
    await queue(database, purpose)
    marked = purpose is Purpose.ACKNOWLEDGEMENT and died == "after"
    dying, living = Post(died), Post()
    await run_until(database, dying, lambda row: row.state == SENDING and (died == "before" or bool(dying.taken)))
    assert (await rows(database))[0].doubts == int(marked)

    row = await run_until(database, living, lambda row: row.state in (SENT, IN_DOUBT))

    assert row.state == state
    assert dying.taken + living.taken == [b"bytes 0"] * sent


async def test_a_mark_is_no_doubt_once_the_outcome_is_known(database: Database) -> None:
    await queue(database, Purpose.ACKNOWLEDGEMENT)

    row = await run_until(database, Post(), lambda row: row.state == SENT)

    assert row.doubts == 0


async def test_marks_that_are_asked_for_together_are_written_together(database: Database) -> None:
    await queue(database, Purpose.ACKNOWLEDGEMENT, 20)
    await claimed(database)
    commits = 0

    def count(_: Connection) -> None:
        nonlocal commits
        commits += 1

    hooks.listen(database.engine, "commit", count)
    marks = Marks(database, lambda _: None)
    await asyncio.gather(*(marks.mark(f"{number}") for number in range(20)))
    hooks.remove(database.engine, "commit", count)

    assert {row.doubts for row in await rows(database)} == {1}
    assert commits <= 3


async def test_nothing_leaves_where_the_mark_could_not_be_written(database: Database) -> None:
    await queue(database, Purpose.ACKNOWLEDGEMENT, 3)
    await claimed(database)
    refusals = iter([True, False, False])

    def guard(_: Connection) -> None:
        if next(refusals, False):
            raise Fenced("the lane is somebody else's")

    marks = Marks(database, guard)
    outcomes = await asyncio.gather(*(marks.mark(f"{number}") for number in range(3)), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes].count(Fenced) == 1
    marked = {row.id for row in await rows(database) if row.doubts}
    assert marked == {f"{number}" for number, outcome in enumerate(outcomes) if outcome is None}


async def test_a_courtesy_that_could_not_be_marked_is_tried_again(database: Database) -> None:
    class Unmarkable(Post):
        async def send_marked(self, payload: bytes, address: str, mark: Callable[[], Awaitable[None]]) -> Receipt:
            raise Temporary("the database is away")

    await queue(database, Purpose.ACKNOWLEDGEMENT)

    row = await run_until(database, Unmarkable(), lambda row: row.state == QUEUED and row.attempts > 0)

    assert row.doubts == 0


async def claimed(database: Database) -> None:
    await database.write(
        lambda connection: deliveries.claim_due(connection, "mail", now=NOON, limit=99, patience=timedelta(0))
    )

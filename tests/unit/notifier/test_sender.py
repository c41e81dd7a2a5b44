"""The outgoing lane: each way a send can end, who goes first, and what is left when a process dies."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, update
from structlog.testing import capture_logs

from notifier.sender import Abilities, SendLane
from notifier.settings import NotifySettings
from store import deliveries, outbox
from store.codec import decode
from store.database import Database
from store.deliveries import FAILED, IN_DOUBT, QUEUED, SENDING, SENT, Claimed, Delivery, Outbound, Settlement
from store.errors import InDoubt, Permanent, Temporary
from store.leases import Lease
from store.outgoing import Outgoing, Purpose, Receipt
from store.records import DeliveryReport, Inbound
from store.schema import leases
from store.topics import MESSAGES

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

Step = Receipt | Exception | Callable[[], Awaitable[Receipt]]


class Can(Abilities):
    def __init__(self, *, subjects: bool) -> None:
        self._subjects = subjects

    @property
    def subjects(self) -> bool:
        return self._subjects

    @property
    def files(self) -> bool:
        return self._subjects


class Scripted:
    """A channel whose peer does what a test wrote down for each address, then takes everything."""

    def __init__(self, *, mails: bool = True, **script: list[Step]) -> None:
        self.capabilities = Can(subjects=mails)
        self.taken: list[tuple[str, bytes]] = []  # Every send that was begun, in order.
        self._script = script

    def prepare(self, outgoing: Outgoing) -> bytes:
        raise AssertionError("the lane sends what was prepared before")

    async def send(self, payload: bytes, address: str) -> Receipt:
        self.taken.append((address, payload))
        steps = self._script.get(address)
        step = steps.pop(0) if steps else Receipt(external_id=f"<{address}>")
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, Receipt) else await step()


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time

    def forward(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def lane(
    database: Database,
    sender: Scripted,
    clock: Clock,
    *,
    owner: str = "process 1",
    lease_ttl: float = 15.0,
    **changes: float | str,
) -> SendLane:
    settings = NotifySettings.model_validate({"poll": "0.02s", "drain": "5s", **changes})
    return SendLane(
        "mail",
        sender,
        database=database,
        settings=settings,
        owner=owner,
        now=clock,
        jitter=lambda: 1.0,
        after=lambda: None,
        lease_ttl=lease_ttl,
    )


@contextlib.asynccontextmanager
async def running(*lanes: SendLane) -> AsyncIterator[asyncio.Event]:
    """The lanes at work; they are stopped in good order at the end."""
    stop = asyncio.Event()
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        for one in lanes:
            group.create_task(one.run(stop))
        yield stop
        stop.set()


async def queue(database: Database, *addresses: str, purpose: Purpose = Purpose.ANSWER) -> None:
    """Deliveries called 0, 1, 2, ..., each a second later than the one before."""
    rows = [
        Delivery(
            id=f"{number}",
            effect=f"effect {number}",
            ticket=482917,
            event="event",
            purpose=purpose,
            channel="mail",
            address=address,
            payload=f"bytes {number}".encode(),
            created_at=NOON - timedelta(minutes=1) + timedelta(seconds=number),
        )
        for number, address in enumerate(addresses)
    ]
    await database.write(lambda connection: deliveries.enqueue(connection, rows))


async def state(database: Database, name: str = "0") -> Outbound:
    return (await database.read(lambda connection: deliveries.find(connection, [name])))[name]


async def until(database: Database, wanted: str, name: str = "0", *, attempts: int = 1) -> Outbound:
    """The delivery, once it has come to a state."""
    async with asyncio.timeout(10):
        while True:
            row = await state(database, name)
            if row.state == wanted and row.attempts >= attempts:
                return row
            await asyncio.sleep(0.01)


async def reports(database: Database) -> list[DeliveryReport]:
    rows = await database.read(lambda connection: outbox.read(connection, 100, 1_000_000))
    assert all(row.topic == MESSAGES and row.entry.key.startswith("mail|") for row in rows)
    return [decode(row.entry.value, Inbound) for row in rows]


# ── how a send ends ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_the_peer_took_is_sent_and_an_answer_s_ticket_hears_of_it(database: Database, clock: Clock) -> None:
    await queue(database, "sara")
    sender = Scripted()

    async with running(lane(database, sender, clock)):
        row = await until(database, SENT)

    assert (row.external_id, row.attempts, row.settled_at) == ("<sara>", 1, NOON)
    assert sender.taken == [("sara", b"bytes 0")]
    (report,) = await reports(database)
    assert (report.channel, report.delivery, report.outcome, report.raw) == ("mail", "0", "sent", "")


@pytest.mark.parametrize("purpose", [Purpose.ALERT, Purpose.ACKNOWLEDGEMENT])
async def test_only_an_answer_that_arrived_is_reported(database: Database, clock: Clock, purpose: Purpose) -> None:
    await queue(database, "sara", purpose=purpose)

    async with running(lane(database, Scripted(), clock)):
        await until(database, SENT)

    assert await reports(database) == []


async def test_what_could_not_be_sent_is_sent_later_with_the_same_bytes(database: Database, clock: Clock) -> None:
    await queue(database, "sara")
    sender = Scripted(sara=[Temporary("451 busy"), Temporary("429", retry_after=3.0)])

    async with running(lane(database, sender, clock)):
        assert (await until(database, QUEUED)).reason == "451 busy"
        clock.forward(30)
        await until(database, QUEUED, attempts=2)
        clock.forward(3)
        row = await until(database, SENT)

    assert (row.attempts, row.doubts) == (3, 0)
    assert sender.taken == [("sara", b"bytes 0")] * 3


async def test_log_says_why_a_message_still_waits(database: Database, clock: Clock) -> None:
    await queue(database, "sara", "max")
    with capture_logs() as lines:
        async with running(lane(database, Scripted(sara=[Temporary("451 busy")]), clock)):
            await until(database, QUEUED)
            await until(database, SENT, "1")

    said = {
        line["delivery"]: (line["log_level"], line["detail"]) for line in lines if line["event"] == "delivery attempted"
    }
    assert said == {"0": ("warning", "451 busy"), "1": ("info", "")}


@pytest.mark.parametrize(
    ("purpose", "outcomes"),
    [(Purpose.ANSWER, ["failed"]), (Purpose.ALERT, ["alert-failed"]), (Purpose.ACKNOWLEDGEMENT, [])],
)
async def test_what_the_peer_refused_has_failed(
    database: Database, clock: Clock, purpose: Purpose, outcomes: list[str]
) -> None:
    await queue(database, "sara", purpose=purpose)

    async with running(lane(database, Scripted(sara=[Permanent("550 no such user")]), clock)):
        row = await until(database, FAILED)

    assert row.reason == "550 no such user"
    assert [report.outcome for report in await reports(database)] == outcomes


async def test_what_was_never_taken_is_given_up(database: Database, clock: Clock) -> None:
    await queue(database, "sara")
    sender = Scripted(sara=[Temporary("451 busy")] * 9)

    async with running(lane(database, sender, clock, give_up_after="100s")):
        await until(database, QUEUED)
        clock.forward(30)
        row = await until(database, FAILED)

    assert row.reason.startswith("given up after 2 attempts")
    assert [report.outcome for report in await reports(database)] == ["failed"]


@pytest.mark.parametrize(
    "doubtful", [InDoubt("no answer"), ValueError("a defect"), TimeoutError()], ids=["in doubt", "unknown", "timeout"]
)
async def test_a_courtesy_in_doubt_is_not_sent_again(database: Database, clock: Clock, doubtful: Exception) -> None:
    await queue(database, "sara", purpose=Purpose.ACKNOWLEDGEMENT)
    sender = Scripted(sara=[doubtful])

    async with running(lane(database, sender, clock)):
        await until(database, IN_DOUBT)
        clock.forward(1e6)
        await asyncio.sleep(0.1)

    assert len(sender.taken) == 1
    assert await reports(database) == []


@pytest.mark.parametrize(("mails", "copies"), [(True, 5), (False, 2)])
async def test_an_answer_in_doubt_goes_out_again_and_then_a_person_decides(
    database: Database,
    clock: Clock,
    mails: bool,
    copies: int,
) -> None:
    await queue(database, "sara")
    sender = Scripted(mails=mails, sara=[InDoubt("no answer") for _ in range(9)])

    async with running(lane(database, sender, clock)):
        for attempts in range(1, copies):
            await until(database, QUEUED, attempts=attempts)
            clock.forward(3600)
        row = await until(database, IN_DOUBT)

    assert (row.doubts, row.attempts) == (copies, copies)
    assert sender.taken == [("sara", b"bytes 0")] * copies
    assert [report.outcome for report in await reports(database)] == ["in-doubt"]


async def test_a_defect_of_one_send_does_not_stop_the_lane(database: Database, clock: Clock) -> None:
    await queue(database, "sara", "otto")

    async with running(lane(database, Scripted(sara=[ZeroDivisionError("a defect")]), clock)):
        doubtful = await until(database, QUEUED, "0")
        await until(database, SENT, "1")

    assert doubtful.reason == "may arrive twice: ZeroDivisionError: a defect"


async def test_a_send_without_an_end_is_given_up_as_doubtful(database: Database, clock: Clock) -> None:
    await queue(database, "sara", purpose=Purpose.ACKNOWLEDGEMENT)

    async def never() -> Receipt:
        await asyncio.sleep(60)
        return Receipt()

    async with running(lane(database, Scripted(sara=[never]), clock, send_timeout="0.05s")):
        row = await until(database, IN_DOUBT)

    assert row.reason == "there was no answer within 0.05s"


# ── who goes first ───────────────────────────────────────────────────────────────────────────────────────────────


class Gate:
    """Sends that wait until the test lets them go, and how many wait at once."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.now = 0
        self.most = 0

    async def __call__(self) -> Receipt:
        self.now += 1
        self.most = max(self.most, self.now)
        await self.open.wait()
        self.now -= 1
        return Receipt()

    async def holds(self, count: int) -> None:
        async with asyncio.timeout(10):
            while self.now < count:
                await asyncio.sleep(0.01)


async def test_messages_to_one_address_go_one_after_the_other(database: Database, clock: Clock) -> None:
    await queue(database, "sara", "sara", "sara")
    gate = Gate()
    sender = Scripted(sara=[gate, gate, gate])

    async with running(lane(database, sender, clock)):
        await gate.holds(1)
        await asyncio.sleep(0.1)
        assert len(sender.taken) == 1
        gate.open.set()
        await until(database, SENT, "2")

    assert [payload for _, payload in sender.taken] == [b"bytes 0", b"bytes 1", b"bytes 2"]
    assert gate.most == 1


async def test_messages_to_several_addresses_go_together_up_to_the_limit(database: Database, clock: Clock) -> None:
    gate = Gate()
    addresses = [f"a{number}" for number in range(7)]
    await queue(database, *addresses)
    sender = Scripted(**{address: [gate] for address in addresses})

    async with running(lane(database, sender, clock, concurrency=3)):
        await gate.holds(3)
        await asyncio.sleep(0.1)
        assert len(sender.taken) == 3
        gate.open.set()
        for number in range(7):
            await until(database, SENT, str(number))

    assert gate.most == 3


async def test_a_slow_peer_holds_up_nobody_else(database: Database, clock: Clock) -> None:
    gate = Gate()
    await queue(database, "slow", "a", "b", "c", "d")

    async with running(lane(database, Scripted(slow=[gate]), clock, concurrency=2)):
        for number in range(1, 5):
            await until(database, SENT, str(number))
        assert (await state(database)).state == SENDING
        gate.open.set()


async def test_an_address_that_was_down_for_long_hides_nobody_else(database: Database, clock: Clock) -> None:
    await queue(database, "down", "down", "down", "down", "sara")
    for number in range(4):
        await _tried_in_vain(database, str(number))
    clock.forward(3600)
    gate = Gate()

    async with running(lane(database, Scripted(down=[gate]), clock, concurrency=2, poll="30s")):
        await until(database, SENT, "4")
        gate.open.set()


async def _tried_in_vain(database: Database, name: str) -> None:
    def attempt(connection: Connection) -> None:
        (claimed,) = deliveries.claim_due(connection, "mail", now=NOON, limit=1, patience=timedelta(0))
        assert claimed.id == name
        later = Settlement(id=name, state=QUEUED, due_at=NOON + timedelta(hours=1))
        deliveries.settle(connection, [later], now=NOON)

    await database.write(attempt)


async def test_a_woken_lane_does_not_wait_for_its_next_look(database: Database, clock: Clock) -> None:
    slow_looker = lane(database, Scripted(), clock, poll="30s")

    async with running(slow_looker):
        await asyncio.sleep(0.1)
        await queue(database, "sara")
        slow_looker.wake()
        await until(database, SENT)


# ── stopping, dying, taking over ─────────────────────────────────────────────────────────────────────────────────


async def test_a_stopped_lane_finishes_what_is_under_way_and_begins_nothing(database: Database, clock: Clock) -> None:
    gate = Gate()
    await queue(database, "sara", "sara")

    async with running(lane(database, Scripted(sara=[gate]), clock)) as stop:
        await gate.holds(1)
        stop.set()
        await asyncio.sleep(0.05)
        gate.open.set()

    assert [(await state(database, name)).state for name in ("0", "1")] == [SENT, QUEUED]


async def test_a_send_that_is_cancelled_from_inside_does_not_end_the_lane(database: Database, clock: Clock) -> None:
    async def cancelled() -> Receipt:
        raise asyncio.CancelledError

    await queue(database, "sara", "ben")
    sender = Scripted(sara=[cancelled])

    async with running(lane(database, sender, clock, concurrency=1)):
        await until(database, SENT, "1")
        row = await until(database, QUEUED)

    assert row.doubts == 1


async def test_what_a_stop_could_not_wait_for_is_recovered_by_the_next_owner(database: Database, clock: Clock) -> None:
    await queue(database, "sara")
    async with running(lane(database, Scripted(sara=[Gate()]), clock, drain="0.05s")) as stop:
        await until(database, SENDING)
        stop.set()
    assert (await state(database)).state == SENDING

    async with running(lane(database, Scripted(), clock, owner="process 2")):
        row = await until(database, SENT)

    assert (row.attempts, row.doubts) == (2, 1)


@pytest.mark.parametrize(
    ("purpose", "end", "sends"),
    [(Purpose.ANSWER, SENT, 1), (Purpose.ALERT, SENT, 1), (Purpose.ACKNOWLEDGEMENT, IN_DOUBT, 0)],
)
async def test_what_a_killed_process_was_sending_is_settled_by_its_purpose(
    database: Database, clock: Clock, purpose: Purpose, end: str, sends: int
) -> None:
    await queue(database, "sara", purpose=purpose)
    await database.write(
        lambda connection: deliveries.claim_due(connection, "mail", now=NOON, limit=1, patience=timedelta(0))
    )
    sender = Scripted()

    async with running(lane(database, sender, clock)):
        row = await until(database, end)

    assert (len(sender.taken), row.doubts) == (sends, 1)


@pytest.mark.parametrize(("mails", "end", "sends"), [(True, SENT, 1), (False, IN_DOUBT, 0)])
async def test_a_chat_gets_no_third_copy_when_two_processes_died_at_a_message(
    database: Database, clock: Clock, *, mails: bool, end: str, sends: int
) -> None:
    def claim(connection: Connection) -> None:
        deliveries.claim_due(connection, "mail", now=NOON, limit=1, patience=timedelta(0))

    await queue(database, "sara")
    await database.write(claim)
    again = Settlement(id="0", state=QUEUED, doubts=1, due_at=NOON)
    await database.write(lambda connection: deliveries.settle(connection, [again], now=NOON))
    await database.write(claim)
    sender = Scripted(mails=mails)

    async with running(lane(database, sender, clock)):
        row = await until(database, end)

    assert (len(sender.taken), row.doubts) == (sends, 2)
    assert [one.outcome for one in await reports(database)] == [end]  # A person hears how it ended.


async def test_two_processes_send_each_message_once(database: Database, clock: Clock) -> None:
    await queue(database, *[f"a{number}" for number in range(20)])
    first, second = Scripted(), Scripted()

    async with running(
        lane(database, first, clock, owner="process 1"), lane(database, second, clock, owner="process 2")
    ):
        for number in range(20):
            await until(database, SENT, str(number))

    assert len(first.taken) + len(second.taken) == 20
    assert not first.taken or not second.taken


async def test_a_lane_that_lost_its_lease_writes_nothing(database: Database, clock: Clock) -> None:
    await queue(database, "sara")
    gate = Gate()
    sender = Scripted(sara=[gate])
    sending = lane(database, sender, clock, lease_ttl=0.5)

    async with running(sending):
        await gate.holds(1)
        await database.write(_stolen)
        gate.open.set()
        row = await until(database, SENT, attempts=2)  # Once the thief's lease has run out.

    assert row.doubts == 1  # The first outcome was not written: the thief may have sent it as well.


def _stolen(connection: Connection) -> None:
    stolen = Lease("send:mail", "thief", 99)
    connection.execute(update(leases).values(owner=stolen.owner, fence=stolen.fence))


class Unsure(Database):
    """A database whose connection dies after some claims were committed, so that nobody hears of them."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.engine)
        self.deaths = 0

    async def write(self, work: Callable[[Connection], object]) -> object:
        result = await super().write(work)
        if self.deaths and isinstance(result, tuple) and any(isinstance(one, Claimed) for one in result):
            self.deaths -= 1
            raise Temporary("the connection died in the commit")
        return result


async def test_a_claim_that_nobody_heard_of_is_not_lost(database: Database, clock: Clock) -> None:
    await queue(database, "sara", purpose=Purpose.ACKNOWLEDGEMENT)
    unsure = Unsure(database)
    unsure.deaths = 2
    sender = Scripted()

    async with running(lane(unsure, sender, clock)):
        row = await until(database, SENT)
    await unsure.close()

    assert unsure.deaths == 0
    assert (len(sender.taken), row.attempts, row.doubts) == (1, 1, 0)

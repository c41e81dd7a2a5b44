"""The outgoing lane of a channel: takes what is due, hands it to the channel, and writes down how it went."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

import structlog
from msgspec.structs import replace
from sqlalchemy import Connection

from notifier.marks import Marks, marked
from notifier.outcome import Outcome, left_behind, settled
from notifier.reports import report
from notifier.settings import NotifySettings
from store import deliveries, outbox
from store.database import Database
from store.deliveries import FAILED, IN_DOUBT, SENT, Claimed, Settlement
from store.durations import written
from store.errors import Fenced, InDoubt, Permanent, Temporary
from store.lease_holder import TTL, while_held
from store.leases import Lease, assert_held
from store.outgoing import Outgoing, Receipt

Result = TypeVar("Result")

log = structlog.get_logger()

_GRACE = 3.0  # Seconds beyond the drain in which the last outcomes are written.


class Abilities(Protocol):
    """What a lane must know of its channel."""

    @property
    def subjects(self) -> bool:
        """Whether its messages are mails, whose copies are recognised by their Message-ID."""

    @property
    def files(self) -> bool:
        """Whether files can go out with its messages."""


class Sender(Protocol):
    """A channel, as far as it sends; what each method promises stands in `ingest.channel.Channel`."""

    @property
    def capabilities(self) -> Abilities:
        """What its messages can do."""

    def prepare(self, outgoing: Outgoing) -> bytes:
        """The final bytes to send. Raises Permanent for what it can never send."""

    async def send(self, payload: bytes, address: str) -> Receipt:
        """Hand `payload` over to the peer; raises Temporary (not sent), Permanent (refused) or InDoubt."""


class Ended(NamedTuple):
    """An attempt that is over."""

    claimed: Claimed
    settlement: Settlement
    seconds: float  # How long it took.


class SendLane:
    """Sends a channel's deliveries whenever this process holds the channel's lease; nobody else sends them then."""

    def __init__(
        self,
        channel: str,
        sender: Sender,
        *,
        database: Database,
        settings: NotifySettings,
        owner: str,
        now: Callable[[], datetime],
        jitter: Callable[[], float],
        after: Callable[[], None],
        lease_ttl: float = TTL,
    ) -> None:
        """`owner` names this process; `jitter` gives numbers from 0 to 1; `after` is called after reports are written.

        `now` is compared with the times that the notifier wrote, so the clocks of processes should agree to seconds.
        """
        self.channel = channel
        self._sender = sender
        self._database = database
        self._settings = settings
        self._owner = owner
        self._now = now
        self._jitter = jitter
        self._after = after
        self._lease_ttl = lease_ttl
        self._woken = asyncio.Event()
        self._holding = False
        self._uncertain = False  # Whether a claim may have been committed that we do not know of.

    def wake(self) -> None:
        """Look for due deliveries now: call it, in the event loop, after a transaction that queued some."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`, then finish what is under way. Raises StorageBroken.

        What is not finished within the settings' `drain` is recovered by whoever sends next.
        """
        name = f"send:{self.channel}"
        try:
            async with asyncio.TaskGroup() as group:
                working = group.create_task(
                    while_held(self._database, name, self._owner, partial(self._send, stop), ttl=self._lease_ttl)
                )
                stopping = group.create_task(stop.wait())
                await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
                self.wake()
                if self._holding:  # Else it waits for the lease, and there is nothing to finish.
                    await asyncio.wait({working}, timeout=self._settings.drain.total_seconds() + _GRACE)
                working.cancel()
                stopping.cancel()
        except BaseExceptionGroup as errors:
            # Of the two tasks only one can fail.
            raise errors.exceptions[0] from None

    async def _send(self, stop: asyncio.Event, lease: Lease) -> None:
        """Send while the lease is ours. Raises Fenced once it is not."""
        self._holding = True
        try:
            async with asyncio.TaskGroup() as group:
                await self._take_turns(group, stop, lease)
        except BaseExceptionGroup as errors:
            # Attempts never fail, so this is the lane's own trouble.
            raise errors.exceptions[0] from None
        finally:
            self._holding = False

    async def _take_turns(self, group: asyncio.TaskGroup, stop: asyncio.Event, lease: Lease) -> None:
        await self._write(lease, self._recover)
        marks = Marks(self._database, partial(assert_held, lease=lease))
        running: dict[asyncio.Task[Ended], str] = {}
        while not stop.is_set():
            self._woken.clear()
            ended = _taken(running)
            free = self._settings.concurrency - len(running)
            fresh = await self._write(lease, partial(self._turn, ended, frozenset(running.values()), free))
            self._tell(ended)
            for claimed in fresh:
                task = group.create_task(self._attempt(claimed, marks))
                task.add_done_callback(lambda _: self.wake())
                running[task] = claimed.id
            if not fresh or len(fresh) == free:
                await self._rest()
        if running:
            await asyncio.wait(running, timeout=self._settings.drain.total_seconds())
            ended = _taken(running)
            await self._write(lease, partial(self._settle, ended))
            self._tell(ended)
        for task in running:
            task.cancel()

    def _recover(self, connection: Connection) -> None:
        """Settle what a dead process left behind: it is in doubt, and what goes out again need not wait any longer."""
        left = deliveries.being_sent(connection, self.channel)
        outcomes = [left_behind(claimed, marks=marked(self._sender, claimed) is not None) for claimed in left]
        settlements = [
            replace(self._settlement(claimed, outcome), due_at=self._now())
            for claimed, outcome in zip(left, outcomes, strict=True)
        ]
        self._settle([Ended(claimed, one, 0.0) for claimed, one in zip(left, settlements, strict=True)], connection)
        if left:
            log.warning("deliveries recovered", channel=self.channel, count=len(left))

    def _turn(
        self, ended: Sequence[Ended], under_way: frozenset[str], free: int, connection: Connection
    ) -> tuple[Claimed, ...]:
        """Write how attempts ended, and claim what comes next."""
        self._settle(ended, connection)
        if self._uncertain:
            deliveries.return_unsent(connection, self.channel, under_way=under_way)
        return deliveries.claim_due(
            connection, self.channel, now=self._now(), limit=free, patience=self._settings.patience
        )

    def _settle(self, ended: Sequence[Ended], connection: Connection) -> None:
        now = self._now()
        deliveries.settle(connection, [one.settlement for one in ended], now=now)
        outbox.add_all(connection, [parcel for one in ended if (parcel := _report(one, now))])

    async def _attempt(self, claimed: Claimed, marks: Marks) -> Ended:
        """One send, with an outcome whatever happens; only cancelling leaves it to be recovered."""
        begun = time.monotonic()
        outcome: Outcome
        try:
            async with asyncio.timeout(self._settings.send_timeout.total_seconds()):
                outcome = await self._handed_over(claimed, marks)
        except (Temporary, Permanent, InDoubt) as error:
            outcome = error
        except Fenced as error:
            outcome = Temporary(str(error))
        except TimeoutError:
            outcome = InDoubt(f"there was no answer within {written(self._settings.send_timeout)}")
        except asyncio.CancelledError:
            if _is_cancelled():
                raise
            outcome = InDoubt("the channel's library cancelled it")  # Let through, it would end the lane in silence.
        except Exception as error:
            log.exception("send failed in an unknown way", channel=self.channel, delivery=claimed.id)
            outcome = InDoubt(f"{type(error).__name__}: {error}")
        return Ended(claimed, self._settlement(claimed, outcome), time.monotonic() - begun)

    async def _handed_over(self, claimed: Claimed, marks: Marks) -> Receipt:
        if marking := marked(self._sender, claimed):
            return await marking.send_marked(claimed.payload, claimed.address, partial(marks.mark, claimed.id))
        return await self._sender.send(claimed.payload, claimed.address)

    def _settlement(self, claimed: Claimed, outcome: Outcome) -> Settlement:
        return settled(
            claimed,
            outcome,
            mails=self._sender.capabilities.subjects,
            now=self._now(),
            jitter=self._jitter(),
            settings=self._settings,
        )

    async def _write(self, lease: Lease, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in a transaction while the lease is ours, however long the database takes to come back."""

        def guarded(connection: Connection) -> Result:
            assert_held(connection, lease)
            return work(connection)

        while True:
            try:
                result = await self._database.write(guarded)
            except Temporary as error:
                self._uncertain = True  # The commit may have happened all the same.
                log.warning("lane waits for the database", channel=self.channel, detail=str(error))
                await asyncio.sleep(self._settings.poll.total_seconds())
            else:
                self._uncertain = False
                return result

    async def _rest(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), self._settings.poll.total_seconds())

    def _tell(self, ended: Sequence[Ended]) -> None:
        for one in ended:
            claimed, settlement = one.claimed, one.settlement
            lost = settlement.state in (FAILED, IN_DOUBT) and not claimed.purpose.is_courtesy
            waits = log.info if settlement.state == SENT else log.warning
            say = log.error if lost else waits
            say(
                "delivery attempted",
                channel=self.channel,
                delivery=claimed.id,
                ticket=claimed.ticket,
                purpose=claimed.purpose.value,
                attempts=claimed.attempts,
                state=settlement.state,
                ms=round(one.seconds * 1000),
                detail="" if settlement.state == SENT else settlement.reason,  # "250 OK" says nothing more.
            )
        if ended:
            self._after()


def _is_cancelled() -> bool:
    """Whether somebody has cancelled this task from outside."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _taken(running: dict[asyncio.Task[Ended], str]) -> list[Ended]:
    """Take the attempts that are over out of `running`."""
    over = [task for task in running if task.done()]
    for task in over:
        del running[task]
    return [task.result() for task in over]


def _report(ended: Ended, at: datetime) -> outbox.Parcel | None:
    claimed, settlement = ended.claimed, ended.settlement
    return report(
        delivery=claimed.id,
        purpose=claimed.purpose,
        channel=claimed.channel,
        address=claimed.address,
        state=settlement.state,
        detail=settlement.reason,
        at=at,
    )

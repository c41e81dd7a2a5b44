"""Runs the chosen roles in one process: starts them, restarts channels that fail, and drains in order at the end."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from enum import IntEnum
from typing import NamedTuple, TypeVar

import structlog

from store.errors import StorageBroken, Temporary

log = structlog.get_logger()

Result = TypeVar("Result")

DRAIN = 30.0  # Seconds for all phases together; service managers kill after 90 (systemd.service(5), TimeoutStopSec).


class Phase(IntEnum):
    """When a service stops: those that let work in before those that do it."""

    DOORS = 0  # Listeners and channels.
    STAGES = 1
    CARRIERS = 2  # Outbox relay, outgoing lanes, timers.


class Service(NamedTuple):
    """Something that works until its event is set, and then ends what it has begun."""

    name: str
    phase: Phase
    run: Callable[[asyncio.Event], Coroutine[None, None, None]]


class App:
    """The services of one process."""

    def __init__(self, services: Sequence[Service]) -> None:
        """Nothing runs yet."""
        self.services = tuple(services)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`, then drain. Raises what ended a service: Permanent, StorageBroken."""
        ends = {phase: asyncio.Event() for phase in Phase}
        try:
            async with asyncio.TaskGroup() as group:
                tasks: dict[asyncio.Task[None], Phase] = {
                    group.create_task(service.run(ends[service.phase]), name=service.name): service.phase
                    for service in self.services
                }
                await stop.wait()
                log.info("draining")
                await _drain(tasks, ends)
        except BaseExceptionGroup as errors:
            raise _first(errors) from errors


async def _drain(tasks: dict[asyncio.Task[None], Phase], ends: dict[Phase, asyncio.Event]) -> None:
    """Let each phase end before the next one; what does not end in time is cancelled, and found again at a start."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + DRAIN
    for phase in Phase:
        ends[phase].set()
        waiting = [task for task, its in tasks.items() if its == phase and not task.done()]
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=max(0.0, deadline - clock()))
            for task in late:
                log.warning("service is cancelled", service=task.get_name(), seconds=DRAIN)
                task.cancel()


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that ended the others."""
    found = errors.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found


async def until_set(stop: asyncio.Event, work: Awaitable[Result]) -> Result | None:
    """What the work returns; None where it was cancelled because `stop` was set. Raises what it raises."""
    working = asyncio.ensure_future(work)
    waiting = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((working, waiting), return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, waiting):
            task.cancel()
        await asyncio.gather(working, waiting, return_exceptions=True)


async def supervised(
    name: str, start: Callable[[], Awaitable[None]], stop: asyncio.Event, *, longest_pause: float = 60.0
) -> None:
    """Keep a channel receiving: one that fails is started again, later each time, and never ends the others."""
    shortest_pause = pause = min(1.0, longest_pause)
    while not stop.is_set():
        begun = asyncio.get_running_loop().time()
        try:
            await until_set(stop, start())
        except StorageBroken:
            raise
        except Temporary as error:
            log.warning("channel pauses", channel=name, seconds=round(pause, 1), detail=str(error))
        except Exception as error:  # The boundary of a channel: its failure must not end the others.
            log.exception("channel failed", channel=name, seconds=round(pause, 1), cause=type(error).__name__)
        if asyncio.get_running_loop().time() - begun > longest_pause:
            pause = shortest_pause
        if not stop.is_set():
            await until_set(stop, asyncio.sleep(pause * random.uniform(0.5, 1.0)))  # noqa: S311 (spreads restarts)
            pause = min(pause * 2, longest_pause)


def stop_on_signals(stop: asyncio.Event) -> None:
    """SIGTERM and SIGINT drain; a second one ends the process at once, which loses nothing either."""
    loop = asyncio.get_running_loop()
    main = asyncio.current_task()

    def receive() -> None:
        if stop.is_set() and main is not None:
            main.cancel()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, receive)

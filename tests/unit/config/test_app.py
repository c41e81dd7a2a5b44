"""Services start together, stop in phases, and a failing channel ends nobody else."""

import asyncio

import pytest

from config.app import App, Phase, Service, supervised
from store.errors import Permanent, StorageBroken


def recording(name: str, phase: Phase, seen: list[str]) -> Service:
    async def run(stop: asyncio.Event) -> None:
        seen.append(f"{name} starts")
        await stop.wait()
        await asyncio.sleep(0)
        seen.append(f"{name} ends")

    return Service(name, phase, run)


async def test_doors_close_before_stages_and_stages_before_carriers() -> None:
    seen: list[str] = []
    services = [
        recording("relay", Phase.CARRIERS, seen),
        recording("router", Phase.STAGES, seen),
        recording("mail", Phase.DOORS, seen),
    ]
    stop = asyncio.Event()

    running = asyncio.create_task(App(services).run(stop))
    await asyncio.sleep(0.01)
    stop.set()
    await running

    assert seen[3:] == ["mail ends", "router ends", "relay ends"]


async def test_a_service_that_refuses_ends_the_app_with_its_own_words() -> None:
    async def refuse(_: asyncio.Event) -> None:
        raise Permanent("the log lost records that were not read")

    app = App([recording("mail", Phase.DOORS, []), Service("router", Phase.STAGES, refuse)])

    with pytest.raises(Permanent, match="the log lost records"):
        await app.run(asyncio.Event())


async def test_a_channel_that_fails_is_started_again() -> None:
    starts = 0
    stop = asyncio.Event()

    async def receive() -> None:
        nonlocal starts
        starts += 1
        if starts == 3:
            stop.set()
        raise ValueError("a defect of this channel")

    await asyncio.wait_for(supervised("mail", receive, stop, longest_pause=0.01), 5)

    assert starts == 3


async def test_a_broken_disk_is_not_restarted_away() -> None:
    async def receive() -> None:
        raise StorageBroken("the disk failed")

    with pytest.raises(StorageBroken):
        await supervised("mail", receive, asyncio.Event())

"""kill -9 around the moments at which timers are due, and two routers at once: each step comes exactly once.

A few moments are tried here. DESKWIRE_KILLS=200 tries as many for each way to run, and DESKWIRE_SEED=7 others.
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from router.due.timers import LEASE
from store.schema import deliveries, leases
from tests.desks import Around, Backend, surrounded
from tests.flow.deciding.company import DANA, ENGINEERING, IVAN, MIKA, company
from tests.mail_sink import letter
from tests.running_desk import NETWORK, free_port

KILLS = int(os.environ.get("DESKWIRE_KILLS", "3"))
SEED = int(os.environ.get("DESKWIRE_SEED", "1"))
LONGEST = 4.0  # Seconds; the last step of the ladder comes after three.
STEPS = [IVAN, MIKA, DANA, "engineering"]


@pytest.fixture
async def around(backend: Backend, tmp_path: Path) -> AsyncIterator[Around]:
    """A desk of the company's, not up yet."""
    async with surrounded(tmp_path, backend, decisions=company()) as found:
        yield found


async def up(around: Around, *, routers: int) -> None:
    """Start everything, and further processes of role router."""
    await around.desk.up()
    for number in range(1, routers):
        await around.desk.start("router", name=f"router {number}", http=free_port())


async def written(around: Around, name: str, count: int) -> list[str]:
    """Customers who have each written an urgent mail."""
    customers = [f"{name}{number}@acme.example" for number in range(count)]
    for customer in customers:
        mail = letter("VPN nie działa, nie mogę pracować.", sender=customer, proven=True)
        await around.desk.mail_patiently(mail, sender=customer)
    return customers


async def through(around: Around, customers: list[str]) -> None:
    """Wait until all tickets are at the end of their ladder, and what that asks for has gone out."""

    async def is_through() -> bool:
        tickets = await around.desk.tickets()
        return len(tickets) == len(customers) and all(one.team == "engineering" for one in tickets)

    await around.desk.until(is_through, "every ticket has come to the end of its ladder")
    await around.desk.settled()


async def holder(around: Around) -> str:
    """The process that lets timers come due."""
    query = select(leases.c.owner).where(leases.c.name == LEASE)
    owner = await around.desk.read(lambda connection: connection.scalars(query).one())
    pids = {str(process.pid): name for name, process in around.desk.processes.items()}
    return pids[owner.split(":")[1]]  # "host:pid:…"


def alerted(connection: Connection) -> list[tuple[int, str, str]]:
    """Every alert that there is: its ticket, to whom, and how it stands."""
    rows = connection.execute(
        select(deliveries.c.ticket, deliveries.c.address, deliveries.c.state).where(deliveries.c.purpose == "alert")
    )
    return sorted((row.ticket, row.address, row.state) for row in rows)


async def check(around: Around, customers: list[str]) -> None:
    """Each step of each ticket stands once in its history, in order, and is one alert that went out."""
    tickets = await around.desk.tickets()
    assert sorted(one.customer.value for one in tickets) == sorted(customers)
    for ticket in tickets:
        steps = [one for one in (await around.desk.story(ticket.number)).events if one.kind == "escalated"]
        assert [one.to.value if one.to else one.ticket.team for one in steps] == STEPS
    expected = [(one.number, to, "sent") for one in tickets for to in (NETWORK, IVAN, MIKA, DANA, ENGINEERING)]
    assert await around.desk.read(alerted) == sorted(expected)
    code, said = await around.desk.command("audit")
    assert (code, said.splitlines()[-1]) == (0, "Everything adds up.")


@pytest.mark.timeout(300 + 20 * KILLS)
async def test_a_router_that_is_killed_when_timers_are_due_lets_each_come_once(around: Around) -> None:
    chance, customers = random.Random(SEED), list[str]()
    await up(around, routers=1)
    router = "desk" if around.desk.backend.embedded else "router"

    for number in range(KILLS):
        customers += await written(around, f"round{number}-", 2)
        await asyncio.sleep(chance.uniform(0.0, LONGEST))
        await around.desk.kill(router)
        await around.desk.restart(router)

    await through(around, customers)
    await check(around, customers)


@pytest.mark.timeout(180)
async def test_two_routers_let_each_timer_come_once_and_one_goes_on_where_the_other_dies(
    scaled_out: Backend, tmp_path: Path
) -> None:
    async with surrounded(tmp_path, scaled_out, decisions=company()) as around:
        await up(around, routers=2)
        customers = await written(around, "both-", 4)
        await through(around, customers)
        customers += await written(around, "one-", 4)
        await around.desk.kill(await holder(around))
        await through(around, customers)
        await check(around, customers)

"""Two processes of every role over Kafka and PostgreSQL: when one of each is killed, the others do its work."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from config.build import ROLES
from console.demo.phones import Person
from store.schema import leases
from tests.desks import Around, Backend, surrounded
from tests.mail_sink import deliver, letter
from tests.running_desk import RunningDesk, free_port

LIMIT = 30.0  # Seconds: design, section 6, leases.
OLGA = Person(611000009, "Olga", "en")
EXCLUSIVE = {"router": "outbox", "notifier": "send:mail"}  # What only one process of a role does at a time.


async def up_twice(desk: RunningDesk) -> dict[str, int]:
    """Start every role twice; the ports on which the two of role ingest take mail."""
    code, said = await desk.command("migrate")
    assert code == 0, said
    second = free_port()
    other = desk.write_settings(desk.folder / "second.yaml", smtp=second)
    async with asyncio.TaskGroup() as group:
        for role in ROLES:
            group.create_task(desk.start(role, name=f"first {role}", http=free_port()))
            group.create_task(desk.start(role, name=f"second {role}", http=free_port(), path=other))
    return {"first ingest": desk.smtp, "second ingest": second}


async def one_of_each(desk: RunningDesk) -> list[str]:
    """A process of each role: of two, the one that does what only one may do."""
    rows = await desk.read(lambda connection: connection.execute(select(leases.c.name, leases.c.owner)).all())
    owners = {row.name: row.owner.split(":")[1] for row in rows if ":" in row.owner}  # "host:pid:…"
    pids = {str(process.pid): name for name, process in desk.processes.items()}
    return [pids[owners[EXCLUSIVE[role]]] if role in EXCLUSIVE else f"first {role}" for role in ROLES]


async def written(name: str, ports: Sequence[int], *, count: int) -> list[str]:
    """Customers who have each written a mail, to one port after the other."""
    customers = [f"{name}{n}@customer.example" for n in range(count)]
    for n, customer in enumerate(customers):
        await deliver(letter("The printer is on fire.", sender=customer), sender=customer, port=ports[n % len(ports)])
    return customers


@pytest.mark.timeout(180)
async def test_the_work_of_one_killed_process_of_each_role_is_taken_over(scaled_out: Backend, tmp_path: Path) -> None:
    async with surrounded(tmp_path, scaled_out, [OLGA]) as around:
        desk = around.desk
        ports = await up_twice(desk)
        before = await written("before", list(ports.values()), count=8)
        await desk.settled()
        dying = await one_of_each(desk)
        caught = await written("caught", list(ports.values()), count=6)  # On their way while the processes die.

        killed = time.monotonic()
        await desk.kill(*dying)
        after = await written("after", [ports["second ingest"]], count=6)
        around.api.say(OLGA, "The printer is on fire.")
        await desk.until(lambda: answered(around, after), "those who write afterwards are answered")
        took = time.monotonic() - killed

        await desk.settled()
        tickets = Counter(ticket.customer.value for ticket in await desk.tickets())
        assert took < LIMIT
        assert tickets == Counter([*before, *caught, *after, str(OLGA.id)])
        assert [len(around.sink.to(one)) for one in [*before, *after]] == [1] * 14
        # An acknowledgement that was being sent at that moment is in doubt, and is not sent again.
        assert all(len(around.sink.to(one)) <= 1 for one in caught)


def answered(around: Around, customers: Sequence[str]) -> bool:
    """Whether these customers have their acknowledgements, and Olga hers in the chat."""
    return all(around.sink.to(one) for one in customers) and bool(around.api.chat(OLGA).messages)

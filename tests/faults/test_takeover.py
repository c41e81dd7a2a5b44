"""Two processes of every role over Kafka and PostgreSQL: when one of each is killed, the others do its work."""

import asyncio
import time
from collections import Counter
from pathlib import Path

import pytest

from config.build import ROLES
from tests.desks import Backend, surrounded
from tests.mail_sink import deliver, letter
from tests.running_desk import RunningDesk, free_port

LIMIT = 30.0  # Seconds: design, section 6, leases.


async def up_twice(desk: RunningDesk) -> tuple[int, int]:
    """Start every role twice; the ports on which the two of role ingest take mail."""
    code, said = await desk.command("migrate")
    assert code == 0, said
    second = free_port()
    other = desk.write_settings(desk.folder / "second.yaml", smtp=second)
    async with asyncio.TaskGroup() as group:
        for role in ROLES:
            group.create_task(desk.start(role, name=f"first {role}", http=free_port()))
            group.create_task(desk.start(role, name=f"second {role}", http=free_port(), path=other))
    return desk.smtp, second


@pytest.mark.timeout(180)
async def test_the_work_of_one_killed_process_of_each_role_is_taken_over(scaled_out: Backend, tmp_path: Path) -> None:
    async with surrounded(tmp_path, scaled_out) as around:
        desk = around.desk
        first, second = await up_twice(desk)
        before = await written(desk, "before", (first, second), count=8)
        await desk.settled()
        caught = await written(desk, "caught", (second,), count=6)  # On their way while the processes die.

        killed = time.monotonic()
        await desk.kill(*(f"first {role}" for role in ROLES))
        after = await written(desk, "after", (second,), count=6)
        await desk.until(lambda: all(around.sink.to(one) for one in after), "those who write afterwards are answered")
        took = time.monotonic() - killed

        assert took < LIMIT
        await desk.settled()
        tickets = Counter(ticket.customer.value for ticket in await desk.tickets())
        assert tickets == Counter([*before, *caught, *after])
        assert [len(around.sink.to(one)) for one in [*before, *after]] == [1] * 14
        # An acknowledgement that was being sent at that moment is in doubt, and is not sent again.
        assert all(len(around.sink.to(one)) <= 1 for one in caught)


async def written(desk: RunningDesk, name: str, ports: tuple[int, ...], *, count: int) -> list[str]:
    """Customers who have each written a mail, to one port after the other."""
    customers = [f"{name}{n}@customer.example" for n in range(count)]
    for n, customer in enumerate(customers):
        await deliver(letter("The printer is on fire.", sender=customer), sender=customer, port=ports[n % len(ports)])
    return customers

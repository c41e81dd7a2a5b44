"""kill -9 at random moments between a client's 250 and the acknowledgement: nothing is lost, nothing doubled.

A few moments are tried here. DESKWIRE_KILLS=200 tries as many for each way to run, and DESKWIRE_SEED=7 others.
"""

import asyncio
import os
import random
from collections import Counter
from pathlib import Path

import pytest

from config.build import ROLES
from tests.desks import Around, Backend, surrounded
from tests.mail_sink import letter

KILLS = int(os.environ.get("DESKWIRE_KILLS", "3"))
SEED = int(os.environ.get("DESKWIRE_SEED", "1"))
MAILS = 6  # Between two kills.
LONGEST = 1.0  # Seconds; a mail's whole way takes some tenths.


async def write_and_kill(around: Around, customers: list[str], chance: random.Random) -> None:
    """Customers write, as mail servers do: again until they hear 250. Meanwhile the processes die and come back."""
    desk = around.desk
    names = list(desk.processes)
    mails = [desk.mail_patiently(letter("The printer is on fire.", sender=one), sender=one) for one in customers]
    accepted = asyncio.gather(*mails)
    await asyncio.sleep(chance.uniform(0.0, LONGEST))
    await desk.kill(*names)
    for name in names:
        await desk.restart(name)
    await accepted


@pytest.mark.timeout(300)
async def test_a_killed_desk_makes_one_ticket_of_each_mail_and_acknowledges_it_at_most_once(around: Around) -> None:
    chance = random.Random(SEED)
    desk = around.desk
    await desk.up()
    everybody: list[str] = []

    for kill in range(KILLS):
        customers = [f"customer{kill}-{n}@customer.example" for n in range(MAILS)]
        everybody += customers
        await write_and_kill(around, customers, chance)

    await desk.settled()
    tickets = await desk.tickets()
    assert Counter(ticket.customer.value for ticket in tickets) == Counter(everybody)
    assert [len(await desk.texts(ticket.number)) for ticket in tickets] == [1] * len(everybody)
    assert all(len(around.sink.to(customer)) <= 1 for customer in everybody)
    assert all(around.alerts(ticket) for ticket in tickets)


@pytest.mark.timeout(300)
async def test_an_answer_survives_kills_and_every_copy_has_the_same_message_id(around: Around) -> None:
    chance = random.Random(SEED)
    desk = around.desk
    await desk.up()
    customer = "answered@customer.example"
    await desk.mail(letter("The printer is on fire.", sender=customer), sender=customer)
    ticket = await around.only_ticket(customer)
    around.sink.delay = 0.3  # The relay has taken the mail, and has not said so: the window in which copies arise.

    for number in range(KILLS):
        await desk.answer(ticket.number, f"Try again, please ({number}).")
        await asyncio.sleep(chance.uniform(0.0, LONGEST))
        names = list(desk.processes)
        await desk.kill(*names)
        for name in names:
            await desk.restart(name)

    await desk.settled()
    answers = [mail for mail in around.sink.to(customer) if "Try again, please" in mail.text]
    said = {number: [mail for mail in answers if f"({number})" in mail.text] for number in range(KILLS)}
    assert all(copies for copies in said.values()), "each answer arrived at least once"
    assert all(len({mail.content for mail in copies}) == 1 for copies in said.values()), "its copies are identical"
    assert len({mail.id for mail in answers}) == KILLS


@pytest.mark.timeout(300)
async def test_one_killed_role_after_the_other_loses_nothing(scaled_out: Backend, tmp_path: Path) -> None:
    async with surrounded(tmp_path, scaled_out) as around:
        desk = around.desk
        await desk.up()
        customers = [f"{role}{n}@customer.example" for role in ROLES for n in range(MAILS)]
        accepted = asyncio.gather(
            *(desk.mail_patiently(letter("The printer is on fire.", sender=one), sender=one) for one in customers)
        )
        for role in ROLES:
            await desk.kill(role)
            await desk.restart(role)
        await accepted

        await desk.settled()
        assert Counter(ticket.customer.value for ticket in await desk.tickets()) == Counter(customers)
        assert all(len(around.sink.to(customer)) <= 1 for customer in customers)

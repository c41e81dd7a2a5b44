"""kill -9 at random moments between a client's 250 and what goes out for it: nothing is lost, nothing doubled.

A few moments are tried here. DESKWIRE_KILLS=200 tries as many for each way to run, and DESKWIRE_SEED=7 others.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Sequence
from itertools import cycle, islice

import pytest
from sqlalchemy import Connection, select

from store.schema import deliveries, tickets
from tests.desks import Around
from tests.mail_sink import Mail, letter
from tests.running_desk import RunningDesk

KILLS = int(os.environ.get("DESKWIRE_KILLS", "4"))
SEED = int(os.environ.get("DESKWIRE_SEED", "1"))
MAILS = 6  # Between two kills.
LONGEST = 1.0  # Seconds; a mail's whole way takes some tenths.


def victims(desk: RunningDesk) -> Sequence[Sequence[str]]:
    """What is killed together, each time: the one process, or one role's after the other and now and then them all."""
    names = list(desk.processes)
    if len(names) == 1:
        return [names] * KILLS
    return list(islice(cycle([*([name] for name in names), names]), max(KILLS, len(names) + 1)))


async def died_and_came_back(desk: RunningDesk, names: Sequence[str]) -> None:
    await desk.kill(*names)
    await asyncio.gather(*(desk.restart(name) for name in names))


def acknowledgements(connection: Connection) -> dict[str, str]:
    """The state of each customer's acknowledgement."""
    sent = select(tickets.c.sender_value, deliveries.c.state).join(deliveries, deliveries.c.ticket == tickets.c.number)
    rows = connection.execute(sent.where(deliveries.c.purpose == "acknowledgement"))
    return {row.sender_value: row.state for row in rows}


@pytest.mark.timeout(300 + 20 * KILLS)
async def test_a_killed_desk_makes_one_ticket_of_each_mail_and_answers_it(around: Around) -> None:
    chance = random.Random(SEED)
    desk, sink = around.desk, around.sink
    await desk.up()
    await desk.mail(letter("The printer is on fire.", sender="asks@customer.example"), sender="asks@customer.example")
    asked = await around.only_ticket("asks@customer.example")
    sink.delay = 0.2  # The relay has taken a mail, and has not said so: the window in which copies arise.
    writers: list[str] = []
    said: list[str] = []

    for names in victims(desk):
        customers = [f"customer{len(writers) + n}@customer.example" for n in range(MAILS)]
        writers += customers
        said.append(f"Fetch water, please ({len(said)}).")
        await desk.answer(asked.number, said[-1])
        accepted = asyncio.gather(
            *(desk.mail_patiently(letter("The printer is on fire.", sender=one), sender=one) for one in customers)
        )
        await asyncio.sleep(chance.uniform(0.0, LONGEST))
        await died_and_came_back(desk, names)
        await accepted

    await desk.settled()
    opened = [ticket for ticket in await desk.tickets() if ticket.number != asked.number]
    assert Counter(ticket.customer.value for ticket in opened) == Counter(writers)
    assert [await desk.texts(ticket.number) for ticket in opened] == [["The printer is on fire."]] * len(writers)
    assert all(around.alerts(ticket) for ticket in opened)
    await check_acknowledgements(around, writers)
    check_answers([mail for mail in sink.to("asks@customer.example") if "Fetch water" in mail.text], said)


async def check_acknowledgements(around: Around, writers: Sequence[str]) -> None:
    """At most one each; one that nobody got was being sent when the desk died, and is known to be in doubt."""
    states = await around.desk.read(acknowledgements)
    copies = {customer: len(around.sink.to(customer)) for customer in writers}
    assert set(copies.values()) <= {0, 1}
    assert {states[customer] for customer in writers} <= {"sent", "in-doubt"}
    assert [customer for customer in writers if not copies[customer] and states[customer] != "in-doubt"] == []


def check_answers(mails: Sequence[Mail], said: Sequence[str]) -> None:
    """Each at least once, and its copies alike to the byte."""
    by_text = {text: [mail for mail in mails if text in mail.text] for text in said}
    assert [text for text, copies in by_text.items() if not copies] == []
    assert [text for text, copies in by_text.items() if len({mail.content for mail in copies}) > 1] == []
    assert len({mail.id for mail in mails}) == len(said)

"""Urgent mail: what is decided and promised, what happens where nobody acts, and that whoever takes it ends that."""

import pytest

from store.events import TicketEvent
from store.rows import Ticket, Timer
from store.timers import due
from tests.desks import Around
from tests.flow.deciding.company import DANA, ENGINEERING, IVAN, MIKA
from tests.mail_sink import letter
from tests.running_desk import NETWORK

pytestmark = pytest.mark.asyncio(loop_scope="session")


def urgent(customer: str) -> bytes:
    text = "VPN nie działa od rana, nie mogę pracować. Proszę o pomoc."
    return letter(text, sender=customer, subject="Nie działa", proven=True)


def told(around: Around, recipient: str, ticket: Ticket) -> list[str]:
    """What somebody was told of a ticket."""
    return [mail.text for mail in around.sink.to(recipient) if str(ticket.number) in mail.parsed["Subject"]]


def plain(text: str) -> str:
    """As a person sees it: without the signs that keep foreign text apart."""
    return text.replace("\r\n", "\n").translate({0x2068: None, 0x2069: None})


async def escalations(around: Around, ticket: Ticket) -> list[TicketEvent]:
    return [one for one in (await around.desk.story(ticket.number)).events if one.kind == "escalated"]


async def timers_of(around: Around, ticket: Ticket) -> list[Timer]:
    """What is still to come due for a ticket."""
    latest = ticket.opened_at.replace(year=ticket.opened_at.year + 1)
    every = await around.desk.read(lambda connection: due(connection, latest, 10_000))
    return [timer for timer in every if timer.ticket == ticket.number]


async def up_the_ladder(around: Around, ticket: Ticket) -> None:
    """Wait until the last step of the ladder for P1 has come, and everything it asked for."""

    async def moved() -> bool:
        return (await around.desk.story(ticket.number)).ticket.team == "engineering"

    await around.desk.until(moved, "the ticket has gone to the last team")
    await around.desk.settled()


async def test_what_matters_is_decided_promised_and_told_with_its_moments(shared: Around) -> None:
    around, customer = shared, "anna@acme.example"
    await around.desk.mail(urgent(customer), sender=customer)
    ticket = await around.only_ticket(customer)
    (acknowledgement,) = around.sink.to(customer)
    (alert,) = told(around, NETWORK, ticket)

    story = await around.desk.story(ticket.number)
    opened = story.events[0].ticket
    assert (opened.category, opened.priority, opened.team, opened.person) == ("network", "P1", "network", "person:ola")
    assert (opened.answer_by, opened.resolve_by) == (ticket.answer_by, ticket.resolve_by)
    assert ticket.answer_by is not None
    assert ticket.resolve_by is not None
    assert (ticket.answer_by - ticket.opened_at).total_seconds() == 15 * 60
    assert (ticket.resolve_by - ticket.opened_at).total_seconds() == 4 * 60 * 60
    assert f"{ticket.answer_by:%H:%M}" in acknowledgement.text
    assert "Odpowiedź na ten adres do: " in acknowledgement.text
    assert "📥 P1 · Network · network" in plain(alert)
    assert "Customer: Acme\nFor: Ola Nowak\nAnswer by: " in plain(alert)
    assert f"{ticket.answer_by:%H:%M}" in alert.partition("Answer by")[2].splitlines()[0]
    assert f"{ticket.resolve_by:%H:%M}" in alert.partition("Solve by")[2].splitlines()[0]


async def test_where_nobody_acts_each_step_comes_once_and_in_order(shared: Around) -> None:
    around, customer = shared, "beata@acme.example"
    await around.desk.mail(urgent(customer), sender=customer)
    ticket = await around.only_ticket(customer)

    await up_the_ladder(around, ticket)

    steps = await escalations(around, ticket)
    assert [one.to.value if one.to else one.ticket.team for one in steps] == [IVAN, MIKA, DANA, "engineering"]
    assert [one.text.split()[1] for one in steps] == ["0m", "1s", "2s", "3s"]
    assert [len(told(around, one, ticket)) for one in (IVAN, MIKA, DANA, ENGINEERING)] == [1, 1, 1, 1]
    after = (await around.desk.story(ticket.number)).ticket
    assert (after.team, after.level, after.answer_by) == ("engineering", 3, ticket.answer_by)
    assert await timers_of(around, after) == []


async def test_whoever_claims_it_ends_what_would_come(shared: Around) -> None:
    around, claimed, left = shared, "celina@acme.example", "dorota@acme.example"
    for customer in (claimed, left):
        mail = letter("The VPN is slow.", sender=customer, subject="VPN", proven=True)
        await around.desk.mail(mail, sender=customer)
    taken, other = await around.only_ticket(claimed), await around.only_ticket(left)

    code, said = await around.desk.command("ticket", "claim", str(taken.number))
    told_at = [one.kind for one in (await around.desk.story(taken.number)).events]

    async def is_told() -> bool:
        return bool(await escalations(around, other))

    await around.desk.until(is_told, "the manager hears of the ticket that nobody has claimed")
    await around.desk.settled()

    assert code == 0, said
    assert taken.priority == other.priority == "P2"
    assert [one.kind for one in (await around.desk.story(taken.number)).events] == told_at
    assert told_at[-1] == "claimed"
    assert len(told(around, DANA, other)) == 1
    assert await timers_of(around, taken) == []

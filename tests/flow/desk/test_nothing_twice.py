"""Whatever comes twice is one message, and a log that is read again changes nothing."""

from typing import NamedTuple

import pytest
from sqlalchemy import func, select, update

from console.demo.phones import Group, Person
from store.schema import deliveries, events, inbox, messages, positions, tickets
from tests.desks import TEAM_CHAT, Around
from tests.flow.desk.conftest import PEOPLE
from tests.mail_sink import letter

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_mail_that_is_delivered_twice_is_one_message(around: Around) -> None:
    iris = "iris@customer.example"
    mail = letter("My phone is mute.", sender=iris)

    await around.desk.mail(mail, sender=iris)
    await around.desk.mail(
        b"Received: from elsewhere.example by mx.example;\r\n Sun, 22 Nov 2026\r\n" + mail, sender=iris
    )
    ticket = await around.only_ticket(iris)

    assert await around.desk.texts(ticket.number) == ["My phone is mute."]
    assert len(around.sink.to(iris)) == len(around.alerts(ticket)) == 1


async def test_a_form_that_is_posted_twice_is_one_message(around: Around) -> None:
    jane = "jane@customer.example"

    first, second = await around.desk.post(jane, "My desk wobbles.", presses=2)
    ticket = await around.only_ticket(jane)

    assert first == second
    assert await around.desk.texts(ticket.number) == ["My desk wobbles."]
    assert len(around.sink.to(jane)) == len(around.alerts(ticket)) == 1


async def test_an_update_that_telegram_repeats_is_one_message(around: Around) -> None:
    tom, updates = PEOPLE["tom"], around.api.phones.updates
    around.api.say(tom, "My cup is empty.")
    (update_,) = updates._waiting
    await around.confirmed()

    updates.repeat(update_)
    await around.confirmed()
    ticket = await around.only_ticket(str(tom.id))
    of_tom = (
        select(func.count()).select_from(inbox).where(inbox.c.ticket == ticket.number, inbox.c.outcome == "duplicate")
    )

    assert await around.desk.read(lambda connection: connection.scalar(of_tom)) == 1
    assert await around.desk.texts(ticket.number) == ["My cup is empty."]
    assert len(around.api.chat(tom).messages) == len(around.alerts(ticket)) == 1


class Everything(NamedTuple):
    """What a desk has done so far."""

    rows: tuple[int, ...]
    outcomes: tuple[tuple[str, int], ...]
    mails: int
    chats: tuple[int, ...]


async def everything(around: Around) -> Everything:
    audit = await around.desk.settled()
    counted = (tickets, messages, events, deliveries, inbox)
    rows = await around.desk.read(
        lambda connection: tuple(connection.scalar(select(func.count()).select_from(table)) or 0 for table in counted)
    )
    people: list[Person | Group] = [*PEOPLE.values(), TEAM_CHAT]
    chats = tuple(len(around.api.chat(of).messages) for of in people)
    return Everything(rows, audit.outcomes, len(around.sink.mails), chats)


async def test_a_replay_of_the_whole_log_changes_nothing(around: Around) -> None:
    kurt, original = "kurt@customer.example", "<kurt-1@mail.example>"
    await around.desk.mail(letter("My VPN is slow.", sender=kurt, message_id=original), sender=kurt)
    ticket = await around.only_ticket(kurt)
    await around.desk.answer(ticket.number, "We look into it.")
    await around.desk.mail(letter("Thank you.", sender=kurt, references=[original], proven=True), sender=kurt)
    before = await everything(around)

    ended = await around.desk.stop_all()
    await around.desk.write(lambda connection: connection.execute(update(positions).values(next=None)).rowcount)
    await around.desk.up()
    after = await everything(around)
    code, said = await around.desk.command("audit")

    assert set(ended) == {0}, around.desk.tail
    assert after == before
    assert (code, said.splitlines()[-1]) == (0, "Everything adds up.")

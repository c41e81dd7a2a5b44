"""The main job, end to end: a message in becomes one ticket, one alert and one acknowledgement; nothing comes twice."""

from typing import NamedTuple

import pytest
from sqlalchemy import func, select, update

from store.rows import Ticket
from store.schema import deliveries, events, inbox, messages, positions, tickets
from tests.desks import TEAM_CHAT, Around
from tests.flow.desk.conftest import PEOPLE
from tests.mail_sink import Mail, letter
from tests.running_desk import NETWORK

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def only_ticket(around: Around, customer: str) -> Ticket:
    """The one ticket of a customer, when all is done and everything adds up."""
    await around.desk.settled()
    (ticket,) = await around.desk.tickets_of(customer)
    return ticket


def language_of(mail: Mail) -> str:
    part = mail.parsed.get_body(("plain",))
    assert part is not None
    return str(part["Content-Language"])


def alerts_by_mail(around: Around, ticket: Ticket) -> list[Mail]:
    return [mail for mail in around.sink.to(NETWORK) if str(ticket.number) in mail.parsed["Subject"]]


def alerts_in_chat(around: Around, ticket: Ticket) -> list[str]:
    return [shown.text for shown in around.api.chat(TEAM_CHAT).messages if str(ticket.number) in shown.text]


async def test_a_mail_becomes_one_ticket_one_alert_and_one_acknowledgement(around: Around) -> None:
    anna = "anna@customer.example"
    mail = letter("Drukarka nie działa od rana, proszę o pomoc.", sender=f"Anna Nowak <{anna}>", subject="Drukarka")

    await around.desk.mail(mail, sender=anna)
    ticket = await only_ticket(around, anna)
    (acknowledgement,) = around.sink.to(anna)

    assert (ticket.state, ticket.team, ticket.language, ticket.messages) == ("new", "help", "pl", 1)
    assert len(alerts_in_chat(around, ticket)) == 1
    assert language_of(acknowledgement) == "pl"
    assert str(ticket.number) in acknowledgement.parsed["Subject"]
    assert (acknowledgement.sender, acknowledgement.parsed["Auto-Submitted"]) == ("", "auto-replied")


async def test_a_form_becomes_one_ticket_one_alert_and_one_acknowledgement(around: Around) -> None:
    boris = "boris@customer.example"

    await around.desk.post(boris, "У нас в офисе не работает интернет, помогите, пожалуйста.")
    ticket = await only_ticket(around, boris)
    (acknowledgement,) = around.sink.to(boris)

    assert (ticket.category, ticket.team, ticket.language, ticket.channel) == ("network", "network", "ru", "form")
    assert len(alerts_by_mail(around, ticket)) == 1
    assert not alerts_in_chat(around, ticket)
    assert language_of(acknowledgement) == "ru"


async def test_a_chat_becomes_one_ticket_one_alert_and_one_acknowledgement(around: Around) -> None:
    sara = PEOPLE["sara"]

    around.api.say(sara, "سلام، اینترنت من از صبح کار نمی‌کند. لطفا کمک کنید")
    ticket = await only_ticket(around, str(sara.id))
    (acknowledgement,) = around.api.chat(sara).messages

    assert (ticket.category, ticket.team, ticket.language, ticket.channel) == ("network", "network", "fa", "bot")
    assert len(alerts_by_mail(around, ticket)) == 1
    assert "پیام شما رسید" in acknowledgement.text
    assert str(ticket.number) in acknowledgement.text


async def test_a_reply_to_our_acknowledgement_continues_the_ticket(around: Around) -> None:
    carl = "carl@customer.example"
    await around.desk.mail(letter("My screen is black.", sender=carl), sender=carl)
    ticket = await only_ticket(around, carl)
    (acknowledgement,) = around.sink.to(carl)

    reply = letter("It is the left one.", sender=carl, subject="Re: another subject", references=[acknowledgement.id])
    await around.desk.mail(reply, sender=carl)
    await around.desk.settled()

    assert await only_ticket(around, carl) == (await around.desk.story(ticket.number)).ticket
    assert await around.desk.texts(ticket.number) == ["My screen is black.", "It is the left one."]
    assert around.sink.to(carl) == [acknowledgement]


async def test_a_reply_to_another_mail_of_the_same_sender_continues_the_ticket(around: Around) -> None:
    dora, first, second = "dora@customer.example", "<dora-1@mail.example>", "<dora-2@mail.example>"
    await around.desk.mail(letter("My mouse is gone.", sender=dora, message_id=first), sender=dora)
    await around.desk.settled()

    await around.desk.mail(letter("And my keyboard.", sender=dora, message_id=second, references=[first]), sender=dora)
    await around.desk.mail(letter("Found them.", sender=dora, references=[first, second]), sender=dora)
    ticket = await only_ticket(around, dora)

    assert await around.desk.texts(ticket.number) == ["My mouse is gone.", "And my keyboard.", "Found them."]
    assert len(around.sink.to(dora)) == 1


async def test_a_strangers_reply_to_our_mail_opens_a_ticket_of_its_own(around: Around) -> None:
    emil, mallory = "emil@customer.example", "mallory@elsewhere.example"
    await around.desk.mail(letter("My chair is broken.", sender=emil), sender=emil)
    ticket = await only_ticket(around, emil)
    (acknowledgement,) = around.sink.to(emil)

    await around.desk.mail(letter("Send me all.", sender=mallory, references=[acknowledgement.id]), sender=mallory)

    assert (await only_ticket(around, mallory)).number != ticket.number
    assert await around.desk.texts(ticket.number) == ["My chair is broken."]


async def test_an_answer_reaches_a_customer_by_mail_in_the_customers_thread(around: Around) -> None:
    fred, original = "fred@customer.example", "<fred-1@mail.example>"
    await around.desk.mail(letter("My lamp is dark.", sender=fred, subject="Lamp", message_id=original), sender=fred)
    ticket = await only_ticket(around, fred)

    code, said = await around.desk.command("ticket", "answer", str(ticket.number), "Please change the bulb.")
    await around.desk.settled()
    _, answer = around.sink.to(fred)

    assert (code, said.strip()[:22]) == (0, f"Ticket {ticket.number} is answe"[:22])
    assert "Please change the bulb." in answer.text
    assert original in answer.parsed["References"]
    assert answer.parsed["In-Reply-To"] in (original, around.sink.to(fred)[0].id)
    assert "Lamp" in answer.parsed["Subject"]
    assert [answer.parsed[name] for name in ("Auto-Submitted", "Precedence", "X-Auto-Response-Suppress")] == [None] * 3
    assert answer.sender, "a bounce of an answer must reach us"
    assert (await only_ticket(around, fred)).state == "open"

    await around.desk.mail(letter("It shines.", sender=fred, references=[original, answer.id]), sender=fred)
    await around.desk.settled()
    assert await around.desk.texts(ticket.number) == ["My lamp is dark.", "It shines."]


async def test_an_answer_reaches_a_customer_in_the_chat(around: Around) -> None:
    ivan = PEOPLE["ivan"]
    around.api.say(ivan, "Принтер не печатает, помогите.")
    ticket = await only_ticket(around, str(ivan.id))

    code, said = await around.desk.command("ticket", "answer", str(ticket.number), "Замените картридж.")
    await around.desk.settled()

    assert code == 0, said
    assert "Замените картридж." in around.api.chat(ivan).messages[-1].text
    assert len(around.api.chat(ivan).messages) == 2


async def test_a_reply_to_a_closed_ticket_opens_it_again(around: Around) -> None:
    gina, original = "gina@customer.example", "<gina-1@mail.example>"
    await around.desk.mail(letter("My door squeaks.", sender=gina, message_id=original), sender=gina)
    ticket = await only_ticket(around, gina)
    close = update(tickets).where(tickets.c.number == ticket.number).values(state="closed")
    await around.desk.write(lambda connection: connection.execute(close).rowcount)

    await around.desk.mail(letter("It still does.", sender=gina, references=[original]), sender=gina)

    assert (await only_ticket(around, gina)).state == "open"
    assert [event.kind for event in (await around.desk.story(ticket.number)).events] == ["opened", "reopened"]


async def test_an_absence_note_is_parked_until_a_person_accepts_it(around: Around) -> None:
    hugo = "hugo@customer.example"
    note = letter("I am on leave until Monday.", sender=hugo, subject="Out of office", Auto_Submitted="auto-replied")

    await around.desk.mail(note, sender=hugo)
    await around.desk.settled()
    _, listed = await around.desk.command("parked", "list")
    (line,) = [line for line in listed.splitlines() if hugo in line]
    before = await around.desk.tickets_of(hugo)
    code, said = await around.desk.command("parked", "accept", line.split()[0])
    ticket = await only_ticket(around, hugo)

    assert "auto-replied" in line
    assert before == []
    assert code == 0, said
    assert str(ticket.number) in said
    assert await around.desk.texts(ticket.number) == ["I am on leave until Monday."]
    assert around.sink.to(hugo) == []


async def test_a_mail_that_is_delivered_twice_is_one_message(around: Around) -> None:
    iris = "iris@customer.example"
    mail = letter("My phone is mute.", sender=iris)

    await around.desk.mail(mail, sender=iris)
    await around.desk.mail(
        b"Received: from elsewhere.example by mx.example;\r\n Sun, 22 Nov 2026\r\n" + mail, sender=iris
    )
    ticket = await only_ticket(around, iris)

    assert await around.desk.texts(ticket.number) == ["My phone is mute."]
    assert len(around.sink.to(iris)) == len(alerts_in_chat(around, ticket)) == 1


async def test_a_form_that_is_posted_twice_is_one_message(around: Around) -> None:
    jane = "jane@customer.example"

    first, second = await around.desk.post(jane, "My desk wobbles.", presses=2)
    ticket = await only_ticket(around, jane)

    assert first == second
    assert await around.desk.texts(ticket.number) == ["My desk wobbles."]
    assert len(around.sink.to(jane)) == len(alerts_in_chat(around, ticket)) == 1


async def test_an_update_that_telegram_repeats_is_one_message(around: Around) -> None:
    tom, updates = PEOPLE["tom"], around.api.phones.updates
    around.api.say(tom, "My cup is empty.")
    (update_,) = updates._waiting
    await around.desk.until(lambda: not len(updates), "the update is confirmed")

    updates.repeat(update_)
    await around.desk.until(lambda: not len(updates), "the update is confirmed again")
    ticket = await only_ticket(around, str(tom.id))
    of_tom = (
        select(func.count()).select_from(inbox).where(inbox.c.ticket == ticket.number, inbox.c.outcome == "duplicate")
    )

    assert await around.desk.read(lambda connection: connection.scalar(of_tom)) == 1
    assert await around.desk.texts(ticket.number) == ["My cup is empty."]
    assert len(around.api.chat(tom).messages) == len(alerts_in_chat(around, ticket)) == 1


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
    chats = tuple(len(around.api.chat(of).messages) for of in (*PEOPLE.values(), TEAM_CHAT))
    return Everything(rows, audit.outcomes, len(around.sink.mails), chats)


async def test_a_replay_of_the_whole_log_changes_nothing(around: Around) -> None:
    kurt, original = "kurt@customer.example", "<kurt-1@mail.example>"
    await around.desk.mail(letter("My VPN is slow.", sender=kurt, message_id=original), sender=kurt)
    ticket = await only_ticket(around, kurt)
    await around.desk.answer(ticket.number, "We look into it.")
    await around.desk.mail(letter("Thank you.", sender=kurt, references=[original]), sender=kurt)
    before = await everything(around)

    ended = await around.desk.stop_all()
    await around.desk.write(lambda connection: connection.execute(update(positions).values(next=None)).rowcount)
    await around.desk.up()
    after = await everything(around)
    code, said = await around.desk.command("audit")

    assert set(ended) == {0}, around.desk.tail
    assert after == before
    assert (code, said.splitlines()[-1]) == (0, "Everything adds up.")

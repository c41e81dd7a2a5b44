"""The main job, end to end: a message in becomes one ticket, one alert and one acknowledgement; an answer goes out."""

import pytest

from tests.desks import Around
from tests.flow.desk.conftest import PEOPLE
from tests.mail_sink import Mail, letter

pytestmark = pytest.mark.asyncio(loop_scope="session")


def language_of(mail: Mail) -> str:
    part = mail.parsed.get_body(("plain",))
    assert part is not None
    return str(part["Content-Language"])


async def test_a_mail_becomes_one_ticket_one_alert_and_one_acknowledgement(around: Around) -> None:
    anna = "anna@customer.example"
    mail = letter("Drukarka nie działa od rana, proszę o pomoc.", sender=f"Anna Nowak <{anna}>", subject="Drukarka")

    await around.desk.mail(mail, sender=anna)
    ticket = await around.only_ticket(anna)
    (acknowledgement,) = around.sink.to(anna)

    assert (ticket.state, ticket.team, ticket.language, ticket.messages) == ("new", "help", "pl", 1)
    assert len(around.alerts(ticket)) == 1
    assert language_of(acknowledgement) == "pl"
    assert str(ticket.number) in acknowledgement.parsed["Subject"]
    assert (acknowledgement.sender, acknowledgement.parsed["Auto-Submitted"]) == ("", "auto-replied")


async def test_a_form_becomes_one_ticket_one_alert_and_one_acknowledgement(around: Around) -> None:
    boris = "boris@customer.example"

    await around.desk.post(boris, "У нас в офисе не работает интернет, помогите, пожалуйста.")
    ticket = await around.only_ticket(boris)
    (acknowledgement,) = around.sink.to(boris)

    assert (ticket.category, ticket.team, ticket.language, ticket.channel) == ("network", "network", "ru", "form")
    assert len(around.alerts(ticket)) == 1
    assert language_of(acknowledgement) == "ru"


async def test_a_chat_becomes_one_ticket_one_alert_and_one_acknowledgement(around: Around) -> None:
    sara = PEOPLE["sara"]

    await around.say(sara, "سلام، اینترنت من از صبح کار نمی‌کند. لطفا کمک کنید")
    ticket = await around.only_ticket(str(sara.id))
    (acknowledgement,) = around.api.chat(sara).messages

    assert (ticket.category, ticket.team, ticket.language, ticket.channel) == ("network", "network", "fa", "bot")
    assert len(around.alerts(ticket)) == 1
    assert "پیام شما رسید" in acknowledgement.text
    assert str(ticket.number) in acknowledgement.text


async def test_a_reply_to_our_acknowledgement_continues_the_ticket(around: Around) -> None:
    carl = "carl@customer.example"
    await around.desk.mail(letter("My screen is black.", sender=carl), sender=carl)
    ticket = await around.only_ticket(carl)
    (acknowledgement,) = around.sink.to(carl)

    reply = letter("It is the left one.", sender=carl, subject="Re: another subject", references=[acknowledgement.id])
    await around.desk.mail(reply, sender=carl)
    await around.desk.settled()

    assert await around.only_ticket(carl) == (await around.desk.story(ticket.number)).ticket
    assert await around.desk.texts(ticket.number) == ["My screen is black.", "It is the left one."]
    assert around.sink.to(carl) == [acknowledgement]


async def test_a_reply_to_another_mail_of_the_same_sender_continues_the_ticket(around: Around) -> None:
    dora, first, second = "dora@customer.example", "<dora-1@mail.example>", "<dora-2@mail.example>"
    await around.desk.mail(letter("My mouse is gone.", sender=dora, message_id=first), sender=dora)
    await around.desk.settled()

    await around.desk.mail(
        letter("And my keyboard.", sender=dora, message_id=second, references=[first], proven=True), sender=dora
    )
    await around.desk.mail(letter("Found them.", sender=dora, references=[first, second], proven=True), sender=dora)
    ticket = await around.only_ticket(dora)

    assert await around.desk.texts(ticket.number) == ["My mouse is gone.", "And my keyboard.", "Found them."]
    assert len(around.sink.to(dora)) == 1


async def test_a_reply_to_another_mail_by_a_sender_whom_nobody_proves_opens_a_ticket_that_is_linked(
    around: Around,
) -> None:
    henk, first = "henk@customer.example", "<henk-1@mail.example>"
    await around.desk.mail(letter("My lamp is dark.", sender=henk, message_id=first), sender=henk)
    ticket = await around.only_ticket(henk)

    await around.desk.mail(letter("It glows.", sender=henk, references=[first]), sender=henk)
    await around.desk.settled()

    other = next(one for one in await around.desk.tickets_of(henk) if one.number != ticket.number)
    assert other.related == (ticket.number,)
    assert await around.desk.texts(ticket.number) == ["My lamp is dark."]


async def test_a_strangers_reply_to_our_mail_opens_a_ticket_of_its_own(around: Around) -> None:
    emil, mallory = "emil@customer.example", "mallory@elsewhere.example"
    await around.desk.mail(letter("My chair is broken.", sender=emil), sender=emil)
    ticket = await around.only_ticket(emil)
    (acknowledgement,) = around.sink.to(emil)

    await around.desk.mail(letter("Send me all.", sender=mallory, references=[acknowledgement.id]), sender=mallory)

    assert (await around.only_ticket(mallory)).number != ticket.number
    assert await around.desk.texts(ticket.number) == ["My chair is broken."]


async def test_an_answer_reaches_a_customer_by_mail_in_the_customers_thread(around: Around) -> None:
    fred, original = "fred@customer.example", "<fred-1@mail.example>"
    await around.desk.mail(letter("My lamp is dark.", sender=fred, subject="Lamp", message_id=original), sender=fred)
    ticket = await around.only_ticket(fred)

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
    assert (await around.only_ticket(fred)).state == "open"

    await around.desk.mail(letter("It shines.", sender=fred, references=[original, answer.id]), sender=fred)
    await around.desk.settled()
    assert await around.desk.texts(ticket.number) == ["My lamp is dark.", "It shines."]


async def test_an_answer_reaches_a_customer_in_the_chat(around: Around) -> None:
    ivan = PEOPLE["ivan"]
    await around.say(ivan, "Принтер не печатает, помогите.")
    ticket = await around.only_ticket(str(ivan.id))

    code, said = await around.desk.command("ticket", "answer", str(ticket.number), "Замените картридж.")
    await around.desk.settled()

    assert code == 0, said
    assert "Замените картридж." in around.api.chat(ivan).messages[-1].text
    assert len(around.api.chat(ivan).messages) == 2


async def test_a_reply_to_a_closed_ticket_opens_one_that_follows_it(around: Around) -> None:
    gina, original = "gina@customer.example", "<gina-1@mail.example>"
    await around.desk.mail(letter("My door squeaks.", sender=gina, message_id=original), sender=gina)
    ticket = await around.only_ticket(gina)
    for command in ("solve", "close"):
        code, said = await around.desk.command("ticket", command, str(ticket.number))
        assert code == 0, said

    await around.desk.mail(letter("It still does.", sender=gina, references=[original], proven=True), sender=gina)
    await around.desk.settled()

    closed, follower = await around.desk.tickets_of(gina)
    assert (closed.number, closed.state, follower.state) == (ticket.number, "closed", "new")
    assert (closed.related, follower.related) == ((follower.number,), (closed.number,))
    assert await around.desk.texts(follower.number) == ["It still does."]
    assert len(around.alerts(follower)) == 1

"""Mail from end to end on both ways to run: people in Cc, bounces, technicians' files, large mails and floods."""

import json
import os
from email.message import EmailMessage
from uuid import uuid4

import pytest
from sqlalchemy import select

from store.rows import Ticket
from store.schema import deliveries
from tests.desks import Around
from tests.flow.desk.conftest import OLA
from tests.mail_sink import ADDRESS, AUTHSERV_ID, Mail, bounce, letter
from tests.running_desk import TEAM

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def opened(around: Around, **fields: str) -> tuple[Ticket, str]:
    """A ticket of a customer of the test's own."""
    customer = f"{uuid4().hex[:8]}@customer.example"
    await around.desk.mail(letter("My lamp is dark.", sender=customer, proven=True, **fields), sender=customer)
    return await around.only_ticket(customer), customer


async def answered(around: Around, ticket: Ticket, customer: str, text: str = "Change the bulb.") -> Mail:
    """What the customer gets of an answer."""
    await around.desk.answer(ticket.number, text)
    await around.desk.settled()
    return around.sink.to(customer)[-1]


def told(around: Around, ticket: Ticket, recipient: str = TEAM) -> list[Mail]:
    """What somebody was told of a ticket."""
    return [mail for mail in around.sink.to(recipient) if str(ticket.number) in mail.parsed["Subject"]]


def reply_address(mail: Mail) -> str:
    return str(mail.parsed["Reply-To"].addresses[0].addr_spec)


async def states(around: Around, ticket: Ticket, recipient: str) -> list[str]:
    """How the deliveries of a ticket to somebody stand, the oldest first."""
    of_theirs = select(deliveries.c.state).where(
        deliveries.c.ticket == ticket.number, deliveries.c.address == recipient
    )
    query = of_theirs.order_by(deliveries.c.created_at)
    return list(await around.desk.read(lambda connection: connection.scalars(query).all()))


@pytest.mark.parametrize("known_by", ["its return path", "its Message-ID"])
async def test_an_answer_that_comes_back_is_told_once(around: Around, known_by: str) -> None:
    ticket, customer = await opened(around)
    answer = await answered(around, ticket, customer)
    before = len(told(around, ticket))
    sent_to = answer.sender if known_by == "its return path" else ADDRESS
    about = {"about": answer.id} if known_by == "its Message-ID" else {}

    for _ in range(2):
        await around.desk.mail(bounce(customer, **about), sender="", to=sent_to)
        await around.desk.settled()
    again = await answered(around, ticket, customer, "Did it help?")
    await around.desk.mail(bounce(customer, about=again.id), sender="", to=again.sender)
    await around.desk.settled()

    assert await states(around, ticket, customer) == ["sent", "bounced", "bounced"]
    alert, copy = told(around, ticket)[before:]
    assert "Did it help?" in copy.text  # What colleagues hear of the second answer.
    assert "The answer did not reach the customer." in alert.text
    assert customer in alert.text
    _, shown = await around.desk.command("ticket", "show", str(ticket.number))
    assert f"delivery-failed  by deskwire: {customer}: " in shown
    assert "bounce-noted" in shown
    assert (await around.only_ticket(customer)).state == "open"


async def test_whoever_a_proven_customer_names_gets_the_answer_and_joins_by_a_reply(around: Around) -> None:
    max_ = f"max-{uuid4().hex[:8]}@customer.example"
    ticket, customer = await opened(around, Cc=f"Max <{max_}>")
    acknowledged = list(around.sink.to(max_))

    await answered(around, ticket, customer)
    (copy,) = around.sink.to(max_)
    await around.desk.mail(letter("It is mine, too.", sender=max_, To=reply_address(copy)), sender=max_)
    await around.desk.mail(bounce(max_, about=copy.id), sender="", to=copy.sender)
    await around.desk.settled()

    assert acknowledged == []
    assert (copy.text.splitlines()[0], copy.parsed["Cc"]) == ("Change the bulb.", customer)
    assert reply_address(copy) != reply_address(around.sink.to(customer)[-1])
    assert await around.desk.texts(ticket.number) == ["My lamp is dark.", "It is mine, too."]
    assert await around.desk.tickets_of(max_) == []
    assert f"did not reach {max_}, who takes part" in told(around, ticket)[-1].text.translate({0x2068: "", 0x2069: ""})
    _, shown = await around.desk.command("ticket", "show", str(ticket.number))
    assert f"take part: Max <{max_}>" in shown


async def test_a_technician_s_mail_with_a_file_answers_the_customer_with_it(around: Around) -> None:
    ticket, customer = await opened(around)
    (alert,) = told(around, ticket)
    content = os.urandom(100_000)
    reply = EmailMessage()
    reply["Authentication-Results"] = f"{AUTHSERV_ID}; dmarc=pass header.from=staff.example"
    reply["From"], reply["To"], reply["Subject"] = OLA, reply_address(alert), f"Re: {alert.parsed['Subject']}"
    reply["Message-ID"] = f"<{uuid4().hex}@staff.example>"
    reply.set_content("The manual is below.")
    reply.add_attachment(content, maintype="application", subtype="pdf", filename="lamp.pdf")

    await around.desk.mail(bytes(reply), sender=OLA, to=reply_address(alert))
    await around.desk.settled()

    answer = around.sink.to(customer)[-1]
    assert answer.text.splitlines()[0] == "The manual is below."
    files = [(part.get_filename(), part.get_content()) for part in answer.parsed.iter_attachments()]
    assert files == [("lamp.pdf", content)]
    _, shown = await around.desk.command("ticket", "show", str(ticket.number))
    assert "      file: lamp.pdf (application/pdf, 100000 bytes)" in shown


async def test_a_bad_command_sends_nothing_until_the_draft_is_sent(around: Around) -> None:
    ticket, customer = await opened(around)
    (alert,) = told(around, ticket)

    async def reply(mail: Mail, text: str) -> None:
        content = letter(text, sender=OLA, references=[mail.id], proven=True, To=reply_address(mail))
        await around.desk.mail(content, sender=OLA, to=reply_address(mail))
        await around.desk.settled()

    await reply(alert, "#prioritty 1\n\nIt is the fuse.")
    (refused,) = told(around, ticket, OLA)
    kept_back = len(around.sink.to(customer))
    await reply(refused, "#send")

    assert refused.parsed["Subject"].startswith("NOT SENT - ")
    assert kept_back == 1
    assert [mail.text.splitlines()[0] for mail in around.sink.to(customer)[1:]] == ["It is the fuse."]
    _, shown = await around.desk.command("ticket", "show", str(ticket.number))
    assert "not-sent  by " in shown


async def test_a_machine_that_nothing_tells_from_a_person_is_not_answered_for_ever(around: Around) -> None:
    robot = f"robot-{uuid4().hex[:8]}@peer.example"
    for number in range(25):
        await around.desk.mail(letter(f"Case {number} received.", sender=robot, subject="Thank you"), sender=robot)
    await around.desk.settled()
    heard = 0
    for _ in range(40):
        fresh = around.sink.to(robot)[heard:]
        if not fresh:
            break
        heard += len(fresh)
        for mail in fresh:
            to = reply_address(mail)
            await around.desk.mail(
                letter(f"Case for {mail.id[1:20]} received.", sender=robot, To=to), sender=robot, to=to
            )
        await around.desk.settled()

    tickets = await around.desk.tickets_of(robot)
    assert heard == len(tickets) == 20  # As many as `floods` lets anybody open.
    assert sum(one.messages for one in tickets) == 25 + heard
    stories = [await around.desk.story(one.number) for one in tickets]
    (flooded,) = [one for one in stories if "loop-suspected" in [event.kind for event in one.events]]
    (alert,) = [mail for mail in told(around, flooded.ticket) if "opens one ticket after another" in mail.text]
    assert robot in alert.text


async def test_a_mail_of_five_megabytes_goes_through_whole(around: Around) -> None:
    customer, content = f"{uuid4().hex[:8]}@customer.example", os.urandom(5_000_000)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = customer, ADDRESS, "A picture of it"
    mail["Message-ID"] = f"<{uuid4().hex}@customer.example>"
    mail.set_content("It looks like this.")
    mail.add_attachment(content, maintype="image", subtype="png", filename="lamp.png")

    await around.desk.mail(bytes(mail), sender=customer)
    ticket = await around.only_ticket(customer)
    code, said = await around.desk.command("audit", "--blobs", "--json")

    assert await around.desk.texts(ticket.number) == ["It looks like this."]
    _, shown = await around.desk.command("ticket", "show", str(ticket.number))
    assert "      file: lamp.png (image/png, 5000000 bytes)" in shown
    assert (code, json.loads(said)["result"]["differences"]) == (0, [])
    assert len(around.sink.to(customer)) == 1

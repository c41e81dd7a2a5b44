"""What machines write to a desk, end to end: no ticket, no answer, and nobody alarmed."""

from uuid import uuid4

import pytest

from store.rows import Ticket
from tests.desks import Around
from tests.mail_sink import Mail, letter

pytestmark = pytest.mark.asyncio(loop_scope="session")

DAEMON = "MAILER-DAEMON@mx.customer.example"


async def opened(around: Around) -> tuple[Ticket, Mail, str]:
    """A ticket of a customer of the test's own, and what the customer was sent."""
    customer = f"{uuid4().hex[:8]}@customer.example"
    await around.desk.mail(letter("My lamp is dark.", sender=customer), sender=customer)
    ticket = await around.only_ticket(customer)
    (acknowledgement,) = around.sink.to(customer)
    return ticket, acknowledgement, customer


def bounce(about: str, recipient: str, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    text = (
        f"--b\nContent-Type: text/plain\n\nIt is about {recipient}.\n"
        "--b\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.customer.example\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {about}\n--b--"
    )
    return letter(
        text,
        sender=DAEMON,
        Content_Type="multipart/report; report-type=delivery-status; boundary=b",
        Subject="Returned",
    )


@pytest.mark.parametrize(("action", "status"), [("failed", "5.1.1"), ("failed", "5.2.2"), ("delayed", "4.4.1")])
async def test_a_bounce_of_our_mail_opens_nothing_and_answers_nobody(around: Around, action: str, status: str) -> None:
    ticket, acknowledgement, customer = await opened(around)
    tickets = len(await around.desk.tickets())

    await around.desk.mail(bounce(acknowledgement.id, customer, action=action, status=status), sender="")
    await around.desk.settled()

    story = await around.desk.story(ticket.number)
    assert len(await around.desk.tickets()) == tickets
    assert ("delivery-failed" in [event.kind for event in story.events]) is (status == "5.1.1")
    assert (story.ticket.state, story.ticket.messages) == ("new", 1)
    assert around.sink.to(customer) == [acknowledgement]
    assert around.sink.to(DAEMON.lower()) == around.sink.to(DAEMON) == []


async def test_a_bounce_of_what_others_sent_in_our_name_is_parked(around: Around) -> None:
    stranger = f"{uuid4().hex[:8]}@elsewhere.example"
    before = len(around.sink.mails)

    await around.desk.mail(bounce("<forged@spam.example>", stranger), sender="")
    await around.desk.settled()

    _, listed = await around.desk.command("parked", "list")
    assert await around.desk.tickets_of(stranger) == []
    assert len(around.sink.mails) == before
    assert "unknown-delivery" in listed


async def test_an_absence_without_headers_is_told_by_its_words_and_wakes_nobody(around: Around) -> None:
    ticket, acknowledgement, customer = await opened(around)
    before = len(around.sink.mails)

    absence = letter(
        "Ich bin im Urlaub und ab Montag wieder erreichbar.",
        sender=customer,
        subject="Abwesenheit: Re: Help",
        references=[acknowledgement.id],
    )
    await around.desk.mail(absence, sender=customer)
    await around.desk.settled()

    story = await around.desk.story(ticket.number)
    assert (story.ticket.state, len(await around.desk.tickets_of(customer))) == ("new", 1)
    assert [event.kind for event in story.events if event.kind != "delivered"] == ["opened", "noted"]
    assert len(around.sink.mails) == before


async def test_a_service_that_asks_for_proof_of_our_address_is_parked(around: Around) -> None:
    service = f"no-reply@{uuid4().hex[:8]}.example"
    before = len(around.sink.mails)

    await around.desk.mail(
        letter("Your code is 482917.", sender=service, subject="Please verify your email address"), sender=service
    )
    await around.desk.settled()

    _, listed = await around.desk.command("parked", "list")
    assert await around.desk.tickets_of(service) == []
    assert len(around.sink.mails) == before
    assert "verification" in listed

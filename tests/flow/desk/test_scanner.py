"""A desk whose scanner finds something, is down, or finds nothing: tickets and answers go on, files wait (row S22)."""

from contextlib import AsyncExitStack
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.flow.desk.conftest import OLA, STAFF
from tests.mail_sink import AUTHSERV_ID, Mail, Sink, letter
from tests.running_desk import TEAM, Backend, RunningDesk, World
from tests.unit.normalize.test_scanner import EICAR, clamd, like_clamd

CUSTOMER = "sara@customer.example"
CLEAN = b"%PDF-1.4 lamp"


def answer_with(content: bytes, alert: Mail) -> bytes:
    """A technician's reply to an alert, with a file."""
    to = str(alert.parsed["Reply-To"].addresses[0].addr_spec)
    reply = EmailMessage()
    reply["Authentication-Results"] = f"{AUTHSERV_ID}; dmarc=pass header.from=staff.example"
    reply["From"], reply["To"], reply["Subject"] = OLA, to, "Re: Lamp"
    reply["Message-ID"] = "<manual@staff.example>"
    reply.set_content("The manual is below.")
    reply.add_attachment(content, maintype="application", subtype="pdf", filename="lamp.pdf")
    return bytes(reply)


@pytest.mark.parametrize(
    ("content", "is_up", "sent"),
    [(CLEAN, True, ["lamp.pdf"]), (EICAR, True, []), (CLEAN, False, [])],
    ids=["clean", "infected", "a scanner that is down"],
)
async def test_a_ticket_and_its_answer_wait_for_no_scanner_and_a_file_does(
    tmp_path: Path, content: bytes, is_up: bool, sent: list[str]
) -> None:
    place = tmp_path / "clamd"
    extra = f"{STAFF}scanner: {{url: 'clamd://{place}', timeout: 2s}}\n"
    sink = Sink()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(sink.serving())
        if is_up:
            await stack.enter_async_context(clamd(like_clamd, place))
        desk = RunningDesk(tmp_path / "desk", Backend(), World(sink.port, extra=extra))
        stack.push_async_callback(desk.close)
        await desk.up()

        await desk.mail(letter("My lamp is dark.", sender=CUSTOMER, subject="Lamp", proven=True), sender=CUSTOMER)
        await desk.settled()
        (ticket,) = await desk.tickets_of(CUSTOMER)
        (alert,) = sink.to(TEAM)
        to = str(alert.parsed["Reply-To"].addresses[0].addr_spec)
        await desk.mail(answer_with(content, alert), sender=OLA, to=to)
        await desk.settled()

    answer = sink.to(CUSTOMER)[-1]
    assert answer.text.startswith("The manual is below.")
    assert [part.get_filename() for part in answer.parsed.iter_attachments()] == sent
    told = [mail.text for mail in sink.to(TEAM) if str(ticket.number) in mail.parsed["Subject"]]
    assert any("did not go out" in text and "lamp.pdf" in text for text in told) == (not sent)
    assert ("These files could not be sent: \u2068lamp.pdf" in answer.text) == (not sent)

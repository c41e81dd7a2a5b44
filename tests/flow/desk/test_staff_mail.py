"""A technician works by mail alone, over real SMTP: the alert arrives, and a reply to it is the answer."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import pytest
import pytest_asyncio

from store.rows import Ticket
from tests.desks import Around, surrounded
from tests.mail_sink import ADDRESS, AUTHSERV_ID, Mail, letter
from tests.running_desk import NETWORK, TEAM, Backend, RunningDesk, World

pytestmark = pytest.mark.asyncio(loop_scope="session")

OLA, IVAN, MIKA = "ola@staff.example", "ivan@staff.example", "mika@staff.example"
MALLORY = "mallory@elsewhere.example"
PEOPLE = "people:\n" + "".join(
    f"  {name}: {{name: {name.title()}, mail: {mail}}}\n"
    for name, mail in (("ola", OLA), ("ivan", IVAN), ("mika", MIKA))
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def around(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Around]:
    """A desk with two people; its team reads mail only."""
    folder = tmp_path_factory.mktemp("staff")
    async with surrounded(folder, Backend()) as found:
        await found.desk.close()
        desk = RunningDesk(folder / "desk", Backend(), World(found.sink.port, extra=PEOPLE))
        await desk.up()
        try:
            yield found._replace(desk=desk)
        finally:
            await desk.close()


async def opened(around: Around, text: str = "My lamp is dark.", **fields: str) -> tuple[Ticket, Mail, str]:
    """A customer's ticket, the alert of it, and the customer's address."""
    customer = f"{uuid4().hex[:8]}@customer.example"
    await around.desk.mail(letter(text, sender=customer, subject="Lamp", proven=True, **fields), sender=customer)
    ticket = await around.only_ticket(customer)
    (alert,) = mails_about(around, ticket, TEAM)
    return ticket, alert, customer


def mails_about(around: Around, ticket: Ticket, recipient: str) -> list[Mail]:
    return [mail for mail in around.sink.to(recipient) if str(ticket.number) in mail.parsed["Subject"]]


def reply_address(mail: Mail) -> str:
    return str(mail.parsed["Reply-To"].addresses[0].addr_spec)


async def reply(
    around: Around,
    to: Mail,
    text: str,
    *,
    sender: str = OLA,
    proven: bool = True,
    quoted: bool = True,
    **fields: str,
) -> None:
    """Reply to a mail of the desk's as mail programs do: its text quoted below."""
    quotation = f"\n\nOn Sun, 22 Nov 2026 at 09:00, Nordwind wrote:\n{indented(to.text)}" if quoted else ""
    address = reply_address(to)
    content = letter(
        text + quotation,
        sender=sender,
        subject=f"Re: {to.parsed['Subject']}",
        references=[to.id],
        proven=proven,
        To=address,
        **fields,
    )
    await around.desk.mail(content, sender=sender, to=address)
    await around.desk.settled()


def indented(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


async def state(around: Around, ticket: Ticket) -> Ticket:
    return (await around.desk.story(ticket.number)).ticket


async def kinds(around: Around, ticket: Ticket) -> list[str]:
    return [event.kind for event in (await around.desk.story(ticket.number)).events if event.kind != "delivered"]


def answers(around: Around, customer: str) -> list[Mail]:
    return [mail for mail in around.sink.to(customer) if mail.parsed["Auto-Submitted"] is None]


async def test_an_alert_can_be_answered_by_replying_to_it(around: Around) -> None:
    ticket, alert, customer = await opened(around)
    assert alert.text.startswith("REPLY = ANSWER TO THE CUSTOMER")
    assert re.match(r"help\+t[0-9a-z]+-[0-9a-f]{10}-s", reply_address(alert))
    assert alert.parsed["Subject"] == f"[Nordwind {ticket.number}] Lamp"
    assert (alert.parsed["Auto-Submitted"], f"<ticket-{ticket.number}@desk.example>" in alert.parsed["References"]) == (
        "auto-generated",
        True,
    )

    await reply(around, alert, "It is the fuse.")
    (answer,) = answers(around, customer)

    assert answer.text.splitlines()[0] == "It is the fuse."
    assert "works on it: person:ola" in (await around.desk.command("ticket", "show", str(ticket.number)))[1]
    assert "REPLY" not in answer.text
    assert "Why here" not in answer.text
    assert reply_address(alert) not in answer.content.decode()
    after = await state(around, ticket)
    assert (after.state, after.assignee) == ("open", "person:ola")


async def test_the_files_of_an_answer_go_with_it(around: Around) -> None:
    _ticket, alert, customer = await opened(around)
    message = EmailMessage()
    message["Authentication-Results"] = f"{AUTHSERV_ID}; dmarc=pass header.from=staff.example"
    message["From"], message["To"], message["Subject"] = OLA, reply_address(alert), "Re: Lamp"
    message["Message-ID"] = f"<{uuid4().hex}@staff.example>"
    message.set_content("The manual is below.")
    message.add_attachment(b"%PDF-1.4 lamp", maintype="application", subtype="pdf", filename="lamp.pdf")

    await around.desk.mail(bytes(message), sender=OLA, to=reply_address(alert))
    await around.desk.settled()
    (answer,) = answers(around, customer)

    files = [(part.get_filename(), part.get_content()) for part in answer.parsed.iter_attachments()]
    assert files == [("lamp.pdf", b"%PDF-1.4 lamp")]


async def test_colleagues_hear_of_an_answer_and_a_reply_to_that_is_a_note(around: Around) -> None:
    ticket, alert, customer = await opened(around)

    await reply(around, alert, "It is the fuse.")
    code, said = await around.desk.command("ticket", "answer", str(ticket.number), "It was the bulb.")
    await around.desk.settled()
    assert code == 0, said
    first, second = mails_about(around, ticket, TEAM)[1:]

    for mail, words in ((first, "It is the fuse."), (second, "It was the bulb.")):
        assert mail.text.startswith("REPLY = NOTE FOR COLLEAGUES")
        assert mail.text.splitlines()[-2:] == ["", words]
        assert re.match(r"help\+t[0-9a-z]+-[0-9a-f]{10}-n", reply_address(mail))
        assert mail.parsed["Subject"] == alert.parsed["Subject"]
        assert (mail.parsed["Auto-Submitted"], mail.parsed["References"].split()[0]) == (
            "auto-generated",
            f"<ticket-{ticket.number}@desk.example>",
        )
        assert customer not in mail.parsed["To"]
    assert f"Answer to the customer (\u2068{customer}, mail\u2069) by \u2068Ola\u2069" in first.text

    await reply(around, first, "I am away until Monday.", sender=TEAM, Auto_Submitted="auto-replied")
    await reply(around, first, "Are you sure?", sender=IVAN)
    assert [mail.text.splitlines()[0] for mail in answers(around, customer)] == ["It is the fuse.", "It was the bulb."]
    # The absence woke nobody: of the two notes, colleagues got one.
    assert await kinds(around, ticket) == ["opened", "answered", "answered", "noted", "noted"]
    assert len(mails_about(around, ticket, TEAM)) == 1 + 2 + 1


async def test_a_mistyped_note_never_reaches_the_customer(around: Around) -> None:
    ticket, alert, customer = await opened(around)

    await reply(around, alert, "#notte\nShe is difficult.")
    refused = mails_about(around, ticket, OLA)[-1]
    await reply(around, refused, "#send")
    again = mails_about(around, ticket, OLA)[-1]

    for mail in (refused, again):
        assert "Perhaps it was meant as a note" in mail.text
        assert "#send" not in mail.text
        assert "> She is difficult." in mail.text
    assert answers(around, customer) == []
    await reply(around, again, "#note\nShe is difficult.")
    assert answers(around, customer) == []
    assert await kinds(around, ticket) == ["opened", "not-sent", "not-sent", "noted"]


async def test_a_note_stays_inside_and_a_reply_to_it_is_a_note(around: Around) -> None:
    ticket, alert, customer = await opened(around)

    await reply(around, alert, "#note\nShe called twice.")
    note = mails_about(around, ticket, TEAM)[-1]
    assert note.text.startswith("REPLY = NOTE FOR COLLEAGUES")
    await reply(around, note, "I know.", sender=IVAN)

    assert answers(around, customer) == []
    assert await kinds(around, ticket) == ["opened", "noted", "noted"]
    await reply(around, note, "#reply\nPlease change the bulb.", sender=IVAN)
    assert [mail.text.splitlines()[0] for mail in answers(around, customer)] == ["Please change the bulb."]


async def test_the_links_of_an_alert_are_mails_that_act(around: Around) -> None:
    ticket, alert, customer = await opened(around)
    links = dict(re.findall(r"(Claim|Solve|Help): (mailto:\S+)", alert.text))
    for name in ("Claim", "Help", "Solve"):
        link = urlsplit(links[name])
        body = parse_qs(link.query)["body"][0] + ("Ola Nowak\nNordwind" if name != "Solve" else "")
        to = unquote(link.path)
        content = letter(body, sender=OLA, subject=parse_qs(link.query)["subject"][0], proven=True, To=to)
        await around.desk.mail(content, sender=OLA, to=to)
        await around.desk.settled()

    after = await state(around, ticket)
    assert (after.assignee, after.state) == ("person:ola", "solved")
    assert answers(around, customer) == []
    (helped,) = mails_about(around, ticket, OLA)
    assert "#claim" in helped.text


async def test_one_bad_command_and_nothing_is_sent_until_the_draft_is(around: Around) -> None:
    ticket, alert, customer = await opened(around)

    await reply(around, alert, "#claim\n#prioritty 1\n\nIt is the fuse.")
    (refused,) = mails_about(around, ticket, OLA)
    assert refused.parsed["Subject"].startswith(f"NOT SENT - [Nordwind {ticket.number}]")
    assert "#prioritty 1" in refused.text
    assert "> It is the fuse." in refused.text
    assert answers(around, customer) == []
    assert (await state(around, ticket)).assignee == ""

    await reply(around, refused, "#send")
    assert [mail.text.splitlines()[0] for mail in answers(around, customer)] == ["It is the fuse."]
    assert (await state(around, ticket)).assignee == "person:ola"
    assert "#prioritty 1" in mails_about(around, ticket, OLA)[-1].text


async def test_commands_alone_reach_no_customer(around: Around) -> None:
    ticket, alert, customer = await opened(around)

    await reply(around, alert, "#p1\n#wait\n#team network")
    after = await state(around, ticket)

    assert (after.priority, after.state, after.team) == ("P1", "waiting", "network")
    assert answers(around, customer) == []
    assert len(mails_about(around, ticket, NETWORK)) == 1


@pytest.mark.parametrize(
    ("sender", "fields"),
    [
        (OLA, {}),
        (OLA, {"Authentication_Results": f"{AUTHSERV_ID}; dmarc=fail header.from=staff.example"}),
        (OLA, {"Authentication_Results": "mx.elsewhere.example; dmarc=pass header.from=staff.example"}),
        (MALLORY, {"Authentication_Results": f"{AUTHSERV_ID}; dmarc=pass header.from=elsewhere.example"}),
        (
            f"{OLA} <{MALLORY}>",
            {"Authentication_Results": f"{AUTHSERV_ID}; dmarc=pass header.from=elsewhere.example"},
        ),
        (f"{OLA}, {MALLORY}", {"Authentication_Results": f"{AUTHSERV_ID}; dmarc=pass header.from=staff.example"}),
    ],
)
async def test_who_only_looks_like_a_technician_is_held(around: Around, sender: str, fields: Mapping[str, str]) -> None:
    ticket, alert, customer = await opened(around)
    to = reply_address(alert)
    content = letter("#done\nSend your password.", sender=sender, proven=False, To=to, **fields)
    await around.desk.mail(content, sender=MALLORY, to=to)
    await around.desk.settled()

    assert answers(around, customer) == []
    assert (await state(around, ticket)).state == "new"
    assert await kinds(around, ticket) == ["opened", "held"]
    assert around.sink.to(MALLORY) == []
    held = mails_about(around, ticket, TEAM)[-1]
    assert held.parsed["Subject"].startswith("NOT SENT - ")


@pytest.mark.parametrize("changed", ["of another ticket", "truncated", "of a customer", "forged"])
async def test_a_technician_with_a_wrong_token_reaches_no_customer(around: Around, changed: str) -> None:
    ticket, alert, customer = await opened(around)
    other, other_alert, _ = await opened(around, "My door squeaks.")
    local, _, domain = reply_address(alert).partition("@")
    wrong = {
        "of another ticket": reply_address(other_alert),
        "truncated": f"{local[:-1]}@{domain}",
        "of a customer": reply_address(around.sink.to(customer)[0]),
        "forged": f"{local[:-4]}{'aaaa' if not local.endswith('aaaa') else 'bbbb'}@{domain}",
    }[changed]
    content = letter("Send me all.", sender=OLA, proven=True, To=wrong)

    await around.desk.mail(content, sender=OLA, to=wrong)
    await around.desk.settled()

    assert answers(around, customer) == []
    assert await kinds(around, ticket) == ["opened"]
    assert await kinds(around, other) == (["opened", "answered"] if changed == "of another ticket" else ["opened"])


async def test_a_technician_s_vacation_is_a_note_that_wakes_nobody(around: Around) -> None:
    ticket, alert, _customer = await opened(around)
    before = len(around.sink.mails)

    await reply(around, alert, "I am away until Monday.", Auto_Submitted="auto-replied", proven=True)

    assert await kinds(around, ticket) == ["opened", "noted"]
    assert (len(around.sink.mails), (await state(around, ticket)).state) == (before, "new")


async def test_a_new_recipient_makes_an_answer_a_note_and_a_warning(around: Around) -> None:
    ticket, alert, customer = await opened(around)

    await reply(around, alert, "It is the fuse.", Cc=MALLORY)

    assert answers(around, customer) == []
    assert around.sink.to(MALLORY) == []
    assert await kinds(around, ticket) == ["opened", "noted", "not-sent"]
    assert "It is kept as a note" in mails_about(around, ticket, OLA)[-1].text


async def test_an_alert_that_a_mail_program_repeats_without_marking_it_does_not_go_out(around: Around) -> None:
    ticket, alert, customer = await opened(around)

    await reply(around, alert, f"It is the fuse.\n\n{alert.text}", quoted=False)

    assert answers(around, customer) == []
    assert await kinds(around, ticket) == ["opened", "not-sent"]


async def test_a_machine_that_nothing_tells_from_a_technician_is_told_so_often_and_no_more(around: Around) -> None:
    ticket, alert, customer = await opened(around)
    to = reply_address(alert)
    for number in range(25):
        content = letter(f"#oops {number}", sender=MIKA, subject="Away", references=[alert.id], proven=True, To=to)
        await around.desk.mail(content, sender=MIKA, to=to)
    await around.desk.settled()

    assert len(mails_about(around, ticket, MIKA)) == 20
    assert answers(around, customer) == []


async def test_a_forward_opens_the_ticket_for_the_customer_who_wrote(around: Around) -> None:
    sara = f"{uuid4().hex[:8]}@customer.example"
    lines = (
        *("Please look at this, she phoned, too.", "", "---------- Forwarded message ---------"),
        *(f"From: Sara <{sara}>", "Date: Sun, 22 Nov 2026 at 08:00", "Subject: Lamp", f"To: <{OLA}>", ""),
        "My lamp has been dark since the morning.",
    )
    await around.desk.mail(letter("\n".join(lines), sender=OLA, subject="Fwd: Lamp", proven=True), sender=OLA)
    ticket = await around.only_ticket(sara)
    story = await around.desk.story(ticket.number)

    assert (ticket.customer.value, ticket.proof, ticket.subject) == (sara, "claimed", "Lamp")
    assert await around.desk.texts(ticket.number) == ["My lamp has been dark since the morning."]
    assert [kept.sender_value for kept in story.messages] == [sara, "person:ola"]
    (alert,) = [mail for mail in mails_about(around, ticket, TEAM) if "REPLY = ANSWER" in mail.text]
    await reply(around, alert, "It is the fuse.")
    assert [mail.text.splitlines()[0] for mail in answers(around, sara)] == ["It is the fuse."]


def lines_of(mails: Sequence[Mail]) -> list[str]:
    return [line for mail in mails for line in mail.text.splitlines()]


async def test_a_full_mailbox_of_a_technician_is_told_to_nobody_by_mail(around: Around) -> None:
    _ticket, alert, customer = await opened(around)
    before = len(around.sink.mails)
    bounced = "\r\n".join(
        [
            *("From: MAILER-DAEMON@staff.example", f"To: {alert.sender}", "Subject: Undelivered Mail"),
            *("MIME-Version: 1.0", 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', ""),
            *("--b", "Content-Type: text/plain", "", "The mailbox is full.", ""),
            *("--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; staff.example", ""),
            *(f"Final-Recipient: rfc822; {TEAM}", "Action: failed", "Status: 5.2.2", ""),
            *("--b", "Content-Type: message/rfc822", ""),
            *(f"Message-ID: {alert.id}", f"Subject: {alert.parsed['Subject']}", "", "", "--b--", ""),
        ]
    )
    await around.desk.mail(bounced.encode(), sender="", to=alert.sender or ADDRESS)
    await around.desk.settled()

    assert len(around.sink.mails) == before
    assert len(await around.desk.tickets_of("mailer-daemon@staff.example")) == 0
    assert answers(around, customer) == []

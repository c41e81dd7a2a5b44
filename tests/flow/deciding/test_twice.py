"""The same from one person by mail and by the bot is one ticket, and can be parted; so is an alert that repeats."""

import json

import pytest

from tests.desks import Around
from tests.flow.deciding.conftest import SARA
from tests.mail_sink import letter
from tests.running_desk import TEAM

pytestmark = pytest.mark.asyncio(loop_scope="session")

MAILBOX = "sara@delta.example"
BROKEN = "The projector in the meeting room on the second floor shows nothing but a blue picture since Monday."
PROBE = "probe@delta.example"
MACHINE = {"Auto_Submitted": "auto-generated"}


def alerts(around: Around, number: int) -> list[str]:
    """What the team read of a ticket."""
    mails = [mail for mail in around.sink.to(TEAM) if str(number) in mail.parsed["Subject"]]
    return [mail.text.replace("\r\n", "\n").translate({0x2068: None, 0x2069: None}) for mail in mails]


async def test_the_same_by_mail_and_by_the_bot_is_one_ticket_until_somebody_parts_it(shared: Around) -> None:
    desk = shared.desk
    await desk.mail(letter(BROKEN, sender=MAILBOX, subject="Projector", proven=True), sender=MAILBOX)
    ticket = await shared.only_ticket(MAILBOX)
    code, said = await desk.command("contact", "join", MAILBOX, f"telegram:{SARA.id}")
    assert code == 0, said

    await shared.say(SARA, f"Hello! {BROKEN}")
    await desk.settled()
    joined = await desk.texts(ticket.number)
    both = alerts(shared, ticket.number)
    code, said = await desk.command("ticket", "split", str(ticket.number), "2")
    await desk.settled()

    assert code == 0, said
    assert joined == [BROKEN, f"Hello! {BROKEN}"]
    assert len(both) == 2
    assert "Also sent by bot: the same once more." in both[1]
    assert "Matched by: the same words through another channel, " in both[1]
    assert await desk.texts(ticket.number) == [BROKEN]
    (parted,) = await desk.tickets_of(str(SARA.id))
    assert said == f"Message 2 of ticket {ticket.number} is ticket {parted.number} now.\n"
    assert await desk.texts(parted.number) == [f"Hello! {BROKEN}"]
    assert parted.related == (ticket.number,)
    assert len(shared.sink.to(MAILBOX)) == 1

    await shared.say(SARA, "It shows a red picture now.")  # Where the chat goes on after that.
    assert [ticket.number for ticket in await desk.tickets_of(MAILBOX)] == [ticket.number]
    await desk.settled()
    assert await desk.texts(parted.number) == [f"Hello! {BROKEN}", "It shows a red picture now."]


async def test_a_stranger_s_same_words_by_another_channel_join_nothing(shared: Around) -> None:
    words, first, second = "The lamp over the stairs flickers and hums all night.", "gil@x.example", "gil@y.example"
    await shared.desk.mail(letter(words, sender=first, subject="Lamp", proven=True), sender=first)
    await shared.desk.post(second, words)
    await shared.desk.settled()

    assert [one.messages for one in await shared.desk.tickets_of(first)] == [1]
    assert [one.messages for one in await shared.desk.tickets_of(second)] == [1]


async def test_an_alert_that_repeats_with_other_numbers_is_one_ticket_and_wakes_nobody_again(shared: Around) -> None:
    for percent in (91, 95, 99):
        subject, text = f"ALERT: disk space {percent}% on web-01", f"{percent} % used, 2026-11-22 12:0{percent % 10}"
        mail = letter(text, sender=PROBE, subject=subject, proven=True, **MACHINE)
        await shared.desk.mail(mail, sender=PROBE)
        await shared.desk.settled()
    other = letter("1 % used", sender=PROBE, subject="ALERT: disk space 1% on web-02", proven=True, **MACHINE)
    await shared.desk.mail(other, sender=PROBE)
    await shared.desk.settled()

    repeated, another = await shared.desk.tickets_of(PROBE)
    assert (repeated.messages, another.messages) == (3, 1)
    assert [len(alerts(shared, one.number)) for one in (repeated, another)] == [1, 1]
    assert "seen 3 times" in (await shared.desk.command("trace", str(repeated.number)))[1]
    code, said = await shared.desk.command("audit", "--json")
    assert (code, json.loads(said)["result"]["differences"]) == (0, [])

"""A whole desk that reads a mailbox: a mail in it becomes a ticket, and the answer stands among what was sent."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.desks import Around, surrounded
from tests.flow.imap.conftest import Owner
from tests.mail_sink import bounce, letter
from tests.running_desk import Backend

SARA = "sara@customer.example"


@pytest.fixture
async def around(backend: Backend, owner: Owner, tmp_path: Path) -> AsyncIterator[Around]:
    """A desk, up, whose mail comes out of the owner's mailbox alone."""
    account = f"imap: '{owner.server}', user: {owner.user}, password: '${{BOX_PASSWORD}}', tls: none, poll: 1s"
    backend = backend._replace(environment={**backend.environment, "BOX_PASSWORD": "secret"})
    async with surrounded(tmp_path, backend, receive=account) as found:
        await found.desk.up()
        yield found


async def test_a_mail_in_the_mailbox_is_answered_and_the_answer_is_kept_there(around: Around, owner: Owner) -> None:
    owner.client.append("INBOX", letter("My lamp is dark.", sender=f"Sara <{SARA}>", subject="Lamp", proven=True))
    await around.desk.until(lambda: around.sink.to(SARA), "the mail is acknowledged")
    ticket = await around.only_ticket(SARA)
    await around.desk.answer(ticket.number, "Change the bulb.")
    await around.desk.settled()
    acknowledgement, answer = around.sink.to(SARA)
    await around.desk.until(lambda: len(owner.texts("Sent")) == 1, "the answer is kept")

    # What comes while nobody reads is read when the desk comes back, and nothing is read twice.
    reads = "desk" if around.desk.backend.embedded else "ingest"
    assert await around.desk.stop(reads) == 0
    owner.client.append("INBOX", letter("It shines.", sender=SARA, references=[answer.id], proven=True))
    await around.desk.restart(reads)
    await around.desk.until(lambda: _has(around, ticket.number, 2), "the reply is in the ticket")

    owner.client.append("INBOX", bounce(SARA, To=answer.sender))
    await around.desk.until(lambda: _came_back(around, ticket.number), "the bounce marks the answer")

    assert await around.only_ticket(SARA) == (await around.desk.story(ticket.number)).ticket
    assert await around.desk.texts(ticket.number) == ["My lamp is dark.", "It shines."]
    assert (acknowledgement.sender, len(around.sink.to(SARA))) == ("", 2)
    owner.client.select_folder("Sent")
    (kept,) = owner.client.fetch(owner.client.search(), ["BODY.PEEK[]"]).values()
    assert kept[b"BODY[]"] == answer.content
    owner.client.select_folder("INBOX")
    assert (len(owner.client.search()), owner.client.search(["SEEN"])) == (3, [])


async def _has(around: Around, number: int, messages: int) -> bool:
    return len(await around.desk.texts(number)) == messages


async def _came_back(around: Around, number: int) -> bool:
    return "bounced" in [one.state for one in (await around.desk.story(number)).sendings]

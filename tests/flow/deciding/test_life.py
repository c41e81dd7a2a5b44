"""The life of a ticket by the command line: what each command does, and what its customer reads of it."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.desks import Around, Backend, surrounded
from tests.flow.deciding.company import company
from tests.mail_sink import letter
from tests.running_desk import PATIENCE, TEAM, RunningDesk

ANNA = "anna@customer.example"
OPEN_LONG, CLOSED_SOON = "close_resolved_after: 5d", "close_resolved_after: 1s"


@pytest.fixture
async def around(backend: Backend, tmp_path: Path) -> AsyncIterator[Around]:
    """A desk of the company's for this test alone, up."""
    async with surrounded(tmp_path, backend, decisions=company(), customer=OPEN_LONG) as found:
        await found.desk.up()
        yield found


class Line:
    """What people type about one ticket, each in a process of their own."""

    def __init__(self, desk: RunningDesk, number: int) -> None:
        self._desk = desk
        self._number = number

    async def types(self, who: str, command: str, *others: str) -> tuple[int, str]:
        """What a command that this user of the machine types ends with, and all it said."""
        line = ["-m", "console", "-c", str(self._desk.path), "ticket", command, str(self._number), *others]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *line,
            env={**self._desk.environment, "LOGNAME": who},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        assert process.returncode is not None
        return process.returncode, said.decode().strip()

    async def does(self, who: str, command: str, *others: str) -> None:
        """The same, which works, until all that follows has happened."""
        code, said = await self.types(who, command, *others)
        assert code == 0, said
        await self._desk.settled()

    async def state(self) -> str:
        return (await self._desk.story(self._number)).ticket.state

    async def is_closed(self) -> bool:
        return await self.state() == "closed"


async def writes(around: Around, text: str) -> None:
    """Anna writes, in reply to the last mail that she got, and the desk has it."""
    last = [mail.id for mail in around.sink.to(ANNA)][-1:]
    mail = letter(text, sender=ANNA, subject="My chair", references=last, proven=True)
    await around.desk.mail(mail, sender=ANNA)
    await around.desk.settled()


def read_by(around: Around, recipient: str) -> str:
    """The last mail that somebody got."""
    return around.sink.to(recipient)[-1].text.replace("\r\n", "\n").translate({0x2068: None, 0x2069: None})


@pytest.mark.timeout(240)
async def test_a_ticket_goes_through_many_hands_and_its_customer_reads_what_concerns_her(around: Around) -> None:
    await writes(around, "The VPN is slow since this morning.")
    number = (await around.only_ticket(ANNA)).number
    line, mails = Line(around.desk, number), around.sink.to

    first, second = await asyncio.gather(line.types("ivan", "claim"), line.types("mika", "claim"))
    assert sorted([first[0], second[0]]) == [0, 1], (first, second)
    winner = "Ivan Petrov" if first[0] == 0 else "Mika Lind"
    assert f"ticket {number} is with {winner} since " in (second if first[0] == 0 else first)[1]

    await line.does("boss", "give", "ola")
    assert "This ticket was given to you by Dana Wolff." in read_by(around, "ola@staff.example")
    await line.does("ola", "move", "help", "--why", "wrong-topic", "--text", "It is about her chair.")
    assert "Moved to this team by Ola Nowak." in read_by(around, TEAM)
    assert "It is about her chair." in read_by(around, TEAM)
    assert "The VPN is slow since this morning." in read_by(around, TEAM)
    code, said = await line.types("boss", "give", "ivan")
    assert (code, said[:36]) == (1, "Ivan Petrov is not of team help, but")
    assert len(mails(ANNA)) == 1, "of all that she was told nothing but that her mail arrived"

    await line.does("mika", "claim")
    await line.does("mika", "wait", "--text", "Which office are you in?")
    assert (await line.state(), "Which office are you in?" in read_by(around, ANNA)) == ("waiting", True)
    await writes(around, "The one upstairs.")
    assert (await line.state(), "The one upstairs." in read_by(around, TEAM)) == ("open", True)

    await line.does("mika", "solve", "--text", "There is a new router upstairs.")
    assert "There is a new router upstairs." in read_by(around, ANNA)
    told = len(mails(TEAM))
    await writes(around, "Thank you very much!")
    assert (await line.state(), len(mails(TEAM))) == ("solved", told), "thanks wake nobody"
    await writes(around, "It is slow again.")
    assert (await line.state(), len(mails(TEAM))) == ("open", told + 1)
    assert "This ticket is open again.\nWorks on it: Mika Lind\n\nIt is slow again." in read_by(around, TEAM)


@pytest.mark.timeout(180)
async def test_what_is_solved_is_closed_in_time_and_what_comes_then_opens_a_ticket_that_follows(around: Around) -> None:
    await writes(around, "The VPN is slow.")
    number = (await around.only_ticket(ANNA)).number
    line, desk = Line(around.desk, number), around.desk
    await line.does("mika", "solve", "--text", "There is a new router.")

    desk.path.write_text(desk.path.read_text(encoding="utf-8").replace(OPEN_LONG, CLOSED_SOON), encoding="utf-8")
    for process in desk.processes.values():
        process.send_signal(signal.SIGHUP)
    await desk.until(line.is_closed, "the ticket that was solved before is closed by today's settings")
    await desk.settled()
    before = len(around.sink.to(ANNA))
    await writes(around, "It is slow again.")

    earlier, later = await desk.tickets_of(ANNA)
    assert (earlier.number, earlier.state, later.state, later.related) == (number, "closed", "new", (number,))
    assert await desk.texts(number) == ["The VPN is slow."]
    assert await desk.texts(later.number) == ["It is slow again."]
    (acknowledgement,) = around.sink.to(ANNA)[before:]
    assert f"Number: {later.number}" in read_by(around, ANNA)
    assert str(later.number) in acknowledgement.parsed["Subject"]
    _, shown = await desk.command("ticket", "show", str(number))
    assert f"linked  by customer: {later.number} (follows)" in shown
    code, said = await desk.command("audit")
    assert (code, said.splitlines()[-1]) == (0, "Everything adds up.")

"""A ticket goes through its whole life by commands: each says what it did, or why not and what to do."""

import json
from pathlib import Path

from store.lookups import show
from tests.mail_sink import Sink, letter
from tests.running_desk import Backend, RunningDesk, World

SARA = "sara@customer.example"
VPN = letter("Since this morning nothing works.", sender=SARA, subject="My VPN is down", message_id="<one@x.example>")


def reply(text: str, number: int, sink: Sink) -> bytes:
    """To the last mail that she got, which our id in it proves."""
    return letter(text, sender=SARA, message_id=f"<{number}@x.example>", references=[sink.to(SARA)[-1].id])


class Line:
    """What somebody types, about one ticket."""

    def __init__(self, running: RunningDesk, number: int) -> None:
        self._running = running
        self._number = number

    async def does(self, command: str, *arguments: str) -> str:
        code, said = await self._running.command("ticket", command, str(self._number), *arguments)
        assert code == 0, said
        return said.strip()

    async def cannot(self, command: str, *arguments: str) -> str:
        code, said = await self._running.command("ticket", command, str(self._number), *arguments)
        assert code == 1, said
        return said.strip()

    async def state(self) -> str:
        story = await self._running.read(lambda connection: show(connection, self._number))
        assert story is not None
        return story.ticket.state


async def test_a_ticket_lives_by_the_command_line(tmp_path: Path) -> None:
    sink = Sink()
    async with sink.serving():
        running = RunningDesk(tmp_path, Backend(), World(sink.port))
        try:
            await running.start()
            await running.mail(VPN, sender=SARA)
            await running.settled()
            (ticket,) = await running.tickets()
            line = Line(running, ticket.number)

            assert await line.does("claim") == f"Ticket {ticket.number} is yours."
            assert await line.does("claim") == f"Ticket {ticket.number} is yours."
            assert await line.does("note", "Looks like the router.") == (
                f"The note stands in ticket {ticket.number}; the customer does not see it."
            )
            assert '"jan" is nobody in the settings' in await line.cannot("give", "jan")
            assert await line.does("change", "priority", "P1") == f"Ticket {ticket.number} has priority P1 now."
            assert "there is nothing to open again" in await line.cannot("reopen")
            assert "solve it first" in await line.cannot("close")
            assert "Ticket" in await line.does("wait", "--until", "2d", "--text", "Which office are you in?")
            assert await line.state() == "waiting"
            assert await line.does("reopen") == f"Ticket {ticket.number} is open again."
            assert await line.does("solve", "--text", "The router was restarted.") == (
                f"Ticket {ticket.number} is solved."
            )

            await running.mail(reply("Thank you so much!", 2, sink), sender=SARA)
            await running.settled()
            assert await line.state() == "solved"
            await running.mail(reply("It is down again.", 3, sink), sender=SARA)
            await running.settled()
            assert await line.state() == "open"

            assert await line.does("solve")
            applied = json.loads(await line.does("close", "--text", "Quiet since.", "--json"))
            assert (applied["schema"], applied["result"]["applied"]) == ("deskwire.action/1", True)
            assert f"open it again first, with `deskwire ticket reopen {ticket.number}`" in await line.cannot(
                "answer", "Hello."
            )
            await running.mail(reply("And once more.", 4, sink), sender=SARA)
            await running.settled()
            _, follower = await running.tickets()
            assert await line.state() == "closed"
            assert (follower.state, follower.related) == ("new", (ticket.number,))

            told = await line.does("show")
            assert "closed  by operator:" in told
            assert "Quiet since." in told
            assert f"linked  by customer: {follower.number} (follows)" in told
            assert str(ticket.number) in await running_list(running, "--text", "ROUTER restart")
            assert await running_list(running, "--text", "router xyzzy") == "No tickets."
            assert str(follower.number) in await running_list(running, "--state", "new", "--customer", SARA.upper())
            assert await running_list(running, "--due", "overdue") == "No tickets."
        finally:
            await running.close()
        said = [mail.text for mail in sink.to(SARA)]
    assert any("Which office are you in?" in text for text in said)
    assert any("The router was restarted." in text for text in said)
    assert not any("Quiet since." in text or "Looks like the router." in text for text in said)


async def running_list(running: RunningDesk, *arguments: str) -> str:
    code, said = await running.command("ticket", "list", *arguments)
    assert code == 0, said
    return said.strip()

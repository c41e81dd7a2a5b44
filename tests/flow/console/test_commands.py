"""What people see of a desk by its commands: run on one with a ticket, an answer and a parked message in it."""

import asyncio
import json
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result

from console.cli import main
from tests.mail_sink import Sink, letter
from tests.running_desk import Backend, RunningDesk, World

SARA, ROBOT = "sara@customer.example", "robot@x.example"
BROKEN = letter("Since this morning.", sender=SARA, subject="My VPN is down")
AWAY = letter("I am at the sea.", sender=ROBOT, subject="Away", auto_submitted="auto-replied")


class Desk(NamedTuple):
    """The desk, which is not running any more."""

    path: Path
    number: int
    parked: str

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["-c", str(self.path), *arguments], env={"DESKWIRE_SECRET": "s" * 40})

    def document(self, *arguments: str) -> tuple[str, list[dict[str, object]]]:
        """The schema and the rows of what a command prints for programs."""
        found = json.loads(self.run(*arguments, "--json").stdout)
        return found["schema"], found["result"]


async def _worked(folder: Path) -> Desk:
    sink = Sink()
    async with sink.serving():
        running = RunningDesk(folder, Backend(), World(sink.port))
        try:
            await running.start()
            await running.mail(BROKEN, sender=SARA)
            await running.mail(AWAY, sender=ROBOT)
            await running.settled()
            (ticket,) = await running.tickets()
            await running.answer(ticket.number, "It works again.")
            await running.settled()
            await running.stop()
            code, said = await running.command("parked", "list", "--json")
            assert code == 0
            return Desk(running.path, ticket.number, json.loads(said)["result"][0]["id"])
        finally:
            await running.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return asyncio.run(_worked(tmp_path_factory.mktemp("desk")))


def test_tickets_are_listed_with_what_they_are_about(desk: Desk) -> None:
    result = desk.run("ticket", "list")

    heading, row = result.stdout.splitlines()
    assert heading.split() == ["number", "state", "priority", "team", "person", "due", "category", "subject"]
    assert row.split()[:7] == [str(desk.number), "open", "P3", "network", "-", "-", "network"]
    assert row.rstrip().endswith("My VPN is down")


def test_an_empty_list_is_said_beside_the_result(desk: Desk) -> None:
    for command, said in (
        (["ticket", "list", "--state", "closed"], "No tickets.\n"),
        (["dead", "list"], "No dead letter is waiting.\n"),
        (["parked", "list", "--state", "refused"], "No parked message is refused.\n"),
    ):
        result = desk.run(*command)

        assert (result.exit_code, result.stdout, result.stderr) == (0, "", said)


def test_a_ticket_tells_why_it_is_where_it_is_and_what_was_sent(desk: Desk) -> None:
    shown = desk.run("ticket", "show", str(desk.number)).stdout

    assert "conversation: new · nothing says that it continues a ticket\n" in shown
    assert 'category: network · classify 1 "vpn" (deskwire.yaml:' in shown
    assert "      Since this morning." in shown
    assert "      It works again." in shown
    sent = [
        line.split("Z  ")[1].split()[0] for line in shown.partition("\nSent:\n")[2].splitlines() if "  sent" in line
    ]
    assert sorted(sent) == ["acknowledgement", "alert", "alert", "answer"]  # The team's mailbox hears of the answer.


def test_programs_read_the_same(desk: Desk) -> None:
    schema, tickets = desk.document("ticket", "list")
    _, ticket = desk.document("ticket", "show", str(desk.number))

    assert (schema, [one["number"] for one in tickets]) == ("deskwire.tickets/1", [desk.number])
    assert sorted(ticket) == ["because", "deliveries", "events", "messages", "ticket"]


@pytest.mark.parametrize(
    ("command", "schema"),
    [
        (["audit"], "deskwire.audit/1"),
        (["dead", "list"], "deskwire.dead/1"),
        (["parked", "list"], "deskwire.parked/1"),
        (["check"], "deskwire.check/1"),
    ],
)
def test_each_document_names_its_form(desk: Desk, command: list[str], schema: str) -> None:
    assert desk.document(*command)[0] == schema


def test_what_a_customer_wrote_is_shown_only_when_asked_for(desk: Desk) -> None:
    result = desk.run("parked", "show", desk.parked[:6])
    shown = result.stdout
    asked = desk.run("parked", "show", desk.parked[:6], "--body").stdout

    assert "reason   auto-replied" in shown
    assert "from     robot@x.example by mail" in shown
    assert "at the sea" not in shown
    assert f"\nIts text: deskwire parked show {desk.parked[:8]} --body" in result.stderr
    assert "  | I am at the sea." in asked
    assert "at the sea" not in desk.run("parked", "show", desk.parked, "--json").stdout


def test_an_audit_adds_up_without_a_running_desk(desk: Desk) -> None:
    result = desk.run("audit")

    assert result.exit_code == 0
    assert result.stdout.endswith("Everything adds up.\n")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["ticket", "show", "1"], "there is no ticket 1: see `deskwire ticket list`\n"),
        (["ticket", "answer", "1", "x"], "there is no ticket 1: see `deskwire ticket list`\n"),
        (["ticket", "split", "1", "2"], "there is no ticket 1: see `deskwire ticket list`\n"),
        (["parked", "show", "zz"], "see `deskwire parked list`\n"),
        (["dead", "show", "zz"], "see `deskwire dead list`\n"),
        (["dead", "replay", "zz"], "see `deskwire dead list`\n"),
    ],
)
def test_what_is_not_there_says_where_to_look(desk: Desk, command: list[str], said: str) -> None:
    result = desk.run(*command)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith(said)


@pytest.mark.parametrize("command", [["send", "mail", "--text", "x"], ["send", "form", "--text", "x"]])
def test_sending_to_a_desk_that_does_not_run_says_how_to_start_it(desk: Desk, command: list[str]) -> None:
    result = desk.run(*command)

    assert result.exit_code == 4
    assert "127.0.0.1:" in result.stderr
    assert "start it with `deskwire run`" in result.stderr


def test_a_command_for_a_desk_that_does_not_run_waits_in_its_log(desk: Desk) -> None:
    result = desk.run("parked", "refuse", desk.parked, "zz", "--reason", "nobody there")

    assert result.exit_code == 5  # One of two.
    assert result.stdout == f"{desk.parked[:8]} is refused as soon as the router runs.\n"
    assert result.stderr.endswith("1 of 2 were refused.\n")


def test_a_message_that_a_ticket_has_not_cannot_be_split_off(desk: Desk) -> None:
    result = desk.run("ticket", "split", str(desk.number), "9")

    assert result.exit_code == 1
    assert f"and no message 9: see `deskwire ticket show {desk.number}`" in result.stderr

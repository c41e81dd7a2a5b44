"""What `docs/tickets.md` tells is so: a desk lives through the page's day and says what stands there."""

import asyncio
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import click
import pytest
import yaml

from console.cli import main
from console.finish import EXIT_BAD_SETTINGS, EXIT_UNREACHABLE, EXIT_WRONG_USAGE
from console.seeking import ORDERS
from router.due.loud_settings import PatienceSettings
from router.life.allowed import HAPPENINGS, UNSAID, WHYS
from router.life.lifecycle import STATES, TABLE, Step
from router.life.lifecycle_settings import LifecycleSettings
from router.life.thanks import MOST_WORDS
from router.technicians.mail_commands import Vocabulary, parse
from router.technicians.mail_names import ALIASES
from tests.mail_sink import Sink, letter
from tests.running_desk import Backend, RunningDesk, World

PAGE = (Path(__file__).parent.parent / "docs" / "tickets.md").read_text(encoding="utf-8")
SEARCHES = re.findall(r"^deskwire (ticket list .+)$", PAGE, re.MULTILINE)
SARA, MAX = "sara@customer.example", "max@other.example"
FIRST, SECOND = 100009, 100014
PEOPLE = {
    "people": {
        "ola": {"name": "Ola Nowak", "mail": "ola@desk.example", "speaks": ["en"]},
        "ivan": {"name": "Ivan Petrov", "mail": "ivan@desk.example"},
    }
}


def table(heading: str) -> list[list[str]]:
    """The rows of the page's tables under this first cell, one table after the other."""
    pieces = PAGE.split(f"\n| {heading} |")[1:]
    assert pieces, heading
    rows = [row for piece in pieces for row in piece.partition("\n\n")[0].splitlines()[2:]]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


class Lived(NamedTuple):
    """What a desk said as the page's day went by, and what its customer got."""

    said: Mapping[str, tuple[int, str]]
    listed: Mapping[str, str]
    mails: list[str]
    given: list[str]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Every command of the page's tables, in its order, and its searches in between."""
    return asyncio.run(day(tmp_path_factory.mktemp("desk")))


async def day(folder: Path) -> Lived:
    sink = Sink()
    async with sink.serving():
        desk = RunningDesk(folder, Backend(), World(sink.port))
        prepare(desk)
        try:
            await desk.start()
            await arrived(desk, sink)
            said: dict[str, tuple[int, str]] = {}
            listed: dict[str, str] = {}
            for row in table("`deskwire ticket` …"):
                line = row[0].strip("`")
                if line == "give 100009 ivan":
                    listed |= {one: (await desk.command(*shlex.split(one)))[1] for one in SEARCHES}
                said[line] = await desk.command("ticket", *shlex.split(line))
                await desk.settled()
        finally:
            await desk.close()
    to_ivan = sink.to("ivan@desk.example")
    return Lived(said, listed, [mail.text for mail in sink.to(SARA)], [mail.text for mail in to_ivan])


async def arrived(desk: RunningDesk, sink: Sink) -> None:
    """Sara's ticket with its second message, and the one of Max."""
    await written(desk, "My VPN is down", SARA, 1)
    await desk.settled()
    await written(desk, "And a new mouse, please", SARA, 2, sink.to(SARA)[-1].id)
    await desk.settled()
    await written(desk, "VPN", MAX, 3)
    await desk.settled()


def prepare(desk: RunningDesk) -> None:
    """Let Ola type, and let there be a level above."""
    settings = yaml.safe_load(desk.path.read_text(encoding="utf-8")) | PEOPLE
    settings["teams"]["experts"] = {"level": 2, "workspace": {"mail": "experts@desk.example"}}
    settings["route"] = {"team": "help"}
    desk.path.write_text(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), encoding="utf-8")
    desk.environment["LOGNAME"] = "ola"


async def written(desk: RunningDesk, text: str, sender: str, number: int, *references: str) -> None:
    content = letter(text, sender=sender, message_id=f"<{number}@x.example>", references=list(references))
    await desk.mail(content, sender=sender)


@pytest.mark.parametrize(("command", "says"), table("`deskwire ticket` …"))
def test_each_command_says_what_the_page_says(command: str, says: str, lived: Lived) -> None:
    code, said = lived.said[command.strip("`")]

    assert said.strip().removeprefix("Error: ") == says
    assert code == (0 if says[0] in "TM" else 1)


@pytest.mark.parametrize("search", SEARCHES)
def test_each_search_finds_what_it_asks_for(search: str, lived: Lived) -> None:
    """When they are asked, Ola works on the first ticket, and nobody on the second, of which nothing is promised."""
    expected = [FIRST] if "me " in search or "customer" in search or "text" in search else [SECOND]

    found = [int(number) for number in re.findall(r"^(\d{6}) ", lived.listed[search], re.MULTILINE)]

    assert found == ([] if "overdue" in search else expected)


def test_the_customer_hears_what_the_page_says_and_nothing_else(lived: Lived) -> None:
    words = ["Your message arrived", "a message with this sender address arrived"]
    texts = ["We are looking into it.", "Which office are you in?", "The switch was replaced."]

    assert any(word in lived.mails[0] for word in words)
    assert len(lived.mails) == 1 + len(texts)
    assert all(text in mail for text, mail in zip(texts, lived.mails[1:], strict=True))


def test_whoever_is_given_a_ticket_hears_of_it(lived: Lived) -> None:
    (mail,) = lived.given

    assert str(FIRST) in mail


def test_the_states_are_those_that_there_are() -> None:
    assert [row[0].strip("`") for row in table("State")] == list(STATES)


@pytest.mark.parametrize("row", table("What happens"), ids=lambda row: row[0])
def test_what_leads_from_state_to_state_is_the_table_that_decides(row: list[str]) -> None:
    happening, *cells = row

    found = [TABLE[state, happening] for state in STATES]  # type: ignore[index] # A cell of a page is any text.

    assert [step.state if isinstance(step, Step) else "-" for step in found] == cells


def test_all_that_people_do_to_tickets_is_in_the_table() -> None:
    assert {row[0] for row in table("What happens")} - {"message", "thanks"} == set(HAPPENINGS.values()) - {"link"}


def test_the_times_are_those_of_the_settings() -> None:
    patience, closing = PatienceSettings().patience(), LifecycleSettings().close_resolved_after
    days = [time.days for time in (*patience.remind_after, patience.close_after or closing, closing)]

    assert days == [
        int(number) for number in re.findall(r"after (\d) days", PAGE.replace("after 2 and", "after 2 days"))
    ]
    assert MOST_WORDS == 8
    assert "at most eight words" in PAGE


def test_the_exit_codes_are_those_of_all_commands() -> None:
    codes = re.findall(r"(\d) (done|refused|wrong usage|bad settings|the desk cannot)", PAGE)

    assert [int(code) for code, _ in codes] == [0, 1, EXIT_WRONG_USAGE, EXIT_BAD_SETTINGS, EXIT_UNREACHABLE]


def test_the_choices_of_options_are_all_named() -> None:
    assert all(f"`{why}`" in PAGE for why in WHYS if why != UNSAID)
    assert {"newest", *re.findall(r"\(`(due|priority)`\)", PAGE)} == set(ORDERS)


VOCABULARY = Vocabulary(
    priorities=("P1",), teams=("network",), languages=("pl",), categories=("network",), people={"ivan": "ivan"}
)


@pytest.mark.parametrize("row", table("English"), ids=lambda row: row[0])
def test_a_command_by_mail_is_the_same_in_every_language(row: list[str]) -> None:
    *written, kind = [cell.strip("`") for cell in row]

    english, *others = [parse(one, VOCABULARY) for one in written]

    assert not english.wrong
    assert [(one.commands, one.wrong) for one in others] == [(english.commands, ())] * len(others)
    assert kind in HAPPENINGS


def test_every_command_by_mail_is_in_the_table() -> None:
    named = {parse(row[0].strip("`"), VOCABULARY).commands[0].name for row in table("English")}

    assert named == set(ALIASES) - {"send", "help"}


def test_every_command_about_tickets_is_on_the_page() -> None:
    (group,) = [main.get_command(click.Context(main), "ticket")]
    assert isinstance(group, click.Group)

    for name in group.list_commands(click.Context(group)):
        assert re.search(rf"`{name} 1000|deskwire ticket {name}", PAGE), name

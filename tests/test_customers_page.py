"""What `docs/customers.md` tells is so: a desk with its settings is given its list, and says what stands there."""

import asyncio
import re
import shlex
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from console.contact_file import COLUMNS
from store.records import Proof
from tests.mail_sink import AUTHSERV_ID, Sink, letter
from tests.running_desk import Backend, RunningDesk, World

PAGE = (Path(__file__).parent.parent / "docs" / "customers.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
(SETTINGS,) = [body for kind, body in BLOCKS if kind == "yaml"]
LIST = next(body for kind, body in BLOCKS if body.startswith("address"))
SHOWN = {
    command.strip(): text if kind == "text" else ""
    for (shell, command), (kind, text) in pairwise([*BLOCKS, ("", "")])
    if shell == "sh"
}
ANN = "ann@acme.example"


class Lived(NamedTuple):
    """What the page's commands said, and of three mails by one address which team has each and why."""

    said: Mapping[str, tuple[int, str]]
    teams: Mapping[str, str]
    whys: Mapping[str, str]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    return asyncio.run(lived_through(tmp_path_factory.mktemp("desk")))


async def lived_through(folder: Path) -> Lived:
    (folder / "customers.csv").write_text(LIST, encoding="utf-8")
    sink = Sink()
    async with sink.serving():
        desk = RunningDesk(folder, Backend(), World(sink.port))
        desk.path.write_text(with_page(desk.path.read_text(encoding="utf-8")), encoding="utf-8")
        try:
            await desk.start()
            said = {}
            for command in SHOWN:
                first, *others = shlex.split(command)[1:]
                files = [str(folder / one) if one.endswith(".csv") else one for one in others]
                said[command] = await desk.command(first, *files)
            for subject, result in (("proven", "pass"), ("unproven", ""), ("failed", "fail")):
                await desk.mail(mail(subject, result), sender=ANN)
            await desk.settled()
            tickets = await desk.tickets()
            stories = {one.subject: await desk.story(one.number) for one in tickets}
        finally:
            await desk.close()
    whys = {name: " ".join(map(str, story.because)) for name, story in stories.items()}
    return Lived(said, {one.subject: one.team for one in tickets}, whys)


def with_page(settings: str) -> str:
    """A desk's settings with those of the page at their places."""
    before, _, _ = settings.partition("classify:")
    return f"{before}{SETTINGS}"


def mail(subject: str, result: str) -> bytes:
    checked = {"Authentication_Results": f"{AUTHSERV_ID}; dmarc={result} header.from=acme.example"} if result else {}
    return letter("Help.", sender=ANN, subject=subject, **checked)


@pytest.mark.parametrize(("command", "text"), SHOWN.items())
def test_each_command_says_what_the_page_shows(command: str, text: str, lived: Lived) -> None:
    code, said = lived.said[command]

    assert code == 0, said
    assert without_lines(text) in without_lines(said)


def without_lines(text: str) -> str:
    """Without the numbers of lines, which are those of the settings around."""
    return re.sub(r"\.yaml:\d+", ".yaml", text)


def test_the_list_has_all_columns() -> None:
    assert tuple(LIST.splitlines()[0].split(",")) == COLUMNS


def test_whose_sender_is_not_proven_counts_and_whose_check_failed_does_not(lived: Lived) -> None:
    assert lived.teams == {"proven": "network", "unproven": "network", "failed": "help"}
    assert "unproven" in lived.whys["unproven"]
    assert "unproven" not in lived.whys["proven"]


def test_names_of_addresses_lead_to_one_person(lived: Lived) -> None:
    _, said = lived.said["deskwire contact join sara@delta.example sara@home.example"]

    assert f"address       mail sara@home.example, proof {Proof.CLAIMED}" in said
    assert "address       telegram 611000021" in said

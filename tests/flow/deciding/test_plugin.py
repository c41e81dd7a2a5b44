"""A plug-in that raises costs its own message alone, which names it, and goes its way again once it is mended."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.desks import Around, Backend, surrounded
from tests.flow.deciding.company import company
from tests.mail_sink import letter
from tests.running_desk import TEAM

MODULE = "acme_of_this_flow"
PLUGIN = f"{MODULE}.is_about_doors"
RULE = f"    - {{when: {{plugin: {PLUGIN}}}, then: network}}\n"
DEFECTIVE = "int(message.subject) and 'door' in message.text"  # Not every subject is a number.
MENDED = "'door' in message.text"
GINA = "gina@customer.example"
OTHERS = {"hans@customer.example": "network", "ilse@customer.example": "other"}


def write(folder: Path, answer: str) -> None:
    """The module, with what its function returns."""
    text = f"def is_about_doors(message):\n    return bool({answer})\n"
    (folder / f"{MODULE}.py").write_text(text, encoding="utf-8")


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the defective module."""
    folder = tmp_path / "acme"
    folder.mkdir()
    write(folder, DEFECTIVE)
    monkeypatch.syspath_prepend(folder)  # The test's own commands read the settings, too.
    return folder


@pytest.fixture
async def around(backend: Backend, tmp_path: Path, acme: Path) -> AsyncIterator[Around]:
    """A desk of the company's that asks the plug-in first, up."""
    settings = {"decisions": company(rules=RULE), "python_path": str(acme)}
    async with surrounded(tmp_path / "desk", backend, **settings) as found:
        await found.desk.up()
        yield found


async def test_its_message_is_a_dead_letter_that_names_it_and_goes_its_way_once_it_is_mended(
    around: Around, acme: Path
) -> None:
    desk = around.desk
    (door, pen), text = OTHERS, "The door of the safe is stuck."
    await desk.mail(letter("The door sticks.", sender=door, subject="1"), sender=door)
    await desk.mail(letter(text, sender=GINA, subject="Safe"), sender=GINA)
    await desk.mail(letter("The red pen is empty.", sender=pen, subject="2"), sender=pen)
    ticket = await around.only_ticket(GINA)
    _, listed = await desk.command("dead", "list")
    (dead,) = json.loads((await desk.command("dead", "list", "--json"))[1])["result"]

    assert {one.customer.value: one.category for one in await desk.tickets()} == {**OTHERS, GINA: "other"}
    assert f"plug-in {PLUGIN}: ValueError at {MODULE}.py:2" in listed
    assert (dead["ticket"], dead["attempts"]) == (ticket.number, 3)
    assert dead["detail"].startswith(f"the plug-in {PLUGIN} raised ValueError at {MODULE}.py:2: mend it")
    assert await desk.texts(ticket.number) == [""]
    (alert,) = [mail for mail in around.sink.to(TEAM) if str(ticket.number) in mail.parsed["Subject"]]
    assert f"plug-in {PLUGIN}: ValueError" in alert.text
    assert text not in desk.tail

    write(acme, MENDED)
    router = "desk" if desk.backend.embedded else "router"
    assert await desk.stop(router) == 0
    await desk.restart(router)
    code, said = await desk.command("dead", "replay", dead["id"])
    await desk.settled()

    assert code == 0, said
    assert await desk.texts((await around.only_ticket(GINA)).number) == [text]
    assert (await desk.command("dead", "list"))[1] == "No dead letter is waiting.\n"
    assert len(await desk.tickets()) == 3

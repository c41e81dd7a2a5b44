"""Rules change while mail streams in: each ticket is decided by one file and names it; a bad file decides nothing."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.desks import Around, Backend, surrounded
from tests.flow.deciding.company import company
from tests.mail_sink import letter

TO_NETWORK = "{name: network, when: {category: network}, team: network}"
TO_HELP, TO_NOBODY = (TO_NETWORK.replace("team: network", f"team: {team}") for team in ("help", "hlep"))
ROUNDS = (TO_HELP, TO_NOBODY, TO_NETWORK, TO_NOBODY, TO_HELP, TO_NETWORK)
MAILS = 40


@pytest.fixture
async def around(backend: Backend, tmp_path: Path) -> AsyncIterator[Around]:
    """A desk of the company's for this test alone, up."""
    async with surrounded(tmp_path, backend, decisions=company()) as found:
        await found.desk.up()
        yield found


async def take(around: Around, route: str) -> str:
    """Let every process read the file with this route, until each has said what it made of it; the file's version."""
    desk, said = around.desk, "settings not reloaded" if route == TO_NOBODY else "settings reloaded"
    lines = desk.path.read_text(encoding="utf-8").splitlines()
    changed = [f"    - {route}" if "{name: network, " in line else line for line in lines]
    desk.path.write_text("\n".join(changed), encoding="utf-8")
    before = desk.log.read_text(encoding="utf-8").count(said)
    for process in desk.processes.values():
        process.send_signal(signal.SIGHUP)
    expected = before + len(desk.processes)
    await desk.until(lambda: desk.log.read_text(encoding="utf-8").count(said) >= expected, f"all say: {said}")
    if route == TO_NOBODY:
        return ""
    vars(desk).pop("configuration", None)
    return desk.configuration.version


@pytest.mark.timeout(180)
async def test_each_ticket_is_decided_by_one_good_file_and_names_it(around: Around) -> None:
    desk = around.desk
    customers = [f"customer{number}@customer.example" for number in range(MAILS)]

    async def write(number: int) -> None:
        await asyncio.sleep(number * 0.2)
        mail = letter("The vpn is broken, please help.", sender=customers[number], subject=f"Broken {number}")
        await desk.mail(mail, sender=customers[number])

    teams = {desk.configuration.version: "network"}
    async with asyncio.TaskGroup() as group:
        for number in range(MAILS):
            group.create_task(write(number))
        for route in ROUNDS:
            version = await take(around, route)
            if version:
                teams[version] = "help" if route == TO_HELP else "network"
    await desk.settled()
    code, said = await desk.command("reload") if desk.backend.embedded else (0, "nothing has changed")
    opened = await desk.tickets()

    assert code == 0, said
    assert sorted(one.customer.value for one in opened) == sorted(customers)
    assert [teams.get(one.config_version) for one in opened] == [one.team for one in opened]
    assert len({one.config_version for one in opened}) > 1
    assert "unknown-team" in desk.log.read_text(encoding="utf-8")
    code, said = await desk.command("audit")
    assert (code, said.splitlines()[-1]) == (0, "Everything adds up.")

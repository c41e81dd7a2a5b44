"""A running desk takes a changed settings file over as a whole, between two batches, or not at all."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from selectolax.lexbor import LexborHTMLParser

from config.control import ask_to_reload
from config.stores import data_folder
from tests.desks import Around, Backend, surrounded
from tests.mail_sink import letter
from tests.running_desk import GROUP, NETWORK

HERE, THERE = (
    "name: network, when: {category: network}, team: network",
    "name: network, when: {category: network}, team: help",
)
RELOADS = 20
MAILS = 60


@pytest.fixture
async def around(backend: Backend, tmp_path: Path) -> AsyncIterator[Around]:
    async with surrounded(tmp_path, backend) as found:
        edit(found, f"{{telegram: {GROUP}}}", f"{{mail: {NETWORK}}}")  # A chat takes twenty messages a minute.
        await found.desk.up()
        yield found


@pytest.fixture
async def on_one_machine(tmp_path: Path) -> AsyncIterator[Around]:
    async with surrounded(tmp_path, Backend()) as found:
        await found.desk.up()
        assert found.desk.configuration.embedded  # Read once, before a test breaks the file.
        yield found


def edit(around: Around, old: str, new: str) -> None:
    text = around.desk.path.read_text(encoding="utf-8")
    assert old in text
    around.desk.path.write_text(text.replace(old, new), encoding="utf-8")


async def hang_up(around: Around) -> None:
    """SIGHUP to every process, until each has said what it made of it."""
    said = around.desk.log.read_text(encoding="utf-8").count("settings reloaded")
    for process in around.desk.processes.values():
        process.send_signal(signal.SIGHUP)
    expected = said + len(around.desk.processes)
    await around.desk.until(
        lambda: around.desk.log.read_text(encoding="utf-8").count("settings reloaded") >= expected, "all have reloaded"
    )


async def test_reloading_in_the_middle_of_traffic_loses_nothing_and_doubles_nothing(around: Around) -> None:
    async def write(number: int) -> None:
        sender = f"customer{number}@customer.example"
        mail = letter("The vpn is broken, please help.", sender=sender, subject=f"Broken {number}")
        await asyncio.sleep(number * 0.05)
        await around.desk.mail(mail, sender=sender)

    versions: dict[str, str] = {around.desk.configuration.version: "network"}
    async with asyncio.TaskGroup() as group:
        for number in range(MAILS):
            group.create_task(write(number))
        for number in range(RELOADS):
            edit(around, *((HERE, THERE) if number % 2 == 0 else (THERE, HERE)))
            versions[version_of(around)] = "help" if number % 2 == 0 else "network"
            await hang_up(around)
    await around.desk.settled()
    tickets = await around.desk.tickets()

    assert sorted(one.customer.value for one in tickets) == sorted(
        f"customer{n}@customer.example" for n in range(MAILS)
    )
    assert len({one.config_version for one in tickets}) == 2
    assert [versions[one.config_version] for one in tickets] == [one.team for one in tickets]


def version_of(around: Around) -> str:
    vars(around.desk).pop("configuration", None)
    return around.desk.configuration.version


async def test_the_command_says_what_is_different_and_the_next_message_is_decided_by_it(on_one_machine: Around) -> None:
    edit(on_one_machine, HERE, THERE)
    code, said = await on_one_machine.desk.command("reload")
    await on_one_machine.desk.post("anna@customer.example", "The vpn is broken, please help.")

    assert (code, said.partition(": ")[2].strip()) == (0, "route: 1 route changed")
    assert (await on_one_machine.only_ticket("anna@customer.example")).team == "help"


async def test_a_file_that_does_not_pass_changes_nothing(on_one_machine: Around) -> None:
    edit(on_one_machine, HERE, THERE.replace("team: help", "team: hlep"))
    code, said = await on_one_machine.desk.command("reload")
    check, told = await on_one_machine.desk.command("check")
    await on_one_machine.desk.post("anna@customer.example", "The vpn is broken, please help.")

    assert (code, check) == (3, 1)
    assert "error[unknown-team]" in said
    assert said.splitlines()[:3] == told.splitlines()[:3]
    assert (await on_one_machine.only_ticket("anna@customer.example")).team == "network"


async def test_what_needs_a_restart_is_named_and_nothing_of_the_file_is_taken(on_one_machine: Around) -> None:
    edit(on_one_machine, HERE, THERE)
    edit(on_one_machine, "poll: 0.2s", "poll: 0.3s")
    edit(on_one_machine, "type: web, path: /f/help", "type: web, path: /f/other")
    code, said = await on_one_machine.desk.command("reload")
    await on_one_machine.desk.post("anna@customer.example", "The vpn is broken, please help.")

    assert code == 1
    assert "a restart is needed for what has changed in notify.poll, channels.form: nothing was taken over" in said
    assert (await on_one_machine.only_ticket("anna@customer.example")).team == "network"


async def test_a_form_offers_the_categories_of_the_new_file(tmp_path: Path) -> None:
    async with surrounded(tmp_path, Backend()) as around:
        edit(around, "type: web, path: /f/help", "type: web, path: /f/help, fields: [topic, message]")
        await around.desk.up()
        assert await offered(around) == ["network", "other"]

        edit(around, "    other: {en: Other", "    printing: {en: Printing}\n    other: {en: Other")
        code, said = await around.desk.command("reload")

        assert (code, said.partition(": ")[2].strip()) == (0, "classify: categories printing added")
        assert await offered(around) == ["network", "printing", "other"]


async def offered(around: Around) -> list[str | None]:
    """The topics of the form."""
    async with httpx2.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{around.desk.http}/f/help")
    return [one.attributes["value"] for one in LexborHTMLParser(answer.text).css("input[name=topic]")]


async def test_two_reloads_at_once_are_one_after_the_other(on_one_machine: Around) -> None:
    edit(on_one_machine, HERE, THERE)

    folder = data_folder(on_one_machine.desk.configuration)
    told = await asyncio.gather(*(ask_to_reload(folder) for _ in range(2)))

    assert sorted(one.detail for one in told if one is not None) == ["", "route: 1 route changed"]


async def test_a_reload_where_nothing_runs_says_so(on_one_machine: Around) -> None:
    assert await on_one_machine.desk.stop() == 0

    code, said = await on_one_machine.desk.command("reload")

    assert code == 4
    assert "no deskwire runs in" in said

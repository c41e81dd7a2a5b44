"""Customers that operators bring in: from a file into a desk that runs, and into one that does not."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.mail_sink import Sink, letter
from tests.running_desk import ADDRESS, Backend, RunningDesk, World

ANN, LEE = "ann@acme.example", "lee@home.example"
FILE = f"""\
address;name;organisation;tags;language
{ANN} {LEE};Ann Lee;Acme;vip;pl
delta.example;;Delta;;
"""


async def _story(folder: Path) -> dict[str, tuple[int, str]]:
    """What each command said, with its exit code."""
    said: dict[str, tuple[int, str]] = {}
    customers = folder / "customers.csv"
    customers.write_text(FILE, encoding="utf-8")
    sink = Sink()
    async with sink.serving():
        running = RunningDesk(folder, Backend(), World(sink.port))

        async def run(name: str, *arguments: str) -> None:
            said[name] = await running.command("contact", *arguments)

        try:
            await running.start()
            await run("import", "import", str(customers))
            await run("again", "import", str(customers))
            await running.mail(letter("Since this morning.", sender=ANN, subject="My VPN is down"), sender=ANN)
            await running.settled()
            await run("tag", "tag", LEE, "+trial", "-vip")
            await run("show", "show", ANN, "--json")
            await run("domain", "show", "eve@mail.delta.example")
            await run("unknown", "show", "nobody@else.example")
            customers.write_text(f"{FILE}nobody;;;;\n;;;;x\n", encoding="utf-8")
            await run("bad", "import", str(customers))
            await run("skipped", "import", str(customers), "--skip-bad", "--json")
            await run("ours", "tag", ADDRESS, "+vip")
            await run("join", "join", "telegram:77", ANN)
            await running.stop()
            await run("later", "tag", ANN, "+later")
        finally:
            await running.close()
    return said


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    return asyncio.run(_story(tmp_path_factory.mktemp("desk")))


def test_a_file_is_brought_in_as_often_as_one_likes(said: dict[str, tuple[int, str]]) -> None:
    assert said["import"] == said["again"] == (0, "2 customers imported.\n")


def test_one_is_shown_with_all_that_is_known_and_where_it_is_from(said: dict[str, tuple[int, str]]) -> None:
    code, text = said["show"]
    found = json.loads(text)

    assert (code, found["schema"]) == (0, "deskwire.contact/1")
    assert [one["address"]["value"] for one in found["result"]["addresses"]] == [ANN, LEE]
    assert (found["result"]["organisation"], found["result"]["tags"]) == ("Acme", ["trial"])
    assert [one["place"] for one in found["result"]["sources"]] == ["database"]
    assert [one["subject"] for one in found["result"]["tickets"]] == ["My VPN is down"]


def test_a_tag_comes_and_another_goes(said: dict[str, tuple[int, str]]) -> None:
    code, text = said["tag"]

    assert code == 0
    assert "tags          trial (database)" in text


def test_somebody_of_a_domain_is_known_by_it(said: dict[str, tuple[int, str]]) -> None:
    code, text = said["domain"]

    assert code == 0
    assert "organisation  Delta (database, delta.example)" in text


def test_somebody_unknown_is_said_to_be(said: dict[str, tuple[int, str]]) -> None:
    assert said["unknown"][0] == 1


def test_a_file_with_bad_lines_brings_in_nothing_unless_they_are_skipped(said: dict[str, tuple[int, str]]) -> None:
    assert said["bad"][0] == 1
    code, text = said["skipped"]
    found = json.loads(text)["result"]
    assert (code, found["imported"], [one["number"] for one in found["bad"]]) == (5, 2, [4, 5])


def test_what_is_refused_exits_with_one(said: dict[str, tuple[int, str]]) -> None:
    assert said["ours"][0] == 1


def test_joined_addresses_lead_to_one_person(said: dict[str, tuple[int, str]]) -> None:
    code, text = said["join"]

    assert code == 0
    assert "telegram 77" in text
    assert ANN in text
    assert "My VPN is down" in text


def test_without_a_running_desk_it_is_taken_for_later(said: dict[str, tuple[int, str]]) -> None:
    code, text = said["later"]

    assert code == 0
    assert "later" not in text

"""What a start says when something is missing, in words and not in a traceback."""

import asyncio
from pathlib import Path

import pytest

from tests.desks import Around, Backend, surrounded
from tests.mail_sink import letter
from tests.running_desk import Launch, RunningDesk, World, free_port

LATER = {"STORE_URL": "postgresql://desk@127.0.0.1:{port}/desk"}


async def ended(desk: RunningDesk) -> int:
    """The exit code of a process that should not have come up."""
    return await asyncio.wait_for(desk.processes.pop("desk").wait(), 60)


async def test_a_second_process_on_one_folder_is_refused(tmp_path: Path) -> None:
    async with surrounded(tmp_path, Backend()) as around:
        await around.desk.up()
        around.desk.launched["second"] = around.desk.launched["desk"]._replace(http=free_port())

        await around.desk.launch("second")
        code = await asyncio.wait_for(around.desk.processes.pop("second").wait(), 60)

        assert code == 4
        assert "another deskwire process works in" in around.desk.tail
        assert "Traceback" not in around.desk.tail


@pytest.mark.parametrize(
    ("bus", "store", "said"),
    [
        ("kafka://127.0.0.1:{port}", "${STORE_URL}", "127.0.0.1:{port}"),
        ("kafka://{kafka}/new", "${STORE_URL}", "port {port}"),
    ],
    ids=["no broker", "no database"],
)
async def test_a_server_that_cannot_be_reached_is_named_and_tried_again(
    kafka: str, tmp_path: Path, bus: str, store: str, said: str
) -> None:
    port = free_port()
    environment = {name: value.format(port=port) for name, value in LATER.items()}
    backend = Backend("unreachable", bus.format(port=port, kafka=kafka), store, environment)
    desk = RunningDesk(tmp_path, backend, World(relay=free_port()))
    desk.launched["desk"] = Launch((), desk.http, desk.path)
    try:
        await desk.launch()
        await desk.until(lambda: desk.tail.count("waiting for a server") >= 2, "it tries again")
    finally:
        await desk.close()

    assert said.format(port=port) in desk.tail
    assert "Traceback" not in desk.tail


async def test_a_log_with_another_number_of_partitions_is_refused(around: Around) -> None:
    desk = around.desk
    await desk.up()
    await desk.stop_all()
    text = desk.path.read_text(encoding="utf-8")
    desk.path.write_text(text.replace("partitions: 4", "partitions: 5"), encoding="utf-8")
    name = next(iter(desk.launched))

    await desk.launch(name)
    code = await asyncio.wait_for(desk.processes.pop(name).wait(), 60)

    assert code == 1
    assert "4" in desk.tail
    assert "5" in desk.tail
    assert "Traceback" not in desk.tail


async def test_a_missing_secret_is_named_and_nothing_starts(tmp_path: Path) -> None:
    desk = RunningDesk(tmp_path, Backend(), World(relay=free_port()))
    del desk.environment["DESKWIRE_SECRET"]
    desk.launched["desk"] = Launch((), desk.http, desk.path)

    await desk.launch()

    assert await ended(desk) == 3
    assert "environment variable DESKWIRE_SECRET is not set" in desk.tail
    assert not (tmp_path / "data").exists()


async def test_what_was_accepted_before_a_stop_is_done_after_the_next_start(tmp_path: Path) -> None:
    async with surrounded(tmp_path, Backend()) as around:
        desk = around.desk
        await desk.up()
        customer = "early@customer.example"
        await desk.mail(letter("The printer is on fire.", sender=customer), sender=customer)
        assert await desk.stop() == 0

        await desk.restart()

        ticket = await around.only_ticket(customer)
        assert len(around.sink.to(customer)) == 1
        assert await desk.texts(ticket.number) == ["The printer is on fire."]

"""A desk that starts before its servers: it says what it waits for, and works as soon as they are there."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.desks import Backend, surrounded
from tests.mail_sink import letter
from tests.running_desk import Launch, free_port

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Streams]]


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def open_door(port: int, connect: Connect) -> AsyncIterator[None]:
    """Let whoever comes to this port of loopback through to a server."""

    async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await connect()
        await asyncio.gather(pass_on(reader, inner_writer), pass_on(inner_reader, writer))

    server = await asyncio.start_server(through, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()


def postgres_at(url: str) -> Connect:
    """How its server is reached, by TCP or by a socket in a folder."""
    parts = make_url(url)
    host, port = str(parts.host or parts.query.get("host") or "127.0.0.1"), parts.port or 5432
    if host.startswith("/"):
        return lambda: asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
    return lambda: asyncio.open_connection(host, port)


@pytest.mark.parametrize("late", ["broker", "database"])
async def test_a_desk_waits_for_a_server_and_then_works(scaled_out: Backend, tmp_path: Path, late: str) -> None:
    servers = scaled_out.bus.removeprefix("kafka://").partition("/")[0]
    store, port, ina = scaled_out.environment["STORE_URL"], free_port(), "ina@customer.example"
    host, _, kafka_port = servers.rpartition(":")
    if late == "broker":
        connect: Connect = lambda: asyncio.open_connection(host, int(kafka_port))  # noqa: E731 (as the other)
        behind_door = scaled_out._replace(bus=scaled_out.bus.replace(servers, f"127.0.0.1:{port}"))
    else:
        connect = postgres_at(store)
        moved = make_url(store).set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)
        behind_door = scaled_out._replace(environment={"STORE_URL": moved})
    async with surrounded(tmp_path, scaled_out) as before:
        assert (await before.desk.command("migrate"))[0] == 0

    async with surrounded(tmp_path, behind_door) as around:
        desk = around.desk
        desk.launched["desk"] = Launch((), desk.http, desk.path)
        await desk.launch()
        await desk.until(lambda: desk.tail.count("waiting for a server") >= 2, "it tries again")
        said = desk.tail
        async with open_door(port, connect):
            await desk.until(lambda: desk._is_ready("desk"), "it is ready")
            await desk.mail(letter("My boat has sailed.", sender=ina), sender=ina)
            ticket = await around.only_ticket(ina)
            assert await desk.stop() == 0
            await desk.close()

    assert str(port) in said
    assert "Traceback" not in desk.tail
    assert ticket.messages == 1
    assert len(around.sink.to(ina)) == 1

"""What a scaled-out bus promises when members come, go and die, and when no broker answers; a real Kafka broker."""

import asyncio
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from store.bus import Bus, Consumer, Entry, TopicPartition
from store.bus_kafka import KafkaBus
from store.bus_settings import BusSettings
from store.errors import Fenced, Temporary
from tests.contract.conftest import PARTITIONS, BusPlace

Join = Callable[[Bus, str, list[str]], Awaitable[Consumer]]

ROOT = Path(__file__).resolve().parents[2]

# Another process's member of group "readers".
MEMBER = """
import asyncio, sys
from store.bus_kafka import KafkaBus
from store.bus_settings import BusSettings

async def main(servers, topic, partitions):
    bus = KafkaBus(servers, BusSettings(partitions=int(partitions)), topics=[topic])
    member = await bus.consumer("readers", [topic])
    while True:
        await member.fetch(1, 0.1)

asyncio.run(main(*sys.argv[1:]))
"""


async def until(condition: Callable[[], bool], *members: Consumer) -> None:
    """Let the members live until something holds."""
    async with asyncio.timeout(40):
        while not condition():
            await asyncio.gather(*(member.fetch(1, 0.05) for member in members), asyncio.sleep(0.01))


async def test_two_members_share_the_partitions(kafka_place: BusPlace, join: Join) -> None:
    bus = await kafka_place.open()
    topic = kafka_place.topic
    one = await join(bus, "readers", [topic])
    await until(lambda: len(one.assignment()) == PARTITIONS, one)

    two = await join(bus, "readers", [topic])
    await until(lambda: len(one.assignment()) == len(two.assignment()) == PARTITIONS // 2, one, two)

    assert one.assignment() | two.assignment() == {TopicPartition(topic, part) for part in range(PARTITIONS)}


async def test_a_partition_that_came_back_must_be_sought_again(kafka_place: BusPlace, join: Join) -> None:
    bus = await kafka_place.open()
    topic = kafka_place.topic
    for number in range(40):
        await bus.publish(topic, [Entry(f"key {number}", b"x")])
    one = await join(bus, "readers", [topic])
    await until(lambda: len(one.assignment()) == PARTITIONS, one)
    for at in one.assignment():
        await one.seek(at, None)
    assert await one.fetch(1, 10.0)

    two = await join(bus, "readers", [topic])
    await until(lambda: len(one.assignment()) == len(two.assignment()) == PARTITIONS // 2)
    lost, kept = min(two.assignment()), min(one.assignment())

    assert not await one.fetch(100, 0.5)  # Nothing was sought since; 39 records wait.
    with pytest.raises(Fenced):
        await one.seek(lost, None)
    await one.seek(kept, 0)
    records = [*await one.fetch(100, 10.0)]
    assert {record.at for record in records} == {kept}
    assert records[0].offset == 0


async def test_a_member_that_leaves_is_followed_at_once(kafka_place: BusPlace, join: Join) -> None:
    bus = await kafka_place.open()
    one, two = [await join(bus, "readers", [kafka_place.topic]) for _ in range(2)]
    await until(lambda: len(one.assignment()) == len(two.assignment()) == PARTITIONS // 2, one, two)

    await two.close()
    started = time.monotonic()
    await until(lambda: len(one.assignment()) == PARTITIONS, one)

    assert time.monotonic() - started < 8.0
    assert two.assignment() == frozenset()


async def test_a_killed_member_is_followed_within_thirty_seconds(kafka: str, kafka_place: BusPlace, join: Join) -> None:
    bus = await kafka_place.open(session_timeout="10s")  # The default.
    topic = kafka_place.topic
    one = await join(bus, "readers", [topic])
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", MEMBER, kafka, topic, str(PARTITIONS), cwd=ROOT)
    try:
        await until(lambda: len(one.assignment()) == PARTITIONS // 2, one)
    finally:
        other.kill()
        await other.wait()

    started = time.monotonic()
    await until(lambda: len(one.assignment()) == PARTITIONS, one)

    assert time.monotonic() - started < 30.0


async def test_a_broker_that_is_not_there_is_named_with_its_address() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        servers = f"127.0.0.1:{reserved.getsockname()[1]}"
        bus = KafkaBus(servers, BusSettings(request_timeout="2s", publish_timeout="2s"))

        with pytest.raises(Temporary, match=f"Kafka at {servers}"):
            await bus.start()
        with pytest.raises(Temporary, match=f"Kafka at {servers}"):
            await bus.publish("deskwire.raw", [Entry("a", b"x")])
        with pytest.raises(Temporary, match=f"Kafka at {servers}"):
            await bus.consumer("readers", ["deskwire.raw"])
        await bus.close()


async def test_a_broker_that_says_nothing_is_given_up_after_a_while() -> None:
    done = asyncio.Event()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        done.set()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    bus = KafkaBus(f"{host}:{port}", BusSettings(request_timeout="1s", publish_timeout="1s"))

    started = time.monotonic()
    with pytest.raises(Temporary, match=f"{host}:{port}"):
        await bus.publish("deskwire.raw", [Entry("a", b"x")])
    took = time.monotonic() - started
    await bus.close()
    server.close()
    await done.wait()

    assert took < 8.0

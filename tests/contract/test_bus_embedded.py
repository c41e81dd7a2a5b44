"""What the embedded bus promises beyond the contract: one member of each group, retention, partitions that stay."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from store.bus import Entry
from store.bus_sqlite import SqliteBus
from store.errors import Permanent
from store.topics import ACTIONS, RAW
from tests.contract.conftest import BusPlace


async def test_a_group_has_one_member_for_each_topic(sqlite_place: BusPlace) -> None:
    bus = await sqlite_place.open()
    assert isinstance(bus, SqliteBus)
    member = await bus.consumer("readers", [RAW])

    with pytest.raises(Permanent, match="has a member"):
        await bus.consumer("readers", [RAW])
    await bus.consumer("readers", [ACTIONS])
    await member.close()
    await bus.consumer("readers", [RAW])


async def test_retention_deletes_from_the_old_end_and_keeps_counting(sqlite_place: BusPlace) -> None:
    bus = await sqlite_place.open()
    assert isinstance(bus, SqliteBus)
    await bus.publish(RAW, [Entry("a", b"old")] * 1200)
    await asyncio.sleep(0.01)
    between = datetime.now(UTC)
    await asyncio.sleep(0.01)
    await bus.publish(RAW, [Entry("a", b"young")])
    (at,) = [at for at, (_, after) in (await bus.ends(RAW)).items() if after]

    assert await bus.forget(RAW, between) == 1200
    assert (await bus.ends(RAW))[at] == (1200, 1201)
    assert await bus.forget(RAW, between + timedelta(days=1)) == 1
    assert (await bus.ends(RAW))[at] == (1201, 1201)
    await bus.publish(RAW, [Entry("a", b"next")])
    assert (await bus.read(*at, 1201)).value == b"next"


async def test_retention_under_a_reader_is_a_data_loss_alarm(sqlite_place: BusPlace) -> None:
    bus = await sqlite_place.open()
    assert isinstance(bus, SqliteBus)
    consumer = await bus.consumer("readers", [RAW])
    for at in consumer.assignment():
        await consumer.seek(at, None)
    await bus.publish(RAW, [Entry("a", b"unread")])
    await bus.forget(RAW, datetime.now(UTC) + timedelta(days=1))
    await bus.publish(RAW, [Entry("a", b"next")])

    with pytest.raises(Permanent, match="DATA LOSS"):
        await consumer.fetch(10, 0.1)


async def test_a_key_goes_to_the_same_partition_in_every_release(sqlite_place: BusPlace) -> None:
    bus = await sqlite_place.open(partitions=24)
    assert isinstance(bus, SqliteBus)

    # As `python -c "import zlib; print(zlib.crc32('é'.encode()) % 24)"` says.
    assert [bus.partition_of(key) for key in ("", "mail|a@b.example", "é")] == [0, 6, 14]

"""What every bus promises; a file, and a real Kafka broker."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise

import pytest

from store.bus import Bus, Consumer, Entry, Stored, TopicPartition
from store.errors import Fenced, Permanent
from store.topics import MAX_RECORD
from tests.contract.conftest import PARTITIONS, BusPlace

Join = Callable[[Bus, str, list[str]], Awaitable[Consumer]]


async def assigned(consumer: Consumer, count: int) -> frozenset[TopicPartition]:
    """The member's partitions, once they are as many as that."""
    async with asyncio.timeout(30):
        while len(consumer.assignment()) != count:
            await consumer.fetch(1, 0.1)
    return consumer.assignment()


async def from_beginning(consumer: Consumer, count: int = PARTITIONS) -> None:
    """Claim all partitions and read on from what is kept."""
    for at in await assigned(consumer, count):
        await consumer.seek(at, None)


async def take(consumer: Consumer, count: int) -> list[Stored]:
    """At least that many records, in the order in which they come."""
    got: list[Stored] = []
    async with asyncio.timeout(30):
        while len(got) < count:
            got += await consumer.fetch(100, 0.5)
    return got


def entries(*words: str, key: str = "a") -> Sequence[Entry]:
    return [Entry(key, word.encode()) for word in words]


def values(records: Sequence[Stored]) -> list[str]:
    return [record.value.decode() for record in records]


async def only_partition(bus: Bus, topic: str) -> TopicPartition:
    """Where the records of a test with one key are."""
    (at,) = [at for at, (first, after) in (await bus.ends(topic)).items() if after > first]
    return at


async def test_a_published_record_is_read_as_it_was(bus: Bus, place: BusPlace, join: Join) -> None:
    entry = Entry("mail|józef@przykład.example\x00", b'\x00\xff{"a": "\'"}\n')

    await bus.publish(place.topic, [entry])
    consumer = await join(bus, "readers", [place.topic])
    await from_beginning(consumer)
    (record,) = await take(consumer, 1)

    assert (record.key, record.value, record.at.topic) == (entry.key, entry.value, place.topic)


async def test_an_empty_value_is_a_record(bus: Bus, place: BusPlace, join: Join) -> None:
    await bus.publish(place.topic, [Entry("", b""), Entry("", b"x")])
    consumer = await join(bus, "readers", [place.topic])
    await from_beginning(consumer)

    assert values(await take(consumer, 2)) == ["", "x"]


async def test_records_of_a_key_stay_in_order_beside_other_keys(bus: Bus, place: BusPlace, join: Join) -> None:
    keys = [f"key {number}" for number in range(20)]
    for round_number in range(5):
        await bus.publish(place.topic, [Entry(key, f"{key}:{round_number}".encode()) for key in keys])

    consumer = await join(bus, "readers", [place.topic])
    await from_beginning(consumer)
    records = await take(consumer, 100)

    assert len({record.at for record in records}) > 1
    for key in keys:
        assert values([record for record in records if record.key == key]) == [f"{key}:{n}" for n in range(5)]


async def test_many_publishers_at_once_leave_no_gap(bus: Bus, place: BusPlace, join: Join) -> None:
    async def publish(number: int) -> None:
        await bus.publish(place.topic, [Entry(f"key {number % 13}", f"{number}:{part}".encode()) for part in range(3)])

    await asyncio.gather(*(publish(number) for number in range(200)))
    consumer = await join(bus, "readers", [place.topic])
    await from_beginning(consumer)
    records = await take(consumer, 600)

    assert len(set(values(records))) == 600
    for at, (first, after) in (await bus.ends(place.topic)).items():
        assert [record.offset for record in records if record.at == at] == list(range(first, after))


async def test_ends_count_what_was_published(bus: Bus, place: BusPlace) -> None:
    before = await bus.ends(place.topic)
    await bus.publish(place.topic, entries("1", "2", "3"))
    after = await bus.ends(place.topic)

    assert before == {TopicPartition(place.topic, part): (0, 0) for part in range(PARTITIONS)}
    assert sorted(after.values()) == [(0, 0)] * (PARTITIONS - 1) + [(0, 3)]


async def test_a_record_that_is_too_large_is_refused_with_its_size(bus: Bus, place: BusPlace) -> None:
    await bus.publish(place.topic, [Entry("a", bytes(MAX_RECORD))])

    with pytest.raises(Permanent, match=f"{MAX_RECORD + 1} bytes"):
        await bus.publish(place.topic, [Entry("a", b"small"), Entry("a", bytes(MAX_RECORD + 1))])

    assert (await bus.ends(place.topic))[await only_partition(bus, place.topic)] == (0, 1)


async def test_a_key_that_utf8_cannot_carry_is_refused(bus: Bus, place: BusPlace) -> None:
    with pytest.raises(Permanent, match="UTF-8"):
        await bus.publish(place.topic, [Entry("\udcff", b"x")])


async def test_nothing_is_fetched_before_it_is_sought(bus: Bus, place: BusPlace, join: Join) -> None:
    await bus.publish(place.topic, entries("1"))
    at = await only_partition(bus, place.topic)
    consumer = await join(bus, "readers", [place.topic])
    others = sorted(await assigned(consumer, PARTITIONS) - {at})

    unsought = await consumer.fetch(100, 0.2)
    await consumer.seek(others[0], None)
    elsewhere = await consumer.fetch(100, 0.5)
    await consumer.seek(at, None)

    assert not unsought
    assert not elsewhere
    assert values(await take(consumer, 1)) == ["1"]


async def test_seek_reads_on_from_a_position(bus: Bus, place: BusPlace, join: Join) -> None:
    await bus.publish(place.topic, entries("1", "2", "3"))
    at = await only_partition(bus, place.topic)
    consumer = await join(bus, "readers", [place.topic])
    await assigned(consumer, PARTITIONS)

    await consumer.seek(at, 1)
    from_one = await take(consumer, 2)
    await consumer.seek(at, 2)
    from_two = await take(consumer, 1)
    await consumer.seek(at, 3)
    await bus.publish(place.topic, entries("4"))
    from_end = await take(consumer, 1)

    assert (values(from_one), values(from_two), values(from_end)) == (["2", "3"], ["3"], ["4"])


async def test_a_limit_bounds_a_fetch_and_nothing_is_skipped(bus: Bus, place: BusPlace, join: Join) -> None:
    await bus.publish(place.topic, [Entry(f"key {number}", b"%d" % number) for number in range(40)])
    consumer = await join(bus, "readers", [place.topic])
    await from_beginning(consumer)

    sizes, got = [], []
    while len(got) < 40:
        records = await consumer.fetch(7, 5.0)
        sizes.append(len(records))
        got += records

    assert max(sizes) <= 7
    assert sorted(int(record.value) for record in got) == list(range(40))


async def test_a_busy_partition_does_not_starve_the_others(bus: Bus, place: BusPlace, join: Join) -> None:
    busy = Entry("a", b"busy" * 5000)
    await bus.publish(place.topic, [busy] * 300)  # 6 MB, and a fetch takes 1 MB of a partition from Kafka.
    await bus.publish(place.topic, [Entry(f"key {number}", b"quiet") for number in range(12)])
    consumer = await join(bus, "readers", [place.topic])
    await from_beginning(consumer)

    first = await take(consumer, 200)

    assert "quiet" in values(first)


async def test_a_fetch_wakes_for_a_record_that_comes_while_it_waits(bus: Bus, place: BusPlace, join: Join) -> None:
    consumer = await join(bus, "readers", [place.topic])
    await from_beginning(consumer)

    waiting = asyncio.create_task(consumer.fetch(10, 20.0))
    await asyncio.sleep(0.3)
    started = time.monotonic()
    await bus.publish(place.topic, entries("1"))

    assert values(await waiting) == ["1"]
    assert time.monotonic() - started < 5.0


async def test_a_fetch_without_records_ends_after_its_wait(bus: Bus, place: BusPlace, join: Join) -> None:
    consumer = await join(bus, "readers", [place.topic])
    await from_beginning(consumer)

    started = time.monotonic()
    records = await consumer.fetch(10, 0.3)

    assert not records
    assert 0.25 < time.monotonic() - started < 3.0


async def test_a_position_below_the_start_is_a_data_loss_alarm(bus: Bus, place: BusPlace, join: Join) -> None:
    await bus.publish(place.topic, entries("1", "2", "3"))
    at = await only_partition(bus, place.topic)
    await place.delete_up_to(bus, at, 3)
    await bus.publish(place.topic, entries("4"))
    consumer = await join(bus, "readers", [place.topic])
    await assigned(consumer, PARTITIONS)

    with pytest.raises(Permanent, match=r"DATA LOSS: .*from 1, .*begins at 3: 2 records"):
        await consumer.seek(at, 1)
    await consumer.seek(at, 3)

    assert values(await take(consumer, 1)) == ["4"]


async def test_retention_that_passes_a_reader_is_a_data_loss_alarm(bus: Bus, place: BusPlace, join: Join) -> None:
    await bus.publish(place.topic, entries("1", "2", "3"))
    at = await only_partition(bus, place.topic)
    consumer = await join(bus, "readers", [place.topic])
    await assigned(consumer, PARTITIONS)

    await place.delete_up_to(bus, at, 3)
    with pytest.raises(Permanent, match="DATA LOSS"):
        await consumer.seek(at, 0)
    await consumer.seek(at, None)
    await bus.publish(place.topic, entries("4"))

    assert [record.offset for record in await take(consumer, 1)] == [3]


async def test_a_position_above_the_end_is_refused_as_another_log(bus: Bus, place: BusPlace, join: Join) -> None:
    await bus.publish(place.topic, entries("1"))
    at = await only_partition(bus, place.topic)
    consumer = await join(bus, "readers", [place.topic])
    await assigned(consumer, PARTITIONS)

    with pytest.raises(Permanent, match=r"from 5, .*ends at 1.*not the log"):
        await consumer.seek(at, 5)
    with pytest.raises(Fenced):
        await consumer.seek(TopicPartition(place.topic, PARTITIONS), None)


async def test_two_groups_read_independently(bus: Bus, place: BusPlace, join: Join) -> None:
    await bus.publish(place.topic, entries("1", "2"))
    one = await join(bus, "one", [place.topic])
    two = await join(bus, "two", [place.topic])

    await from_beginning(one)
    read_by_one = await take(one, 2)
    await from_beginning(two)

    assert values(read_by_one) == values(await take(two, 2)) == ["1", "2"]


async def test_a_member_reads_all_topics_that_it_asked_for(bus: Bus, place: BusPlace, join: Join) -> None:
    consumer = await join(bus, "readers", [place.topic, place.other_topic])
    await from_beginning(consumer, 2 * PARTITIONS)

    await bus.publish(place.topic, entries("1"))
    await bus.publish(place.other_topic, entries("2"))

    assert sorted(values(await take(consumer, 2))) == ["1", "2"]


async def test_opening_again_keeps_everything(place: BusPlace, join: Join) -> None:
    first = await place.open()
    await first.publish(place.topic, entries("1", "2"))
    ends = await first.ends(place.topic)
    await first.close()

    second = await place.open()
    await second.publish(place.topic, entries("3"))
    consumer = await join(second, "readers", [place.topic])
    await from_beginning(consumer)

    assert max(ends.values()) == (0, 2)
    assert [(record.offset, record.value) for record in await take(consumer, 3)] == [(0, b"1"), (1, b"2"), (2, b"3")]


async def test_another_number_of_partitions_is_refused(place: BusPlace) -> None:
    await place.open()

    with pytest.raises(Permanent, match=rf"{PARTITIONS}\b.*partitions"):
        await place.open(partitions=PARTITIONS + 1)


async def test_a_record_is_found_again_by_its_place(bus: Bus, place: BusPlace) -> None:
    await bus.publish(place.topic, entries("1", "2", "3"))
    at = await only_partition(bus, place.topic)

    assert await bus.read(*at, 1) == Stored(at, 1, "a", b"2")
    with pytest.raises(Permanent, match="no record 3"):
        await bus.read(*at, 3)


async def test_what_is_published_in_turn_is_stored_in_turn(bus: Bus, place: BusPlace) -> None:
    first = asyncio.create_task(bus.publish(place.topic, entries("1", "2")))
    await asyncio.sleep(0)
    second = asyncio.create_task(bus.publish(place.topic, entries("3")))
    await asyncio.gather(first, second)
    at = await only_partition(bus, place.topic)

    stored = [await bus.read(*at, offset) for offset in range(3)]

    assert all(one.offset + 1 == two.offset for one, two in pairwise(stored))
    assert values(stored) == ["1", "2", "3"]

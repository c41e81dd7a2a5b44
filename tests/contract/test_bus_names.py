"""Several desks on one Kafka cluster: each has topics and groups of its own names; a real broker."""

from collections.abc import Awaitable, Callable

from aiokafka.admin import AIOKafkaAdminClient

from store.bus import Bus, Consumer, Entry, TopicPartition
from store.bus_kafka import KafkaBus
from store.bus_settings import BusSettings
from tests.contract.conftest import PARTITIONS, BusPlace
from tests.contract.test_bus import from_beginning, take, values

Join = Callable[[Bus, str, list[str]], Awaitable[Consumer]]


async def desk_on(kafka: str, place: BusPlace, desk: str) -> KafkaBus:
    bus = KafkaBus(kafka, BusSettings(partitions=PARTITIONS), desk=desk, topics=[place.topic])
    await bus.start()
    place.opened.append(bus)
    return bus


async def test_two_desks_on_one_cluster_do_not_see_each_other(kafka: str, kafka_place: BusPlace, join: Join) -> None:
    topic = kafka_place.topic
    for name in ("nordwind", "acme", ""):
        await (await desk_on(kafka, kafka_place, name)).publish(topic, [Entry("a", f"for {name}".encode())])

    for bus, name in zip(kafka_place.opened, ("nordwind", "acme", ""), strict=True):
        member = await join(bus, "readers", [topic])
        await from_beginning(member)  # All partitions are its own: the other desks' members are of other groups.
        (record,) = await take(member, 1)
        (place,) = [at for at, (first, after) in (await bus.ends(topic)).items() if after - first == 1]

        assert values([record]) == [f"for {name}"]
        assert record.at == place == TopicPartition(topic, place.partition)
        assert (await bus.read(topic, place.partition, 0)).value == record.value


async def test_a_named_desk_stands_before_its_topics_and_groups(kafka: str, kafka_place: BusPlace, join: Join) -> None:
    bus = await desk_on(kafka, kafka_place, "nordwind")
    await from_beginning(await join(bus, kafka_place.other_topic, [kafka_place.topic]))

    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    topics = await admin.list_topics()
    groups = [group for group, _ in await admin.list_consumer_groups()]
    await admin.close()

    assert f"nordwind.{kafka_place.topic}" in topics
    assert kafka_place.topic not in topics
    assert f"nordwind.{kafka_place.other_topic}" in groups
    assert kafka_place.other_topic not in groups

"""Makes the topics on a Kafka cluster, and refuses those that others made differently."""

import asyncio
from collections.abc import Mapping, Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import NoError, TopicAlreadyExistsError, for_code

from store.bus_settings import BusSettings
from store.durations import milliseconds
from store.errors import Permanent, Temporary

_COPIES = 3  # Of each record, where there are as many brokers: one may be lost while another one is restarted.
_PAUSE = 0.1  # Seconds between two looks at whether a new topic is known everywhere.


async def make_topics(servers: str, topics: Sequence[str], settings: BusSettings) -> None:
    """Create what is missing, and check the rest; raises Permanent where a topic has another number of partitions."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers, request_timeout_ms=milliseconds(settings.request_timeout))
    try:
        await admin.start()
        brokers = len((await admin.describe_cluster())["brokers"])
        copies = settings.replication or min(_COPIES, brokers)
        answer = await admin.create_topics([_new_topic(topic, copies, settings) for topic in topics])
        for topic, code, *words in answer.topic_errors:
            kind = for_code(code)
            if kind not in (NoError, TopicAlreadyExistsError):
                raise Temporary(
                    f"Kafka at {servers} did not create {topic}: {kind.__name__} {' '.join(map(str, words))}"
                )
        _check(servers, await _partitions(admin, topics), settings.partitions)
    finally:
        await admin.close()


def _new_topic(topic: str, copies: int, settings: BusSettings) -> NewTopic:
    wishes = {
        "retention.ms": str(milliseconds(settings.retention)),
        "cleanup.policy": "delete",
        "unclean.leader.election.enable": "false",  # A leader that lacks acknowledged records never takes over.
        "min.insync.replicas": str(max(1, copies - 1)),
    }
    return NewTopic(topic, settings.partitions, copies, topic_configs=wishes)


async def _partitions(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> Mapping[str, int]:
    """How many partitions each topic has, once the broker knows them all; the caller bounds the wait."""
    while True:
        found = {row["topic"]: len(row["partitions"]) for row in await admin.describe_topics(list(topics))}
        if all(found.get(topic) for topic in topics):
            return found
        await asyncio.sleep(_PAUSE)


def _check(servers: str, found: Mapping[str, int], wanted: int) -> None:
    wrong = [f"{topic} has {count}" for topic, count in found.items() if count != wanted]
    if wrong:
        raise Permanent(
            f"the topics at {servers} were made with another number of partitions than the settings' {wanted} "
            f"({', '.join(wrong)}): set `bus.partitions` to what is there, or read these topics to their end and "
            "start with new ones; adding partitions would move keys away from records that still wait"
        )

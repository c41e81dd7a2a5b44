"""How a desk's topics and groups are called on a Kafka cluster that it may share with other desks."""

import re
from typing import NamedTuple

from aiokafka import ConsumerRecord
from aiokafka import TopicPartition as KafkaPartition

from store.bus import Stored, TopicPartition

_SCHEME = "kafka://"
_SERVERS = re.compile(r"[^/,\s]+:[0-9]+(,[^/,\s]+:[0-9]+)*")
_DESK = re.compile(r"[A-Za-z0-9_-]{1,64}")  # Kafka's names take a dot as well; the one behind it is ours.


class KafkaNames(NamedTuple):
    """Translates between our names and those on the wire; nobody but the bus sees the latter."""

    desk: str = ""  # Stands before each name, with a dot; empty: the names are the same.

    def wire(self, name: str) -> str:
        """A topic or a group as the cluster knows it."""
        return f"{self.desk}.{name}" if self.desk else name

    def place(self, at: TopicPartition) -> KafkaPartition:
        """A partition as the cluster knows it."""
        return KafkaPartition(self.wire(at.topic), at.partition)

    def ours(self, place: KafkaPartition) -> TopicPartition:
        """A partition as we know it."""
        return TopicPartition(place.topic.removeprefix(self.wire("")), place.partition)

    def stored(self, record: ConsumerRecord) -> Stored:
        """The library's record as one of ours."""
        key = "" if record.key is None else record.key.decode(errors="replace")
        at = self.ours(KafkaPartition(record.topic, record.partition))
        return Stored(at, record.offset, key, record.value or b"")


class KafkaAddress(NamedTuple):
    """What a `kafka://` URL says."""

    servers: str  # "host:port,host:port"
    desk: str  # See `KafkaNames`.


def kafka_address(url: str) -> KafkaAddress:
    """The parts of "kafka://HOST:PORT,HOST:PORT/DESK", of which the last may be left out; raises ValueError."""
    servers, _, desk = url.removeprefix(_SCHEME).partition("/")
    if not _SERVERS.fullmatch(servers):
        raise ValueError(f'"{url}" names no brokers: write {_SCHEME}HOST:PORT,HOST:PORT')
    if desk and not _DESK.fullmatch(desk):
        raise ValueError(
            f'"{desk}" cannot stand before the names of topics: use at most 64 letters, digits, "-" and "_" after the '
            "brokers, or nothing"
        )
    return KafkaAddress(servers, desk)

"""What a `kafka://` URL says, and how names are translated."""

import pytest
from aiokafka import TopicPartition as KafkaPartition

from store.bus import TopicPartition
from store.kafka_names import KafkaNames, kafka_address


@pytest.mark.parametrize(
    ("url", "servers", "desk"),
    [
        ("kafka://broker:9092", "broker:9092", ""),
        ("kafka://broker:9092/", "broker:9092", ""),
        ("kafka://one:9092,10.0.0.2:9093", "one:9092,10.0.0.2:9093", ""),
        ("kafka://one:9092,two:9092/nordwind", "one:9092,two:9092", "nordwind"),
        ("kafka://[::1]:9092/nord-wind_2", "[::1]:9092", "nord-wind_2"),
    ],
)
def test_a_url_names_brokers_and_perhaps_a_desk(url: str, servers: str, desk: str) -> None:
    assert kafka_address(url) == (servers, desk)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("kafka://", "no brokers"),
        ("kafka:///nordwind", "no brokers"),
        ("kafka://broker", "no brokers"),
        ("kafka://broker:9092,", "no brokers"),
        ("kafka://broker:9092/nord.wind", "nord.wind"),
        ("kafka://broker:9092/nord/wind", "nord/wind"),
        ("kafka://broker:9092/północ", "północ"),
        ("kafka://broker:9092/" + "x" * 65, "64"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_with_what_is_wrong(url: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        kafka_address(url)


@pytest.mark.parametrize(("desk", "topic"), [("", "deskwire.raw"), ("nordwind", "nordwind.deskwire.raw")])
def test_names_are_translated_there_and_back(desk: str, topic: str) -> None:
    names, at = KafkaNames(desk), TopicPartition("deskwire.raw", 3)

    assert names.place(at) == KafkaPartition(topic, 3)
    assert names.ours(names.place(at)) == at


def test_a_desk_that_is_called_like_our_topics_is_translated_back_once() -> None:
    names = KafkaNames("deskwire")

    assert names.ours(names.place(TopicPartition("deskwire.raw", 0))).topic == "deskwire.raw"

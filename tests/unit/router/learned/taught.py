"""Made-up messages about a few topics, and a model of them."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime

from router.learned.learner import Example, learn
from router.learned.model import Model
from router.learned.pieces import pieces
from store.records import Address, Message
from tests.unit.router.given import message

KEY = b"of these tests"
DAY = datetime(2026, 11, 22, tzinfo=UTC)
TOPICS = {
    "access": ("password", "locked", "account", "login", "expired"),
    "network": ("vpn", "wifi", "cable", "slow", "router"),
    "billing": ("invoice", "refund", "charged", "payment", "receipt"),
}
FILLERS = ("please", "help", "since", "today", "my", "again", "the", "with", "still", "colleague")


def about(topic: str, number: int) -> Message:
    """Somebody writes about a topic in words drawn by lot, the same for the same number."""
    lot = random.Random(number)
    words = [*lot.sample(TOPICS[topic], 2), *lot.sample(FILLERS, 4)]
    lot.shuffle(words)
    writer = Address(kind="mail", value=f"person{number}@acme.example", name=f"Person {number}")
    return message(
        id=f"m{number}",
        raw=f"r{number}",
        external_id=f"<m{number}@acme.example>",
        sender=writer,
        subject=f"{' '.join(words[:3])} {number}",
        text=" ".join(words),
        fingerprint=f"f{number}",
        digest=f"d{number}",
    )


def examples(count: int, topics: Sequence[str] = tuple(TOPICS)) -> list[Example]:
    """So many, in turn about each topic."""
    several = [topics[number % len(topics)] for number in range(count)]
    return [Example(pieces(about(topic, number), KEY), topic) for number, topic in enumerate(several)]


def model(count: int = 150, topics: Sequence[str] = tuple(TOPICS)) -> Model:
    """A model of them."""
    return learn(examples(count, topics), DAY)

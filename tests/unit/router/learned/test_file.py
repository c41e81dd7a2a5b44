"""A model's file holds all of it, and one that is broken, foreign or newer is refused with what to do."""

import hashlib
from collections.abc import Callable

import msgspec
import pytest

from router.learned.file import MAGIC, VERSION, decoded, encoded
from router.learned.model import Model
from store.errors import Permanent
from tests.unit.router.learned.taught import KEY, TOPICS, about, model


@pytest.fixture(scope="module")
def learned() -> Model:
    return model()


def with_body(change: Callable[[dict[str, object]], object]) -> Callable[[bytes], bytes]:
    """A file whose digest is right, with something else in it."""

    def changed(content: bytes) -> bytes:
        body = msgspec.msgpack.decode(content[len(MAGIC) + 32 :])
        change(body)
        whole = msgspec.msgpack.encode(body)
        return MAGIC + hashlib.sha256(whole).digest() + whole

    return changed


@pytest.mark.parametrize("topic", TOPICS)
def test_a_model_that_was_read_says_the_same(learned: Model, topic: str) -> None:
    read = decoded(encoded(learned))

    assert read.guesses(about(topic, 500), KEY) == learned.guesses(about(topic, 500), KEY)
    assert read.head == learned.head


BROKEN: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "no model of Deskwire"),
    "foreign": (lambda _: b"\x80\x04\x95 a pickle", "no model of Deskwire"),
    "cut": (lambda content: content[:-100], "its digest does not fit"),
    "one bit": (lambda content: content[:-1] + bytes((content[-1] ^ 1,)), "its digest does not fit"),
    "head alone": (lambda _: MAGIC, "its digest does not fit"),
    "newer": (with_body(lambda body: body.update(version=VERSION + 1)), f"version {VERSION + 1}"),
    "older": (
        with_body(lambda body: body.update(version=VERSION - 1)),
        f"reads version {VERSION}: learn a new one",
    ),
    "without weights": (with_body(lambda body: body.pop("weights")), "does not hold what a model holds"),
    "too few weights": (with_body(lambda body: body.update(weights=b"\0\0")), "does not hold what a model holds"),
    "no numbers": (
        with_body(lambda body: body.update(weights=b"\xff\xff" * (len(body["weights"]) // 2))),  # type: ignore[arg-type]
        "a weight is no number",
    ),
    "other pieces": (with_body(lambda body: body.update(pieces={})), "stand for another number of pieces"),
    "one category": (
        with_body(lambda body: body["head"].update(categories=["access"])),  # type: ignore[attr-defined]
        "are no model",
    ),
    "not MessagePack": (
        lambda _: MAGIC + hashlib.sha256(b"\xc1").digest() + b"\xc1",
        "does not hold what a model holds",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_whole_model_is_refused_with_what_to_do(learned: Model, what: str) -> None:
    change, words = BROKEN[what]

    with pytest.raises(Permanent, match="deskwire learn") as refused:
        decoded(change(encoded(learned)))

    assert words in str(refused.value)

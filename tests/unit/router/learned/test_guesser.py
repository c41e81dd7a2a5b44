"""The router asks the model in the file, takes another one as soon as it is there, and works without any."""

from pathlib import Path

import pytest

from router.learned.file import encoded
from router.learned.guesser import Guesser, read_model
from router.learned.learner import Example, learn
from router.learned.pieces import pieces, sender_key
from store.errors import Permanent
from tests.unit.router.learned.taught import DAY, TOPICS, about

SECRET = b"what the desk signs with"


def file_of(*topics: str) -> bytes:
    several = [topics[number % len(topics)] for number in range(60)]
    key = sender_key(SECRET)
    return encoded(learn([Example(pieces(about(topic, n), key), topic) for n, topic in enumerate(several)], DAY))


async def told(guesser: Guesser) -> list[str]:
    found = await guesser.guesses([about("access", 800)], TOPICS)
    return [guess.category for several in found.values() for guess in several]


async def test_without_a_file_nothing_is_guessed(tmp_path: Path) -> None:
    assert await told(Guesser(tmp_path / "model", SECRET)) == []


async def test_a_file_that_comes_or_goes_later_is_noticed(tmp_path: Path) -> None:
    place = tmp_path / "model"
    guesser = Guesser(place, SECRET)
    assert await told(guesser) == []

    place.write_bytes(file_of(*TOPICS))
    first = await told(guesser)
    (tmp_path / "fresh").write_bytes(file_of("access", "network"))
    (tmp_path / "fresh").replace(place)
    second = await told(guesser)
    place.unlink()

    assert first[0] == second[0] == "access"
    assert (len(first), len(second)) == (3, 2)
    assert await told(guesser) == []


async def test_a_broken_file_is_no_model_until_it_is_replaced(tmp_path: Path) -> None:
    place = tmp_path / "model"
    place.write_bytes(b"something else")
    guesser = Guesser(place, SECRET)
    assert await told(guesser) == []

    place.write_bytes(file_of(*TOPICS))

    assert (await told(guesser))[0] == "access"


async def test_a_category_that_there_is_no_more_is_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(file_of(*TOPICS))

    found = await Guesser(tmp_path / "model", SECRET).guesses([about("access", 800)], ["network", "billing"])

    assert {guess.category for guess in found["m800"]} == {"network", "billing"}


def test_without_the_packages_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.learned.guesser.find_spec", lambda _: None)

    with pytest.raises(Permanent, match=r"pip install 'deskwire\[learn\]'"):
        read_model(tmp_path / "model")


def test_a_file_that_cannot_be_read_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="cannot be read"):
        read_model(tmp_path)

"""A model learned from real messages is right on later ones as often as the desk promises; few of them, to be quick."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from router.learned.learner import Example, learn
from router.learned.pieces import pieces
from tests.corpora.folder import corpora
from tests.corpora.learned import KEY, SETS
from tests.services import missing

FOLDER = corpora()


@pytest.fixture
def folder() -> Path:
    return FOLDER or missing("corpora", "name the folder of real messages in DESKWIRE_CORPORA")


# All of them take minutes: `python -m tests.corpora.learned`. Of a third as many fewer are right, hence these floors.
@pytest.mark.parametrize(("name", "floor"), [("ata_it_tickets", 0.62), ("banking77", 0.78)])
def test_what_was_learned_tells_later_messages(folder: Path, name: str, floor: float) -> None:
    early, late = SETS[name](folder)
    lessons = [Example(pieces(one.message, KEY), one.category) for one in early[-1_500:]]

    model = learn(lessons, datetime(2026, 11, 22, tzinfo=UTC))
    guesses = [model.guesses(one.message, KEY)[0] for one in late[:500]]

    right = [guess.category == one.category for guess, one in zip(guesses, late[:500], strict=True)]
    sure = [told for told, guess in zip(right, guesses, strict=True) if guess.confidence >= 0.8]
    assert sum(right) >= floor * len(right)
    assert sum(sure) >= 0.85 * len(sure) > 0  # It says 0.8 where it is right four times in five, or more often.

"""A model tells apart what it was taught, says how sure it is, and is the same for the same lessons."""

import numpy as np
import pytest

from router.learned.learner import learn
from router.learned.model import Model
from router.learned.scaling import scale_of
from router.learned.vocabulary import vocabulary_of
from tests.unit.router.given import message
from tests.unit.router.learned.taught import DAY, KEY, TOPICS, about, examples, model


@pytest.fixture(scope="module")
def learned() -> Model:
    return model()


@pytest.mark.parametrize("topic", TOPICS)
def test_a_new_message_about_a_known_topic_is_told(learned: Model, topic: str) -> None:
    first, *others = learned.guesses(about(topic, 10_000), KEY)

    assert first.category == topic
    assert first.confidence > 0.8
    assert len(others) == 2


def test_guesses_come_surest_first_and_share_one_certainty(learned: Model) -> None:
    for number in range(200, 230):
        sure = [guess.confidence for guess in learned.guesses(about("network", number), KEY)]

        assert sure == sorted(sure, reverse=True)
        assert 0 <= sum(sure) <= 1.001


def test_a_message_of_which_no_word_is_known_is_not_sure(learned: Model) -> None:
    strange = message(subject="", text="zzz qqq", language="xx", channel="other")

    assert learned.guesses(strange, KEY)[0].confidence < 0.8


def test_the_same_lessons_give_the_same_model(learned: Model) -> None:
    again = model()

    assert np.array_equal(again.weights, learned.weights)
    assert again.scale == learned.scale


def test_two_categories_are_enough() -> None:
    two = model(80, ("access", "network"))

    assert two.guesses(about("access", 900), KEY)[0].category == "access"
    assert two.guesses(about("network", 901), KEY)[0].category == "network"
    assert len(two.guesses(about("network", 901), KEY)) == 2


def test_lessons_that_stand_by_category_are_tried_all_the_same() -> None:
    by_category = sorted(examples(150), key=lambda one: one.category)

    assert learn(by_category, DAY).guesses(about("billing", 700), KEY)[0].confidence > 0.8


def test_what_is_taught_by_lot_is_never_sure() -> None:
    told = examples(150)
    wrong = [one._replace(category=told[(7 * n + n // 3) % 150].category) for n, one in enumerate(told)]

    sure = [learn(wrong, DAY).guesses(about("access", number), KEY)[0].confidence for number in (1_000, 1_001, 1_002)]

    assert max(sure) < 0.8


def test_only_so_many_pieces_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.learned.vocabulary.MOST_COLUMNS", 100)

    kept = vocabulary_of([one.pieces for one in examples(60)])

    assert 0 < len(kept.rarity) <= 100
    assert sum(map(len, kept.columns.values())) == len(kept.rarity)


def test_a_larger_lead_is_surer() -> None:
    scale = scale_of([0.1, 0.2, 0.9, 1.0, 1.1, 0.15], [False, False, True, True, True, True])

    assert scale.confidence(1.0) > scale.confidence(0.5) > scale.confidence(0.0)


def test_a_scale_that_larger_leads_would_turn_round_is_flat() -> None:
    scale = scale_of([0.1, 0.2, 0.9, 1.0] * 5, [True, True, False, False] * 5)

    assert scale.confidence(0.0) == scale.confidence(2.0)


def test_without_any_outcome_nothing_is_sure() -> None:
    assert scale_of([], []).confidence(100.0) < 0.5

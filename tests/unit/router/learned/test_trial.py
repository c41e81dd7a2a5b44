"""What a trial counts, with rules and a model that are right and wrong in turn."""

from router.learned.model import Trial
from router.learned.trial import Attempt, Confusion, beats_rules, confusions, trial_of
from store.records import Guess


def guess(category: str, confidence: float) -> tuple[Guess, ...]:
    return (Guess(category=category, confidence=confidence),)


ATTEMPTS = [
    Attempt("access", guess("access", 0.9), "access"),  # Both know it.
    Attempt("network", guess("network", 0.9), ""),  # Only the model does.
    Attempt("network", guess("access", 0.9), ""),  # The model is wrong and sure.
    Attempt("network", guess("access", 0.3), "network"),  # A rule goes before the model.
    Attempt("other", guess("access", 0.3), ""),  # The model is wrong and does not decide.
]


def test_the_figures_count_what_the_desk_would_have_done() -> None:
    trial = trial_of(ATTEMPTS, min_confidence=0.8, below="other", other="other")

    assert trial == Trial(tickets=5, accuracy=0.4, coverage=0.6, accuracy_covered=2 / 3, rules=0.6, both=0.8)
    assert beats_rules(trial)


def test_a_model_that_changes_nothing_does_not_beat_the_rules() -> None:
    assert not beats_rules(trial_of(ATTEMPTS, min_confidence=0.95, below="other", other="other"))


def test_of_no_attempts_there_are_no_figures() -> None:
    assert trial_of([], min_confidence=0.8, below="", other="") == Trial()
    assert not beats_rules(Trial())


def test_the_pair_that_is_confused_most_comes_first() -> None:
    assert confusions(ATTEMPTS, 1) == [Confusion("network", "access", 2)]
    assert len(confusions(ATTEMPTS, 10)) == 2

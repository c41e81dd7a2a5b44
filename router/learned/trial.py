"""How rules and a model do on tickets that the model has not seen: counts, and what is confused with what."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from router.learned.model import Trial
from store.records import Guess


class Attempt(NamedTuple):
    """A ticket, and what was told of it."""

    category: str  # That is right.
    guesses: tuple[Guess, ...]  # Of the model, the surest first; never empty.
    ruled: str  # The category by the rules; empty: none matches.


class Confusion(NamedTuple):
    """A category that the model holds for another one."""

    category: str
    held_for: str
    tickets: int


def both(attempt: Attempt, *, min_confidence: float, below: str) -> str:
    """The category that the desk would give: by rule, else by the model where it is sure enough."""
    best = attempt.guesses[0]
    return attempt.ruled or (best.category if best.confidence >= min_confidence else below)


def trial_of(attempts: Sequence[Attempt], *, min_confidence: float, below: str, other: str) -> Trial:
    """The figures of these attempts; of none at all they are 0. `other` is the category of what no rule matches."""
    count = len(attempts)
    if not count:
        return Trial()
    sure = [one for one in attempts if one.guesses[0].confidence >= min_confidence]
    right_both = sum(both(one, min_confidence=min_confidence, below=below) == one.category for one in attempts)
    return Trial(
        tickets=count,
        accuracy=_right(attempts) / count,
        coverage=len(sure) / count,
        accuracy_covered=_right(sure) / len(sure) if sure else 0.0,
        rules=sum((one.ruled or other) == one.category for one in attempts) / count,
        both=right_both / count,
    )


def beats_rules(trial: Trial) -> bool:
    """Whether the desk is right more often with the model than by its rules alone."""
    return trial.both > trial.rules


def confusions(attempts: Sequence[Attempt], most: int) -> list[Confusion]:
    """The pairs of categories that the first guess confuses most, at most so many; the largest first."""
    found = Counter(
        (one.category, one.guesses[0].category) for one in attempts if one.category != one.guesses[0].category
    )
    return [Confusion(category, held_for, tickets) for (category, held_for), tickets in found.most_common(most)]


def _right(attempts: Sequence[Attempt]) -> int:
    return sum(one.guesses[0].category == one.category for one in attempts)

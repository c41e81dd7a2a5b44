"""Learns from lessons, twice: from the older ones to see how that goes on the newer, then from all."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from console.learning.lessons import Lesson
from router.learned.file import encoded
from router.learned.learner import Example, learn
from router.learned.model import Head
from router.learned.pieces import pieces
from router.learned.trial import Attempt, Confusion, beats_rules, confusions, trial_of
from router.policy import Policy

OLDER = 0.8  # The share of the lessons that the model on trial knows.
MOST_CONFUSIONS = 8


class Taught(NamedTuple):
    """A model as its file, and how one did that knew only the older lessons."""

    file: bytes
    head: Head
    helps: bool  # The desk is right more often with it than by its rules alone.
    confusions: Sequence[Confusion]


def taught(lessons: Sequence[Lesson], policy: Policy, key: bytes, now: datetime) -> Taught:
    """The model of these lessons, the oldest first; there must be two categories. Takes seconds, and both its time."""
    examples = [Example(pieces(one.message, key), one.category) for one in lessons]
    cut = int(len(lessons) * OLDER)
    attempts = _attempts(lessons, examples, cut, now)
    trial = trial_of(
        attempts,
        min_confidence=policy.learned.min_confidence,
        below=policy.learned.below or policy.other,
        other=policy.other,
    )
    model = learn(examples, now)
    model = msgspec.structs.replace(model, head=msgspec.structs.replace(model.head, trial=trial))
    return Taught(encoded(model), model.head, beats_rules(trial), confusions(attempts, MOST_CONFUSIONS))


def _attempts(lessons: Sequence[Lesson], examples: Sequence[Example], cut: int, now: datetime) -> list[Attempt]:
    if len({one.category for one in lessons[:cut]}) < 2:  # noqa: PLR2004 (nothing could be told apart)
        return []
    model = learn(examples[:cut], now)
    return [
        Attempt(one.category, model.ranked(model.scores(model.vocabulary.vector(example.pieces))), one.ruled)
        for one, example in zip(lessons[cut:], examples[cut:], strict=True)
    ]

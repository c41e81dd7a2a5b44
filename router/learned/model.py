"""What a message is about, by a model that was learned: three guesses, each with how often such a guess is right."""

import math
from datetime import datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from router.learned.pieces import pieces
from router.learned.vocabulary import Vector, Vocabulary
from store.records import Guess, Message

MOST_GUESSES = 3


class Trial(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a model did on later tickets that it had not seen."""

    tickets: int = 0
    accuracy: float = 0.0  # Of the first guess, on all of them.
    coverage: float = 0.0  # The share of them where it was sure enough ...
    accuracy_covered: float = 0.0  # ... and how many of those were right.
    rules: float = 0.0  # Accuracy of the rules of that day, on the same tickets.
    both: float = 0.0  # Of the rules, and of the model where none matches.


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a model."""

    learned_at: datetime
    tickets: int  # That it was learned from.
    categories: tuple[str, ...]
    trial: Trial = Trial()


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """Turns a lead over the second category into how often such a lead is right (Platt 1999)."""

    slope: float
    offset: float

    def confidence(self, lead: float) -> float:
        """From 0 to 1."""
        return 1 / (1 + math.exp(-min(max(self.slope * lead + self.offset, -30.0), 30.0)))


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A linear model: a row of weights for each column of its vocabulary, a column for each category."""

    head: Head
    vocabulary: Vocabulary
    weights: NDArray[np.float16]
    offsets: NDArray[np.float32]
    scale: Scale

    def scores(self, vector: Vector) -> NDArray[np.float32]:
        """How well each category fits; what they add up to means nothing."""
        chosen: NDArray[np.float32] = self.weights[vector.columns].astype(np.float32)
        return vector.values @ chosen + self.offsets

    def guesses(self, message: Message, key: bytes) -> tuple[Guess, ...]:
        """The best three, the surest first; `key` is what senders were made digests with when it was learned."""
        return self.ranked(self.scores(self.vocabulary.vector(pieces(message, key))))

    def ranked(self, scores: NDArray[np.float32]) -> tuple[Guess, ...]:
        """The best three of these scores. What the first leaves is shared among the others by how well they fit."""
        order = np.argsort(-scores, kind="stable")
        first = self.scale.confidence(float(scores[order[0]] - scores[order[1]]))
        others = np.exp(self.scale.slope * (scores[order[1:]] - scores[order[1]]))
        shares = (1 - first) * others / others.sum()
        confidences = [first, *(min(first, float(share)) for share in shares[: MOST_GUESSES - 1])]
        return tuple(
            Guess(category=self.head.categories[at], confidence=round(confidence, 4))
            for at, confidence in zip(order[:MOST_GUESSES], confidences, strict=False)
        )

"""Learns a model from messages whose category is known; needs the packages of the extra `learn`."""

import warnings
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from router.learned.model import Head, Model, Scale
from router.learned.pieces import Pieces
from router.learned.scaling import scale_of
from router.learned.vocabulary import Vector, Vocabulary, vocabulary_of

COST = 1.5  # Of a message on the wrong side; half and double of it do worse on later tickets.
TOLERANCE = 0.1  # A thousand times finer takes five times as long and tells no more of them right.
STRIDE = 5  # Where time says nothing, each fifth message is kept apart.
SEEN = 0.9  # Of the later messages must be of categories that the earlier ones had, else time says nothing.
FOLDS = ((0.6, 0.8), (0.8, 1.0))  # Learned up to the first share of the messages, tried up to the second.


class Example(NamedTuple):
    """A message whose category is known."""

    pieces: Pieces
    category: str


class Lead(NamedTuple):
    """How far ahead the best category was of the second, and whether it was right."""

    lead: float
    right: bool


def learn(examples: Sequence[Example], learned_at: datetime) -> Model:
    """A model of these examples, the oldest first; the same ones give the same model.

    There must be two categories at least. How sure it is was found out on examples that it had not seen yet.
    """
    leads = [lead for early, late in _folds(examples) for lead in _tried(early, late)]
    fitted = _fitted(examples, Scale(slope=1.0, offset=0.0), learned_at)
    return msgspec.structs.replace(fitted, scale=scale_of([one.lead for one in leads], [one.right for one in leads]))


def _folds(examples: Sequence[Example]) -> Iterator[tuple[Sequence[Example], Sequence[Example]]]:
    count = len(examples)
    cuts = [(examples[: int(count * known)], examples[int(count * known) : int(count * end)]) for known, end in FOLDS]
    if all(_is_seen(early, late) for early, late in cuts):
        yield from cuts
        return
    for start in (0, STRIDE // 2):
        kept = set(range(start, count, STRIDE))
        yield [one for n, one in enumerate(examples) if n not in kept], [examples[n] for n in sorted(kept)]


def _is_seen(early: Sequence[Example], late: Sequence[Example]) -> bool:
    known = {one.category for one in early}
    return len(known) > 1 and sum(one.category in known for one in late) >= SEEN * len(late)


def _tried(early: Sequence[Example], late: Sequence[Example]) -> Iterator[Lead]:
    if len({one.category for one in early}) < 2:  # noqa: PLR2004 (nothing to tell apart)
        return
    model = _fitted(early, Scale(slope=1.0, offset=0.0), datetime.min)  # noqa: DTZ901 (it is never shown)
    for one in late:
        scores = model.scores(model.vocabulary.vector(one.pieces))
        second, first = np.argsort(scores, kind="stable")[-2:]
        yield Lead(float(scores[first] - scores[second]), model.head.categories[first] == one.category)


def _fitted(examples: Sequence[Example], scale: Scale, learned_at: datetime) -> Model:
    vocabulary = vocabulary_of([one.pieces for one in examples])
    categories = tuple(sorted({one.category for one in examples}))
    numbers = {category: number for number, category in enumerate(categories)}
    rows = _rows([vocabulary.vector(one.pieces) for one in examples], vocabulary)
    weights, offsets = _weights(rows, [numbers[one.category] for one in examples], len(categories))
    return Model(
        head=Head(learned_at=learned_at, tickets=len(examples), categories=categories),
        vocabulary=vocabulary,
        weights=weights,
        offsets=offsets,
        scale=scale,
    )


def _rows(vectors: Sequence[Vector], vocabulary: Vocabulary) -> csr_matrix:
    ends = np.cumsum([0, *(len(vector.columns) for vector in vectors)])
    values = np.concatenate([vector.values for vector in vectors]).astype(np.float64)
    columns = np.concatenate([vector.columns for vector in vectors])
    return csr_matrix((values, columns, ends), shape=(len(vectors), len(vocabulary.rarity)))


def _weights(
    rows: csr_matrix, numbers: Sequence[int], categories: int
) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
    """A support vector machine over all categories at once (Crammer, Singer 2001)."""
    machine = LinearSVC(C=COST, multi_class="crammer_singer", tol=TOLERANCE, max_iter=300, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It was not run to its end, which it need not be.
        machine.fit(rows, numbers)
    weights: NDArray[np.float64] = np.asarray(machine.coef_)
    offsets: NDArray[np.float64] = np.asarray(machine.intercept_)
    if len(weights) < categories:  # Of two categories it gives one row: how far the second is ahead of the first.
        weights, offsets = np.vstack([-weights, weights]) / 2, np.concatenate([-offsets, offsets]) / 2
    return np.ascontiguousarray(weights.T).astype(np.float16), offsets.astype(np.float32)

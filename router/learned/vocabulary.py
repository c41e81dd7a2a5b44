"""Which pieces count and how much: turns the pieces of a message into columns and values of a vector."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from router.learned.pieces import KINDS, Pieces

MOST_COLUMNS = 150_000  # With 100 categories the file has 30 MB then.


class Vector(NamedTuple):
    """What stands in some columns of a row; the others are 0. Its length is 1, or 0 where nothing is known of it."""

    columns: NDArray[np.int32]
    values: NDArray[np.float32]


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """The pieces that are known, by kind, each with its column."""

    columns: Mapping[str, Mapping[str, int]]
    rarity: NDArray[np.float32]  # By column: the rarer a piece, the more it says.

    def vector(self, pieces: Pieces) -> Vector:
        """The message as numbers: each kind has its weight, however many pieces it has."""
        columns, values = [], []
        for kind in KINDS:
            known = self.columns[kind.name]
            found = [(known[piece], times) for piece, times in pieces[kind.name].items() if piece in known]
            if found:
                pairs = np.array(found, dtype=np.int32)
                at, times = pairs[:, 0], pairs[:, 1].astype(np.float32)
                weighed = (1 + np.log(times)) * self.rarity[at]
                columns.append(at)
                values.append((weighed * (kind.weight / np.linalg.norm(weighed))).astype(np.float32))
        if not columns:
            return Vector(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))
        whole = np.concatenate(values)
        return Vector(np.concatenate(columns), whole / np.linalg.norm(whole))


def vocabulary_of(several: Sequence[Pieces]) -> Vocabulary:
    """The vocabulary of these messages, at most MOST_COLUMNS pieces: those that stand in the most of them."""
    columns: dict[str, dict[str, int]] = {}
    rarity: list[float] = []
    kept = _kept(several)
    for kind in KINDS:
        columns[kind.name] = {}
        for piece, messages in kept[kind.name]:
            columns[kind.name][piece] = len(rarity)
            rarity.append(math.log((1 + len(several)) / (1 + messages)) + 1)  # Smoothed idf (Salton, Buckley 1988).
    return Vocabulary(columns=columns, rarity=np.array(rarity, dtype=np.float32))


def _kept(several: Sequence[Pieces]) -> Mapping[str, list[tuple[str, int]]]:
    found = {kind.name: _often_enough((one[kind.name] for one in several), kind.rarest) for kind in KINDS}
    counts = sorted((times for pieces in found.values() for _, times in pieces), reverse=True)
    if len(counts) <= MOST_COLUMNS:
        return found
    least = counts[MOST_COLUMNS]
    return {name: [pair for pair in pieces if pair[1] > least] for name, pieces in found.items()}


def _often_enough(several: Iterable[Counter[str]], rarest: int) -> list[tuple[str, int]]:
    seen: Counter[str] = Counter()
    for pieces in several:
        seen.update(pieces.keys())
    return [(piece, times) for piece, times in seen.items() if times >= rarest]

"""Learns from real tickets beside a plain baseline: `python -m tests.corpora.learned [SET ...] [--tune] [--again N]`.

The baseline is what anybody would try first: TF-IDF of words and of parts of words, and a logistic regression over it.
"""

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_union

from ingest.channels.mail.mojibake import mended
from normalize.language import tell_language
from router.learned.file import encoded
from router.learned.learner import Example, learn
from router.learned.pieces import pieces
from store.records import Address, Message, Proof
from tests.corpora.folder import corpora

SEED = 20_261_122
DRAWS = 2_000  # Of the bootstrap.
COVERAGES = (1.0, 0.85, 0.5)
KEY = bytes(32)  # Senders are digests here too.

_RECEIVED = re.compile(r"^\s*received from: *+\S++", re.IGNORECASE)


class Row(msgspec.Struct):
    """A line of a set."""

    name: str
    text: str
    expected: dict[str, str | int]


class Known(NamedTuple):
    """A message whose category is known."""

    text: str  # As it stands in the set: what the baseline gets.
    message: Message
    category: str


class Told(NamedTuple):
    """What was told of the later messages, in their order."""

    right: NDArray[np.bool_]
    sure: NDArray[np.float64]  # The surer, the larger.
    categories: Sequence[str]
    seconds: float  # Of a processor, for learning: what else runs on this machine does not count.


def message(number: int, *, subject: str, text: str, caller: str = "", channel: str) -> Message:
    """A message as normalize would give it."""
    plain = Message(
        id=str(number),
        raw=str(number),
        channel=channel,
        sender=Address(kind="caller", value=caller.lower(), name=caller),
        proof=Proof.CLAIMED,
        subject=mended(subject).strip(),
        text=mended(text).strip(),
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
        fingerprint=str(number),
    )
    return tell_language(plain)


def tickets(folder: Path) -> tuple[list[Known], list[Known]]:
    """Real tickets in the order of their rows: the first four fifths, and the rest. A mail says whom it is from."""
    known = []
    for row in sorted(rows(folder / "ata_it_tickets.jsonl"), key=lambda row: int(row.expected["row"])):
        text = str(row.expected["text"])
        channel = "mail" if _RECEIVED.match(text) else "telephone"
        told = message(
            len(known),
            subject=str(row.expected["subject"]),
            text=_RECEIVED.sub("", text),
            caller=str(row.expected["caller"]),
            channel=channel,
        )
        known.append(Known(row.text, told, str(row.expected["category"])))
    return known[: len(known) * 4 // 5], known[len(known) * 4 // 5 :]


def sentences(folder: Path) -> tuple[list[Known], list[Known]]:
    """Single sentences to a bank, split as their source splits them.

    They have no senders. They stand by category, which no desk's messages do, so the earlier ones are shuffled.
    """
    parts: dict[str, list[Known]] = {"train": [], "test": []}
    for number, row in enumerate(rows(folder / "banking77.jsonl")):
        told = message(number, subject="", text=row.text, channel="chat")
        parts[str(row.expected["source_split"])].append(Known(row.text, told, str(row.expected["intent"])))
    np.random.default_rng(SEED).shuffle(parts["train"])
    return parts["train"], parts["test"]


SETS: Mapping[str, Callable[[Path], tuple[list[Known], list[Known]]]] = {
    "ata_it_tickets": tickets,
    "banking77": sentences,
}


def rows(path: Path) -> list[Row]:
    """All lines of a set."""
    return [msgspec.json.decode(line, type=Row) for line in path.read_bytes().splitlines()]


def for_tuning(early: Sequence[Known]) -> tuple[Sequence[Known], Sequence[Known]]:
    """A split of the earlier messages alone, in the same way: what is chosen by trying is chosen here."""
    return early[: len(early) * 4 // 5], early[len(early) * 4 // 5 :]


def baseline(early: Sequence[Known], late: Sequence[Known]) -> Told:
    """What a plain model tells."""
    begun = time.process_time()
    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
    )
    model = LogisticRegression(C=10, max_iter=200)
    model.fit(features.fit_transform([one.text for one in early]), [one.category for one in early])
    seconds = time.process_time() - begun
    shares = model.predict_proba(features.transform([one.text for one in late]))
    categories = [str(model.classes_[at]) for at in shares.argmax(axis=1)]
    return Told(_right(late, categories), shares.max(axis=1), categories, seconds)


def ours(early: Sequence[Known], late: Sequence[Known]) -> Told:
    """What a model tells that `deskwire learn` would make of the earlier ones."""
    begun = time.process_time()
    model = learn([Example(pieces(one.message, KEY), one.category) for one in early], datetime.now(UTC))
    seconds = time.process_time() - begun
    guesses = [model.guesses(one.message, KEY)[0] for one in late]
    categories = [guess.category for guess in guesses]
    return Told(_right(late, categories), np.array([guess.confidence for guess in guesses]), categories, seconds)


def ours_again(early: Sequence[Known], late: Sequence[Known], every: int) -> Told:
    """The same, learned again after each so many of the later ones: what a desk gets that learns each night."""
    parts = [ours([*early, *late[:start]], late[start : start + every]) for start in range(0, len(late), every)]
    return Told(
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.sure for part in parts]),
        [category for part in parts for category in part.categories],
        max(part.seconds for part in parts),
    )


def _right(late: Sequence[Known], categories: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([one.category == category for one, category in zip(late, categories, strict=True)])


def accuracy(told: Told, coverage: float, drawn: NDArray[np.intp] | None = None) -> float:
    """Of the surest ones that make up this share."""
    right, sure = (told.right, told.sure) if drawn is None else (told.right[drawn], told.sure[drawn])
    surest = np.argsort(-sure, kind="stable")[: round(len(right) * coverage)]
    return float(right[surest].mean())


def interval(first: Told, second: Told, coverage: float) -> tuple[float, float]:
    """Between what, in 95 of 100 draws of the same messages, the second is better than the first (bootstrap)."""
    draw = np.random.default_rng(SEED)
    count = len(first.right)
    gains = []
    for _ in range(DRAWS):
        drawn = draw.integers(0, count, count)
        gains.append(accuracy(second, coverage, drawn) - accuracy(first, coverage, drawn))
    low, high = np.percentile(gains, [2.5, 97.5])
    return float(low), float(high)


def compare(name: str, early: Sequence[Known], late: Sequence[Known], again: int) -> None:
    """Print how both do on the later messages."""
    print(f"{name}: learned from {len(early)}, tried on {len(late)}")
    plain, model = baseline(early, late), ours(early, late)
    _print("baseline", plain)
    _print("deskwire", model)
    for coverage in COVERAGES:
        low, high = interval(plain, model, coverage)
        gain = accuracy(model, coverage) - accuracy(plain, coverage)
        print(f"  better by {gain:+.4f} at {coverage:.2f}, in 95 of 100 draws from {low:+.4f} to {high:+.4f}")
    sure = model.sure >= 0.8
    print(f"  sure by 0.80 of {sure.mean():.3f}, and right in {model.right[sure].mean():.3f} of them")
    wrong = Counter(
        (one.category, category)
        for one, category, right in zip(late, model.categories, model.right, strict=True)
        if not right
    )
    print(f"  confused most: {', '.join(f'{a} taken for {b} {n}' for (a, b), n in wrong.most_common(8))}")
    if again:
        nightly = ours_again(early, late, again)
        _print(f"each {again}", nightly)
        print("  better than the baseline from {:+.4f} to {:+.4f} at 0.85".format(*interval(plain, nightly, 0.85)))


def _print(what: str, told: Told) -> None:
    figures = "  ".join(f"{coverage:.2f}: {accuracy(told, coverage):.4f}" for coverage in COVERAGES)
    print(f"  {what:10} {figures}  learned in {told.seconds:.1f} s", flush=True)


def measure(early: Sequence[Known], late: Sequence[Known]) -> None:
    """Print what a model costs: its file, and one guess."""
    model = learn([Example(pieces(one.message, KEY), one.category) for one in early], datetime.now(UTC))
    spent = []
    for one in late:
        begun = time.perf_counter()
        model.guesses(one.message, KEY)
        spent.append(time.perf_counter() - begun)
    median, most = (float(np.percentile(spent, share)) * 1e3 for share in (50, 99))
    print(f"  a guess takes {median:.2f} ms, and {most:.2f} ms at most for 99 in 100")
    size, (columns, categories) = len(encoded(model)) / 1e6, model.weights.shape
    print(f"  its file has {size:.1f} MB: {columns} pieces, {categories} categories")


def main(arguments: Sequence[str]) -> int:
    """Compare both on each set; returns 1 where there are none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", choices=[*SETS, []], help="both if none is named")
    parser.add_argument("--tune", action="store_true", help="on a split of the earlier messages alone")
    parser.add_argument("--again", type=int, default=0, help="learn again after so many messages as well")
    asked = parser.parse_args(arguments)
    folder = corpora()
    if folder is None:
        print("there are no corpora: name their folder in DESKWIRE_CORPORA")
        return 1
    for name in asked.sets or SETS:
        early, late = SETS[name](folder)
        if asked.tune:
            early, late = for_tuning(early)
        compare(name, early, late, asked.again)
        measure(early, late)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

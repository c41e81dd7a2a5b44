"""Judges what is held to be sent twice: `python -m tests.corpora.likeness [-v]`.

Of `gitbugs.jsonl` each two reports that its people call duplicates are to be found, and no others. The file has
hundreds of thousands of pairs of one project that nobody calls so, among them template twins and duplicates that nobody
has labelled; that is not how a desk meets messages, so precision is told for a drawing of them: so many others for each
duplicate. Half of the clusters are for tuning, by a digest of their name; the other half is only looked at.
"""

import argparse
import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import msgspec

from router.sameness.likeness import ALIKE, Sketch, likeness, sketch_of
from tests.corpora.folder import corpora
from tests.corpora.made_up import MESSAGES, pairs

FILE = "gitbugs.jsonl"
RATIOS = (1, 10, 20)  # Other pairs for each pair of duplicates.
_SHARED = 2  # Words that two reports must share to be compared: what shares one is never alike.


class Told(msgspec.Struct, frozen=True):
    """What is said about a report."""

    subject: str | None
    text: str | None
    cluster: str


class Line(msgspec.Struct, frozen=True):
    """A line of the file."""

    name: str  # "gitbugs/PROJECT/NUMBER".
    expected: Told

    @property
    def project(self) -> str:
        return self.name.split("/")[1]

    @property
    def is_unseen(self) -> bool:
        """Whether it is in the half that nothing was tuned on."""
        return bool(hashlib.sha256(self.expected.cluster.encode()).digest()[0] & 1)


class Figures(msgspec.Struct, kw_only=True):
    """How right a judgement is over pairs."""

    same: int = 0  # Pairs that are duplicates.
    found: int = 0  # Of which were found.
    others: int = 0  # Pairs that are none.
    wrong: int = 0  # Of which were found all the same.
    shown: list[str] = msgspec.field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found / self.same if self.same else 1.0

    def precision(self, ratio: float) -> float:
        """Where there are `ratio` other pairs for each pair of duplicates, as is expected of a drawing."""
        if not self.found:
            return 0.0
        false = self.wrong * ratio * self.same / self.others if self.others else 0.0
        return self.found / (self.found + false)


class _Report(NamedTuple):
    line: Line
    sketch: Sketch


def of_duplicates(folder: Path, *, unseen: bool) -> Figures:
    """How right it is about one half of the labelled duplicates."""
    lines = msgspec.json.decode(b"[" + b",".join((folder / FILE).read_bytes().splitlines()) + b"]", type=list[Line])
    projects: defaultdict[str, list[_Report]] = defaultdict(list)
    for line in lines:
        if line.is_unseen is unseen:
            sketch = sketch_of(line.expected.subject or "", line.expected.text or "")
            projects[line.project].append(_Report(line, sketch))
    figures = Figures()
    for reports in projects.values():
        _judge(reports, figures)
    return figures


def _judge(reports: Sequence[_Report], figures: Figures) -> None:
    """Each report against every other one of its project."""
    clusters: defaultdict[str, int] = defaultdict(int)
    for report in reports:
        clusters[report.line.expected.cluster] += 1
    same = sum(size * (size - 1) // 2 for size in clusters.values())
    figures.same += same
    figures.others += len(reports) * (len(reports) - 1) // 2 - same
    for one, other in _sharing(reports):
        alike = likeness(one.sketch, other.sketch)
        is_same = one.line.expected.cluster == other.line.expected.cluster
        if alike >= ALIKE:
            figures.found += is_same
            figures.wrong += not is_same
        if is_same is not (alike >= ALIKE):
            titles = f"{one.line.expected.subject} | {other.line.expected.subject}"
            figures.shown.append(f"{'missed' if is_same else 'wrong'} {alike:.2f} {titles}")


def _sharing(reports: Sequence[_Report]) -> Iterator[tuple[_Report, _Report]]:
    words = [frozenset(report.sketch.words) for report in reports]
    for one, other in combinations(range(len(reports)), 2):
        if len(words[one] & words[other]) >= _SHARED:
            yield reports[one], reports[other]


def of_made_up(languages: Sequence[str] = tuple(MESSAGES), seed: int = 1) -> Figures:
    """How right it is about messages of our own in these languages, changed as people change them."""
    figures = Figures()
    for pair in pairs(languages, seed):
        alike = likeness(sketch_of(*pair.one), sketch_of(*pair.other)) >= ALIKE
        figures.same += pair.is_same
        figures.others += not pair.is_same
        figures.found += alike and pair.is_same
        figures.wrong += alike and not pair.is_same
        if alike is not pair.is_same:
            figures.shown.append(f"{'missed' if pair.is_same else 'wrong'} {pair.name}: {pair.other.text!r}")
    return figures


def main(arguments: Sequence[str]) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-v", "--verbose", action="store_true", help="each pair that is judged wrong")
    asked = parser.parse_args(arguments)
    for language in MESSAGES:
        _print(f"made up, {language}", of_made_up([language]), verbose=asked.verbose)
    folder = corpora()
    if folder is None or not (folder / FILE).is_file():
        print(f"there is no {FILE}: name its folder in DESKWIRE_CORPORA")
        return 1
    for half, unseen in (("tuned half", False), ("unseen half", True)):
        _print(f"gitbugs, {half}", of_duplicates(folder, unseen=unseen), verbose=asked.verbose)
    return 0


def _print(name: str, figures: Figures, *, verbose: bool) -> None:
    at = "  ".join(f"1:{ratio} {figures.precision(ratio):.3f}" for ratio in RATIOS)
    every = figures.precision(figures.others / figures.same) if figures.same else 1.0
    counts = f"found {figures.found} of {figures.same}, wrong {figures.wrong} of {figures.others}"
    print(f"{name:22} recall {figures.recall:.2f}  precision {at}  all {every:.3f}  ({counts})")
    for line in figures.shown if verbose else ():
        print(f"    {line}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

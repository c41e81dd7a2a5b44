"""Scores the desk's reading of the real inputs: `python -m tests.corpora.score [SET ...] [-v] [--record]`."""

import argparse
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.corpora.excused import EXCUSED
from tests.corpora.figures import FIGURES
from tests.corpora.folder import Case, cases, corpora, is_in_doubt, sets
from tests.corpora.reading import read

_OF_PARTS = frozenset({"text", "attachments"})  # What is said of a mail's parts.
FLOORS = Path(__file__).with_name("floors.json")


class Tally(msgspec.Struct, kw_only=True):
    """One figure over a set."""

    right: int = 0
    wrong: dict[str, str] = {}  # By file: what was expected and what came.
    excused: dict[str, str] = {}  # By file: why the source is not right.

    @property
    def share(self) -> float:
        """Of what counts; 1.0 where nothing does."""
        counted = self.right + len(self.wrong)
        return self.right / counted if counted else 1.0


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    """What was reached already."""

    files: int  # That the set had.
    right: dict[str, int]


def score(folder: Path, name: str) -> dict[str, Tally]:
    """Each figure of a set that its sources say anything about."""
    tallies: dict[str, Tally] = {}
    for case in cases(folder, name):
        for figure, wrong in _judged(name, case).items():
            tally = tallies.setdefault(figure, Tally(wrong={}, excused={}))
            why = EXCUSED.get((name, case.name, figure), "")
            if not wrong:
                tally.right += 1
            elif why:
                tally.excused[case.name] = why
            else:
                tally.wrong[case.name] = wrong
    return tallies


def _judged(name: str, case: Case) -> dict[str, str]:
    """What is wrong by figure, "" where it is right; a figure that nothing is said about is missing."""
    try:
        reading = read(name, case)
    except Exception:  # noqa: BLE001 (whatever it is, it is a mail that the desk could not read)
        return {"read": traceback.format_exc(limit=-2)}
    judged = {figure: judge(reading, case.expected) for figure, judge in FIGURES.items()}
    quirky = case.expected.quirk
    silent = _OF_PARTS if is_in_doubt(case.expected) else frozenset()
    return {
        figure: wrong
        for figure, wrong in judged.items()
        if wrong is not None and figure not in silent and not (quirky and figure not in ("read", "ordinary"))
    }


def floors() -> dict[str, Floor]:
    """What each set reached when it was last recorded."""
    return msgspec.json.decode(FLOORS.read_bytes(), type=dict[str, Floor]) if FLOORS.is_file() else {}


def main(arguments: Sequence[str]) -> int:
    """Print the table; returns 1 where there is nothing to score."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", help="all if none is named")
    parser.add_argument("-v", "--verbose", action="store_true", help="each wrong case")
    parser.add_argument("--record", action="store_true", help="keep what was reached as the floor")
    asked = parser.parse_args(arguments)
    folder = corpora()
    if folder is None:
        print("there are no corpora: name their folder in DESKWIRE_CORPORA")
        return 1
    recorded = floors()
    for name in asked.sets or sets(folder):
        tallies = score(folder, name)
        files = tallies["read"].right + len(tallies["read"].wrong)
        recorded[name] = Floor(files=files, right={figure: tally.right for figure, tally in tallies.items()})
        for figure, tally in tallies.items():
            _print(name, figure, tally, verbose=asked.verbose)
    if asked.record:
        FLOORS.write_bytes(msgspec.json.format(msgspec.json.encode(recorded, order="sorted"), indent=1) + b"\n")
    return 0


def _print(name: str, figure: str, tally: Tally, *, verbose: bool) -> None:
    counts = f"{tally.right:4} right {len(tally.wrong):4} wrong {len(tally.excused):3} excused {tally.share:7.1%}"
    print(f"{name:24} {figure:12} {counts}")
    for file, why in tally.excused.items():
        print(f"    excused {file}: {why}")
    if verbose:
        for file, wrong in tally.wrong.items():
            print(f"    {file}\n      {wrong}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

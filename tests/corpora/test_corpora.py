"""The desk reads the mails of other projects' test suites at least as right as it did, and as it promises to."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.corpora import score
from tests.corpora.excused import EXCUSED
from tests.corpora.folder import corpora, sets
from tests.services import missing

FOLDER = corpora()

# The least share of each figure that is asked for, whatever files of such a set are scored.
PROMISED: Mapping[str, Mapping[str, float]] = {
    "zammad_mail": {"subject": 1.0, "from": 1.0, "to": 1.0, "text": 0.97, "attachments": 0.98},
    "stalwart_mail_parser": {"subject": 1.0, "from": 1.0, "text": 0.97, "attachments": 0.97},
    "zbateson_mime": {"subject": 1.0, "from": 1.0, "text": 0.97, "attachments": 0.97},
    "flufl_bounce": {"kind": 0.99, "failed": 0.95},
    "sisimai_bounces": {"kind": 0.99},
    "discourse_reply_trimmer": {"reply": 0.95},
    "crisp_reply_parser": {"reply": 0.92},
    "talon": {"reply": 0.92},
    "github_reply_parser": {"reply": 0.92},
    "discourse_emails": {"reply": 0.92},
    "mimekit_tnef": {"attachments": 1.0},
}
EVERYWHERE = {"read": 1.0, "ordinary": 1.0}
MOST_EXCUSED = 0.02  # Of a set's files, for each figure; one file of a small set.


def promised(name: str) -> Mapping[str, float]:
    return {**EVERYWHERE, **PROMISED.get(name, {})}


@pytest.fixture
def folder() -> Path:
    return FOLDER or missing("corpora", "name the folder of real mails in DESKWIRE_CORPORA")


@pytest.mark.parametrize("name", sets(FOLDER) if FOLDER is not None else ["any"])
def test_no_figure_of_a_set_falls(folder: Path, name: str) -> None:
    tallies = score.score(folder, name)
    files = tallies["read"].right + len(tallies["read"].wrong)
    floor = score.floors().get(name)
    reached = floor.right if floor is not None and floor.files == files else {}

    fallen = [
        f"{figure}: {tally.right} right, {tally.share:.1%}\n{tally.wrong}"
        for figure, tally in tallies.items()
        if tally.share < promised(name).get(figure, 0) or tally.right < reached.get(figure, 0)
    ]
    assert not fallen, "\n".join(fallen)


@pytest.mark.parametrize("name", sorted({name for name, _, _ in EXCUSED}))
def test_few_files_of_a_set_are_excused(folder: Path, name: str) -> None:
    files = len(list((folder / name).glob("*.eml")))
    for figure in {figure for found, _, figure in EXCUSED if found == name}:
        excused = [file for found, file, what in EXCUSED if (found, what) == (name, figure)]
        assert len(excused) <= max(1, MOST_EXCUSED * files), f"{figure} of {name}: {excused}"

"""What is sent twice is found at least as often as it was, and hardly anything else is taken for it."""

from pathlib import Path

import pytest

from tests.corpora import likeness
from tests.corpora.folder import corpora
from tests.services import missing

LEAST_PRECISION = 0.98


@pytest.fixture
def folder() -> Path:
    found = corpora()
    if found is None or not (found / likeness.FILE).is_file():
        return missing("corpora", "name the folder that has gitbugs.jsonl in DESKWIRE_CORPORA")
    return found


@pytest.mark.parametrize("language", ["en", "pl", "ru", "fa"])
def test_a_message_that_was_changed_a_little_is_known_again(language: str) -> None:
    figures = likeness.of_made_up([language])

    assert figures.recall >= 0.85, figures.shown
    assert figures.wrong == 0, figures.shown


def test_labelled_duplicates_of_real_reports_are_found(folder: Path) -> None:
    figures = likeness.of_duplicates(folder, unseen=True)

    assert figures.recall >= 0.3
    assert figures.precision(10) >= LEAST_PRECISION

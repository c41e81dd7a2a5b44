"""What the scene and its cast promise to hold."""

from importlib import resources

import pytest

from console.demo.cast import LANGUAGES, PEOPLE, TEAMS, team
from console.demo.scene import SCENE, Written
from console.demo.verify import ACKNOWLEDGED
from notifier.render import NAMES

TEMPLATES = resources.files("notifier") / "templates"


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("acknowledgement")])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_acknowledgement_is_told_by_words_that_only_its_language_has(language: str, name: str) -> None:
    text = (TEMPLATES / language / f"{name}.j2").read_text(encoding="utf-8")

    assert {tag for tag, words in ACKNOWLEDGED.items() if words in text} == {language}


def test_all_channels_and_languages_take_part_and_each_language_has_a_phone() -> None:
    sources = {act.does.source[0] for act in SCENE.acts}
    languages = {act.fate.language for act in SCENE.acts if act.fate.outcome == "opened"}

    assert sources == {"mail", "telegram", "form"}
    assert languages == set(LANGUAGES) == {person.language for person in PEOPLE}


def test_every_kind_of_fate_that_the_demo_shows_is_in_it() -> None:
    outcomes = {act.fate.outcome for act in SCENE.acts}

    assert outcomes == {"opened", "continued", "duplicate", "parked"}
    assert SCENE.answer.to in {act.does.source for act in SCENE.acts if act.fate.outcome == "opened"}


def test_a_duplicate_is_the_same_mail_once_more() -> None:
    mails = [act.does for act in SCENE.acts if isinstance(act.does, Written)]
    (again,) = [act.does for act in SCENE.acts if act.fate.outcome == "duplicate"]

    assert [mail for mail in mails if mail == again] == [again, again]


def test_every_team_gets_something() -> None:
    assert {act.fate.team for act in SCENE.acts if act.fate.team} == {one.name for one in TEAMS}
    with pytest.raises(LookupError, match="no team of the demo is called 'nobody'"):
        team("nobody")

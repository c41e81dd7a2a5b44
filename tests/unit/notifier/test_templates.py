"""The contract of the templates: the same names and variables in every language, and what an override may do."""

import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, nodes
from jinja2.meta import find_undeclared_variables
from msgspec.structs import replace

from notifier.plan import plan
from notifier.policy import Policy
from notifier.render import NAMES, Templates, render
from notifier.speech import Names
from notifier.texts import load_templates
from notifier.values import NAMES as VALUES
from store.errors import Permanent
from store.events import TicketEvent

FOLDER = resources.files("notifier") / "templates"
MakeEvent = Callable[..., TicketEvent]

DESK = Names(site="Desk", zone=ZoneInfo("UTC"))
ISOLATED_COMMAND = re.compile("\u2066#[a-z]+(?: …)?\u2069")  # Left to right among words that run the other way.
LANGUAGES = sorted(entry.name for entry in FOLDER.iterdir() if entry.is_dir())


def variables(language: str, name: str) -> dict[str, set[str]]:
    """What each block of a template asks for."""
    tree = Environment(autoescape=True).parse((FOLDER / language / f"{name}.j2").read_text(encoding="utf-8"))
    return {
        block.name: find_undeclared_variables(nodes.Template(block.body, environment=tree.environment))
        for block in tree.find_all(nodes.Block)
    }


def test_the_languages_that_are_promised_are_there() -> None:
    assert LANGUAGES == ["en", "fa", "pl", "ru"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_the_same_names(language: str) -> None:
    assert {entry.name for entry in (FOLDER / language).iterdir()} == {f"{name}.j2" for name in NAMES}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_each_language_asks_for_the_same_values(language: str, name: str) -> None:
    assert variables(language, name) == variables("en", name)


def test_every_value_is_asked_for_by_some_template() -> None:
    asked = {value for name in NAMES for block in variables("en", name).values() for value in block}

    assert asked == VALUES


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_template_writes_a_number_or_a_direction_itself(language: str) -> None:
    for entry in (FOLDER / language).iterdir():
        text = ISOLATED_COMMAND.sub("", entry.read_text(encoding="utf-8"))
        assert not any(character.isdigit() or character in "\u2066\u2067\u2068\u2069\u202a\u202b" for character in text)


@pytest.mark.parametrize("name", NAMES)
def test_a_command_keeps_its_sign_in_front_where_text_runs_from_right_to_left(name: str) -> None:
    text = ISOLATED_COMMAND.sub("", (FOLDER / "fa" / f"{name}.j2").read_text(encoding="utf-8"))

    assert re.findall(r"#[a-z]+", text) == []  # Unicode Standard Annex 9: "#" would go to the other end of it.


def test_a_language_without_a_template_gets_the_desk_s_first_and_then_english(templates: Templates) -> None:
    desk = load_templates(DESK, ["pl", "de"])

    assert desk.find("de", "answer")[0] == "pl"
    assert load_templates(DESK, ["de"]).find("de", "answer")[0] == "en"
    assert templates.find("fa", "answer")[0] == "fa"


def override(folder: Path, language: str, name: str, source: str) -> Path:
    (folder / language).mkdir(parents=True)
    (folder / language / name).write_text(source, encoding="utf-8")
    return folder


def test_an_operator_s_text_stands_in_place_of_ours(tmp_path: Path, policy: Policy, by_mail: object) -> None:
    source = "{% block subject %}{{ number }}{% endblock %}{% block text %}Ahoj {{ number }}!{% endblock %}"
    desk = load_templates(DESK, ["en"], override(tmp_path, "cs", "acknowledgement.j2", source))
    event = by_mail(language="cs")  # type: ignore[operator]  # The fixture is a function.
    planned = plan(event, replace(policy, languages=("en", "cs")))

    courtesy, alert = (render(one, desk) for one in planned)

    assert (courtesy.subject, courtesy.text, courtesy.language) == ("482917", "Ahoj \u2068482917\u2069!", "cs")
    assert alert.language == "en"


@pytest.mark.parametrize(
    ("name", "source", "complaint"),
    [
        ("answer.j2", "{% block subject %}{% endblock %}\n{% block text %}{{ nmber }}{% endblock %}", "asks for nmber"),
        ("answer.j2", "{% block subject %}{% endblock %}\n{% block text %}{% if %}{% endblock %}", "answer.j2:2: "),
        ("answer.j2", "{% block text %}{{ words }}{% endblock %}", "no block 'subject'"),
        ("anwser.j2", "", "the names are acknowledgement, "),
    ],
)
def test_a_text_that_could_not_be_rendered_is_refused_when_it_is_read(
    tmp_path: Path, name: str, source: str, complaint: str
) -> None:
    with pytest.raises(Permanent, match=complaint):
        load_templates(DESK, ["en"], override(tmp_path, "en", name, source))


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match=r"there is no directory .*texts"):
        load_templates(DESK, ["en"], tmp_path / "texts")


def test_a_template_cannot_reach_into_the_program(tmp_path: Path, policy: Policy, by_mail: object) -> None:
    source = "{% block subject %}{% endblock %}{% block text %}{{ site.__class__.__mro__ }}{% endblock %}"
    desk = load_templates(DESK, ["en"], override(tmp_path, "en", "alert.j2", source))
    (planned,) = plan(by_mail("continued"), policy)  # type: ignore[operator]  # The fixture is a function.

    with pytest.raises(Exception, match="unsafe"):
        render(planned, desk)


def test_people_read_names_and_not_the_keys_of_the_settings(by_mail: MakeEvent, policy: Policy) -> None:
    names = Names(
        site="Desk",
        zone=ZoneInfo("UTC"),
        categories={"access": {"en": "Sign-in and passwords", "pl": "Logowanie i hasła"}},
        people={"person:ola": "Ola Nowak"},
    )
    desk = load_templates(names, ["en", "pl", "ru"])
    _, alert = plan(by_mail(person="person:ola"), policy)

    assert "Category: \u2068Sign-in and passwords\u2069" in render(alert, desk).text
    assert "For: \u2068Ola Nowak\u2069" in render(alert, desk).text
    assert "Logowanie i hasła" in render(replace(alert, language="pl"), desk).text
    assert "Sign-in and passwords" in render(replace(alert, language="ru"), desk).text

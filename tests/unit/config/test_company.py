"""The settings of a whole company: what there is of them is accepted as it stands, and the rest is told to be later."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from config.document import Document
from config.json_schema import described, schema
from config.load import Examined, examined, files_of
from store.secrets import FromEnvironment
from tests.unit.config.test_golden import GOLDEN
from tests.unit.config.test_load import RIGHT, TOKEN
from tests.unit.config.test_reference import REFERENCE, WHOLE

COMPANY = (GOLDEN / "company" / "deskwire.yaml").read_text(encoding="utf-8")
DUTIES = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//yard//duties//
BEGIN:VEVENT
UID:1@yard.example
DTSTAMP:20261101T000000Z
DTSTART:20261123T090000Z
DTEND:20261130T090000Z
SUMMARY:liv
END:VEVENT
END:VCALENDAR
"""
ENVIRONMENT = {"STAFF_PASSWORD": "correct-horse", "CHAT_TOKEN": TOKEN, "YARD_DUTIES": DUTIES}
LATER = [
    (40, "a form cannot ask for \"files\" in this version"),
    *((line, f'"{key}" is of a later version') for line, key in ((41, "files"), (42, "protection"))),
    (47, "a form cannot ask for \"files\" in this version"),
    *((line, f'"{key}" is of a later version') for line, key in (
        (48, "sign_in"), (72, "topics"), (82, "topics"), (146, "answers"), (152, "incidents"), (160, "survey"),
        (161, "keep"),
    )),
]  # fmt: skip


def without_later(text: str) -> str:
    """What is left when all of that is removed, as it says."""
    text = re.sub(r"^answers:.*?(?=^customer:)", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^ +(?:survey|keep|files|protection|sign_in): .*\n", "", text, flags=re.MULTILINE)
    return text.replace(", topics: true", "").replace("message, files]", "message]")


def found(text: str, folder: Path) -> Examined:
    for name in ("cert.pem", "key.pem"):
        (folder / name).touch()
    (folder / "deskwire.yaml").write_text(text, encoding="utf-8")
    return examined(files_of(folder / "deskwire.yaml"), ENVIRONMENT, tested=True)


def test_only_what_is_of_a_later_version_is_refused_and_each_at_its_place(tmp_path: Path) -> None:
    errors = [problem for problem in found(COMPANY, tmp_path).problems if problem.level == "error"]

    assert [(problem.at.line, problem.what) for problem in errors] == LATER
    assert {problem.code for problem in errors} == {"not-yet"}


def test_without_it_the_file_works_and_its_tests_pass(tmp_path: Path) -> None:
    told = found(without_later(COMPANY), tmp_path)

    assert {problem.level for problem in told.problems} == {"warning"}
    assert told.configuration is not None
    assert len(told.configuration.settings.tests) == 2
    assert not [problem for problem in told.problems if problem.code == "unknown-fact"]


def test_the_smallest_file_works(tmp_path: Path) -> None:
    text = """\
version: 1
site: {name: Help Desk, languages: [en, fa]}
channels:
  telegram: {type: telegram, token: "${CHAT_TOKEN}"}
people: {ola: {telegram: 611000001}}
teams: {help: {shifts: [{calendar: always, people: [ola]}], workspace: {telegram: -1002233445566}}}
calendars: {always: {time_zone: UTC, mon-sun: "00:00-24:00"}}
route: {team: help}
"""

    assert found(text, tmp_path).told == ""


def plain(value: object) -> object:
    """As an editor sees the file."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return "${NAME}" if isinstance(value, FromEnvironment) else value


def objections(text: str) -> list[str]:
    document = Document(text, name="deskwire.yaml", environment={}, without_environment=True)
    assert document.problems == []
    errors = jsonschema.Draft202012Validator(described()).iter_errors(plain(document.root))
    return sorted(f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in errors)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema()))

    assert described()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    "text", [REFERENCE, WHOLE, without_later(COMPANY), RIGHT], ids=["reference", "whole", "company", "small"]
)
def test_the_schema_takes_what_is_right(text: str) -> None:
    assert objections(text) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("languages:", "langauges:"),
        ("version: 1", "version: 2"),
        ("version: 1\n", ""),
        ("name: Nordwind", "name: 12"),
        ("token:", "tokn:"),
        ("then: access", "tehn: access"),
        ("team: apps", "teem: apps"),
        ("[en, fa]", "en"),
        ("-1002233445566", "help"),
        ("path: /f/help", "path: help"),
        ("route:", "customer: {close_resolved_after: 5 days}\nroute:"),
        ("route:", "customer: {close_resolved_after: 5}\nroute:"),
        ("route:", "priority: {matrix: {high: [P1, P2]}}\nroute:"),
        ("route:", "priority: {matrix: {high: P1}}\nroute:"),
        ("route:", "calendars: {day: {time_zone: UTC, mon: 8am-5pm}}\nroute:"),
    ],
)
def test_the_schema_refuses_what_is_wrong(old: str, new: str) -> None:
    assert objections(RIGHT.replace(old, new, 1)) != []


@pytest.mark.parametrize(
    "more",
    [
        'calendars: {day: {time_zone: UTC, mon: "8:00-12:00, 13:00-17:00", tue: ["08:00-12:00", "13:00-17:00"]}}',
        "customer: {close_resolved_after: 1.5d}",
        'backend: {keep_originals: "${KEPT}"}',
        "tests: [{text: vpn, affects: 5, expect: {}}]",
    ],
)
def test_the_schema_takes_every_way_in_which_a_value_may_be_written(more: str) -> None:
    assert objections(RIGHT.replace("route:", f"{more}\nroute:", 1)) == []


def test_the_schema_tells_what_keys_are_for() -> None:
    site = described()["$defs"]["SiteSettings"]["properties"]

    assert site["name"]["description"] == "The desk's name, in every text and subject."

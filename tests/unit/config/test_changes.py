"""What is different in a changed settings file is told by section, and what needs a restart by key."""

from pathlib import Path

import pytest

from config.changes import LIVE, changed, fixed
from config.load import read
from config.settings import Configuration, Settings

TEXT = """\
version: 1
site: {name: Nordwind, languages: [en]}
channels:
  mail: {type: mail, address: help@desk.example, send: {smtp: "relay.example:587", password: "${MAIL_PASSWORD}"}}
people: {ola: {name: Ola, mail: ola@staff.example}}
teams:
  help: {workspace: {mail: team@staff.example}}
  apps: {workspace: {mail: apps@staff.example}}
classify:
  categories: {access: {en: Access}, other: {en: Other}}
  rules:
    - {when: {words: [password]}, then: access}
    - {when: {words: [printer]}, then: other}
route:
  team: help
  routes:
    - {when: {category: access}, team: apps}
floods: {tickets: 5, within: 10m}
customer: {caps: {unproven: 1}}
notify: {poll: 1s, alert_files: true}
"""


def configured(text: str = TEXT, password: str = "hunter2") -> Configuration:
    return read(text, name="deskwire.yaml", folder=Path(), environment={"MAIL_PASSWORD": password})


def edited(*edits: tuple[str, str]) -> Configuration:
    text = TEXT
    for old, new in edits:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return configured(text)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("version: 1", "# A remark.\nversion: 1", ""),
        ("words: [printer]", "words: [printer, paper]", "classify: 1 rule changed"),
        ("    - {when: {words: [printer]}, then: other}\n", "", "classify: 1 rule removed"),
        (
            "    - {when: {words: [printer]}, then: other}\n",
            "    - {when: {words: [ink]}, then: other}\n    - {when: {words: [pen]}, then: other}\n",
            "classify: 1 rule added, 1 changed",
        ),
        ("{en: Access}", "{en: Doors}", "classify: categories access en Access -> Doors"),
        ("category: access}, team: apps", "category: other}, team: apps", "route: 1 route changed"),
        ("team: help\n", "team: apps\n", "route: team help -> apps"),
        ("within: 10m", "within: 1h", "floods: within 10m -> 1h"),
        ("unproven: 1", "unproven: 2", "customer: caps unproven 1 -> 2"),
        ("  apps: {", "  more: {workspace: {mail: more@staff.example}}\n  apps: {", "teams: more added"),
        ("people: {ola: {name: Ola, mail: ola@staff.example}}\n", "", "people: ola removed"),
        ("alert_files: true", "alert_files: false", "notify: alert_files true -> false"),
    ],
)
def test_what_is_different_is_told_by_section(old: str, new: str, told: str) -> None:
    before, after = configured(TEXT), edited((old, new))

    assert changed(before, after) == told
    assert fixed(before, after) == []


def test_several_sections_are_told_in_the_order_of_the_file() -> None:
    after = edited(("unproven: 1", "unproven: 2"), ("name: Ola", "name: Ola Nowak"))

    assert changed(configured(TEXT), after) == "people: ola name Ola -> Ola Nowak; customer: caps unproven 1 -> 2"


@pytest.mark.parametrize(
    ("old", "new", "keys"),
    [
        ("name: Nordwind", "name: Southwind", ["site.name"]),
        ("languages: [en]", "languages: [en], reference: {digits: 8}", []),
        ("help@desk.example", "desk@desk.example", ["channels.mail"]),
        ("poll: 1s", "poll: 2s", ["notify.poll"]),
        ("version: 1", "version: 1\nbackend: {bus: 'sqlite:other/log.db'}", ["backend.bus"]),
        ("version: 1", "version: 1\nlisteners: {http: {listen: '127.0.0.1:8081'}}", ["listeners.http"]),
        ("version: 1", "version: 1\nscanner: {url: 'clamd://127.0.0.1:3310'}", ["scanner"]),
    ],
)
def test_what_is_built_at_the_start_needs_a_restart(old: str, new: str, keys: list[str]) -> None:
    assert fixed(configured(TEXT), edited((old, new))) == keys


def test_another_password_needs_a_restart_and_is_not_told() -> None:
    before, after = configured(TEXT), configured(TEXT, "hunter3")

    assert fixed(before, after) == ["channels.mail"]
    assert "hunter" not in changed(before, after)


# What is built at the start. A new section belongs here or to LIVE, and whoever adds it decides.
AT_THE_START = {"backend", "listeners", "bus", "intake", "normalize", "scanner", "stages", "relay", "timers"}


def test_each_section_is_known_to_be_read_at_the_start_or_anew() -> None:
    later = {"calendars", "customers", "sla", "escalate", "timers"}

    assert AT_THE_START.isdisjoint(LIVE)
    assert AT_THE_START | set(LIVE) | later == set(Settings.model_fields) | later

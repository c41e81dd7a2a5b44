"""`deskwire check` says the same for people, for programs and for GitHub, and never a secret."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from console.cli import main
from tests.unit.config.test_load import RIGHT, TOKEN

ENVIRONMENT = {"BOT_TOKEN": TOKEN}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "deskwire.yaml"
    path.write_text(RIGHT, encoding="utf-8")
    return path


def check(file: Path, *options: str, environment: dict[str, str] | None = None) -> Result:
    env = ENVIRONMENT if environment is None else environment
    return CliRunner(env=dict.fromkeys(ENVIRONMENT)).invoke(main, ["-c", str(file), "check", *options], env=env)


def edit(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_a_right_file_is_said_to_be_with_what_it_holds(file: Path) -> None:
    file.write_text(RIGHT + "tests:\n  - {text: My password is gone, expect: {category: access}}\n", encoding="utf-8")

    told = check(file)

    assert told.exit_code == 0
    assert told.stdout.startswith(f"{file} OK: 3 channels, 2 teams, 0 people, 1 rule, 1 route, 1 test passed ("), (
        told.output
    )


def test_a_failed_test_is_a_finding(file: Path) -> None:
    file.write_text(RIGHT + "tests:\n  - {text: My password is gone, expect: {category: other}}\n", encoding="utf-8")

    told = check(file)

    assert told.exit_code == 1
    assert "error[test-failed]: tests[0]: category is access, expected other" in told.stderr


def test_github_gets_annotations(file: Path) -> None:
    edit(file, "team: apps}", "team: aps}")

    told = check(file, "--format", "github")

    name = str(file).replace(":", "%3A").replace(",", "%2C")
    assert told.exit_code == 1
    assert told.stdout.splitlines() == [
        f'::error file={name},line=18,col=59,title=unknown-team::there is no team called "aps": did you mean "apps"?'
    ]


def test_a_program_gets_one_document(file: Path) -> None:
    edit(file, "team: apps}", "team: aps}")

    for options in (("--json",), ("--format", "json")):
        told = json.loads(check(file, *options).stdout)
        assert told["schema"] == "deskwire.check/1"
        assert [(one["file"], one["line"], one["column"], one["code"]) for one in told["result"]] == [
            ("deskwire.yaml", 18, 59, "unknown-team")
        ]


def test_a_build_needs_no_variables(file: Path) -> None:
    assert check(file, environment={}).exit_code == 1
    assert check(file, "--no-env", environment={}).exit_code == 0

    edit(file, "team: apps}", "team: aps}")
    told = check(file, "--no-env", environment={})

    assert told.exit_code == 1
    assert told.stderr.count("error[") == 1


def test_the_schema_is_printed_whatever_the_file_is(tmp_path: Path) -> None:
    told = check(tmp_path / "none.yaml", "--schema")

    assert told.exit_code == 0
    assert json.loads(told.stdout)["title"] == "Deskwire's settings"


SECRETS = [
    ("${BOT_TOKEN}", TOKEN, TOKEN[10:]),
    ('token: "${BOT_TOKEN}"', f"base_url: {TOKEN}", TOKEN[10:]),
    ("name: Nordwind", f"name: Nordwind, languges: {TOKEN}", TOKEN[10:]),
    ('send: {smtp: "relay.example:587"}', 'send: {smtp: "relay.example:587", pasword: hunter2secret}', "hunter2secret"),
    ('send: {smtp: "relay.example:587"}', 'send: {smtp: "relay.example:587", psw: hunter2secret}', "hunter2secret"),
    ('send: {smtp: "relay.example:587"}', "send: {smtp: 'smtp://u:hunter2secret@relay'}", "hunter2secret"),
    ('send: {smtp: "relay.example:587"}', 'send: {smtp: "relay.example:587", password: a, hunter2secret}', "hunter2se"),
    ('send: {smtp: "relay.example:587"}', 'send: {smtp: "relay.example:587", password: "hunter2secret', "hunter2se"),
    ('send: {smtp: "relay.example:587"}', "send: {smtp: 'r:1', password: hunter2secret: b}", "hunter2secret"),
    ('send: {smtp: "relay.example:587"}', "send:\n      password:\n\t    hunter2secret", "hunter2secret"),
    ("name: Nordwind", "name: ghp_16C7e42F292c6912E7710c838347Ae178B4a: x", "292c6912E7710c"),
    ("name: Nordwind", "nme: c2VjcmV0LXZhbHVlLXdpdGgtMTIz+QUJDZGVm=", "VjcmV0LXZhbHV"),
    ("version: 1", "version: 1\nbackend: {store: 'postgresql://desk:hunter2secret@h/desk'}", "hunter2secret"),
    ("version: 1", "version: 1\nbackend: {store: 'https://h/?access_token=hunter2secret'}", "hunter2secret"),
]  # fmt: skip


@pytest.mark.parametrize("form", ["text", "json", "github"])
@pytest.mark.parametrize(("old", "new", "secret"), SECRETS)
def test_no_form_of_what_is_told_holds_a_secret(file: Path, old: str, new: str, secret: str, form: str) -> None:
    edit(file, old, new)

    told = check(file, "--format", form)

    assert told.exit_code == 1
    assert secret not in told.output

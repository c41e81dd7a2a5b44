"""The command line says what is wrong and what to do, and its exit code tells scripts the same."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from config.load import BadSettings
from console.cli import main
from console.finish import finish
from console.words import Refused
from store.errors import Permanent, StorageBroken, Temporary

RIGHT = """\
version: 1
site: {name: Nordwind, languages: [en, fa]}
channels:
  mail: {type: mail, address: help@desk.example, send: {smtp: "relay.example:587"}}
teams: {help: {workspace: {mail: team@desk.example}}}
classify:
  categories: {other: {en: Other, fa: سایر}}
  rules:
    - {when: {words: vpn}, then: other}
route: {team: help}
"""


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["-c", str(folder / "deskwire.yaml"), *arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deskwire.yaml").write_text(RIGHT, encoding="utf-8")
    return tmp_path


def change(folder: Path, old: str, new: str) -> None:
    file = folder / "deskwire.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (None, 0),
        (Permanent("refused"), 1),
        (Refused("findings", 1), 1),
        (BadSettings("wrong settings"), 3),
        (Temporary("no answer"), 4),
        (StorageBroken("the disk failed"), 4),
        (Refused("partly", 5), 5),
        (KeyboardInterrupt(), 130),
    ],
)
def test_every_end_has_its_exit_code_and_no_traceback(
    error: BaseException | None, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    async def work() -> None:
        if error is not None:
            raise error

    with pytest.raises(SystemExit) as ended:
        finish(work)

    assert ended.value.code == code
    assert capsys.readouterr() == ("", f"{error}\n" if error is not None and str(error) else "")


def test_a_right_file_says_what_it_holds(folder: Path) -> None:
    result = run(folder, "check")

    assert result.exit_code == 0
    assert "deskwire.yaml OK: 1 channel, 1 team, 0 people, 1 rule, 0 routes (" in result.stdout
    assert result.stderr == ""


def test_warnings_go_beside_the_result_and_change_no_exit_code(folder: Path) -> None:
    change(folder, ", fa: سایر", "")

    result = run(folder, "check")

    assert result.exit_code == 0
    assert "warning[missing-language]" in result.stderr
    assert "OK" in result.stdout


def test_mistakes_are_findings_of_check(folder: Path) -> None:
    change(folder, "languages", "langauges")

    result = run(folder, "check")

    assert (result.exit_code, result.stdout) == (1, "")
    assert 'did you mean "languages"?' in result.stderr


@pytest.mark.parametrize("command", [["run"], ["migrate"], ["audit"], ["ticket", "list"], ["send", "mail"]])
def test_mistakes_keep_every_other_command_from_beginning(folder: Path, command: list[str]) -> None:
    change(folder, "languages", "langauges")

    result = run(folder, *command)

    assert result.exit_code == 3
    assert "1 error in deskwire.yaml. Nothing was started." in result.stderr
    assert [path.name for path in folder.iterdir()] == ["deskwire.yaml"]


def test_findings_can_be_read_by_programs(folder: Path) -> None:
    change(folder, "team: help", "team: hlep")
    change(folder, "vpn", "'!'")

    result = run(folder, "check", "--json")

    document = json.loads(result.stdout)
    assert (result.exit_code, document["schema"]) == (1, "deskwire.check/1")
    assert [(one["line"], one["code"]) for one in document["result"]] == [(9, "empty-word"), (10, "unknown-team")]


def test_a_folder_without_settings_says_what_can_be_done(tmp_path: Path) -> None:
    result = run(tmp_path, "run")

    assert result.exit_code == 3
    assert "there is no settings file" in result.stderr
    assert "deskwire demo" in result.stderr


def test_looking_at_a_desk_that_never_ran_leaves_nothing_behind(folder: Path) -> None:
    for command in (["ticket", "list"], ["audit"], ["dead", "list"], ["parked", "list"]):
        result = run(folder, *command)

        assert (result.exit_code, result.stderr) == (1, "this desk has no data yet: start it with `deskwire run`\n")
    assert [path.name for path in folder.iterdir()] == ["deskwire.yaml"]


@pytest.mark.parametrize(
    ("command", "guess"),
    [
        (["tikcet"], "Did you mean 'ticket'?"),
        (["ticket", "lst"], "Did you mean 'list'?"),
        (["parked", "acept", "1"], "Did you mean 'accept'?"),
        (["bogus"], "There are: audit, check, contact, dead,"),
        (["run", "ingst"], "'ingest'"),
        (["ticket", "list", "--stat", "new"], "--state"),
        (["ticket", "list", "--state", "foo"], "'new', 'open'"),
        (["ticket", "show", "abc"], "no ticket number: write its digits"),
        (["dead", "drop", "1"], "--reason"),
    ],
)
def test_wrong_usage_is_answered_with_a_guess_and_nothing_is_run(folder: Path, command: list[str], guess: str) -> None:
    result = run(folder, *command)

    assert result.exit_code == 2
    assert guess in result.stderr


def commands(group: click.Group, *path: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        found.append((*path, name))
        if isinstance(command, click.Group):
            found += commands(command, *path, name)
    return found


@pytest.mark.parametrize("path", commands(main), ids=" ".join)
def test_every_command_and_option_says_what_it_does(path: tuple[str, ...]) -> None:
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    options = [option for option in command.params if isinstance(option, click.Option)]

    texts = [(one.help or "").strip() for one in (command, *options)]

    assert all(len(text) > 9 and text.endswith(".") for text in texts), texts
    assert not command.get_short_help_str(limit=66).endswith("..."), "the list of commands would cut it"
    assert not any(word in " ".join(texts).lower() for word in ("todo", "tbd", "fixme", "lorem", "xxx"))
    assert CliRunner().invoke(main, [*path, "--help"]).exit_code == 0

"""Secrets are told wherever in a settings file they stand, each at its place, and never shown."""

from pathlib import Path

import pytest

from config.load import Files, examined

# Shaped like secrets, and nobody's; in parts, so that no scanner of this repository takes them for real ones.
BOT = "712345678" + ":AAHk3jQpZ8vYt5wLm2Nx9Rb4Cd6Ef0GhIjK"
AWS = "AKIA" + "IOSFODNN7EXAMPLE"
SLACK = "xoxb" + "-2345678901-abcdefGHIJKL"
GITHUB = "ghp" + "_16C7e42F292c6912E7710c838347Ae178B4a"
SENDGRID = "SG" + ".ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf-09kqeF8tAmbihYzrno"
SIGNED = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N"
OPAQUE = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"
BEGIN = "-----BEGIN RSA " + "PRIVATE KEY-----"

FILE = """\
version: 1
site: {name: Nordwind, url: "https://help.example"}
channels:
  mail: {type: mail, address: help@desk.example, send: {smtp: "relay.example:587"}}
teams: {help: {workspace: {mail: team@staff.example}}}
route: {team: help}
"""


def found(text: str, *, beside: str = "") -> list[tuple[str, int, int, str]]:
    """File, line, column and level of every secret that is told."""
    told = examined(Files(text, "deskwire.yaml", Path(), {"deskwire.d/more.yaml": beside} if beside else {}), {})
    return [
        (one.at.file, one.at.line, one.at.column, one.level) for one in told.problems if one.code == "secret-in-file"
    ]


@pytest.mark.parametrize(
    ("secret", "hidden"),
    [
        (BOT, BOT),
        (AWS, AWS),
        (SLACK, SLACK),
        (GITHUB, GITHUB),
        (SENDGRID, SENDGRID),
        (SIGNED, SIGNED),
        (f"{BEGIN} MIIEpAIBAAKCAQEA7", "MIIEpAIB"),
    ],
)
def test_a_secret_in_a_comment_a_text_or_a_key_is_told_and_not_shown(secret: str, hidden: str) -> None:
    for text, place in (
        (f"{FILE}# was {secret}\n", (7, 7)),
        (FILE.replace("name: Nordwind", f'name: "{secret}"'), (2, 14)),
        (FILE.replace("route: {", f"oute: {{'{secret}': a, "), (6, 8)),
        (f"{FILE}more: |\n  one\n  two {secret}\n", (9, 7)),
    ):
        told = examined(Files(text, "deskwire.yaml", Path(), {}), {})

        assert found(text) == [("", *place, "error")]
        assert hidden not in told.told + repr(told.problems)


@pytest.mark.parametrize(
    ("line", "column", "level"),
    [
        ("# store: postgresql://desk:n1ghtfall@db/desk", 28, "error"),
        ("# Server=db;User Id=desk;Password=n1ghtfall;", 35, "error"),
        (f"# curl -H 'Authorization: Bearer {OPAQUE}'", 34, "error"),
        ("#password: n1ghtfall", 12, "warning"),
        ("# token = 'n1ghtfall'", 12, "warning"),
    ],
)
def test_what_stands_where_secrets_do_is_told_in_comments_too(line: str, column: int, level: str) -> None:
    told = examined(Files(f"{FILE}{line}\n", "deskwire.yaml", Path(), {}), {})

    assert found(f"{FILE}{line}\n") == [("", 7, column, level)]
    assert "n1ghtfall" not in told.told
    assert OPAQUE not in told.told


def test_a_secret_in_a_file_beside_the_first_is_told_there() -> None:
    assert found(FILE, beside=f"people: {{}}\n# {BOT}\n") == [("deskwire.d/more.yaml", 2, 3, "error")]


def test_a_file_that_is_no_yaml_shows_its_secrets_no_more_than_another() -> None:
    assert found(f"{FILE}]\n# {BOT}\n") == [("", 8, 3, "error")]


def test_a_secret_that_is_told_is_not_told_again() -> None:
    text = FILE.replace('"relay.example:587"', f'"relay.example:587", password: "{SLACK}"')

    assert len(found(text)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "# store: postgresql://USER:PASSWORD@HOST/NAME",
        "# https://user:password@host/, https://user:<password>@host/, https://user:***@host/",
        '#password: "${MAIL_PASSWORD}"',
        "#password: file:/run/secrets/mail2",
        "# password: see the vault of team2",
        "# token: from @BotFather",
        "# secret: see-below",
        f"# commit {OPAQUE}, 3f2b8c1e-7d4a-4e5b-9c6d-1a2b3c4d5e6f, ratio 123456:10 at 12:30",
        "# Bearer tokens are asked for by the API, task-based ghp_ and xoxb- ones too",
    ],
)
def test_what_only_speaks_of_secrets_is_right(line: str) -> None:
    assert found(f"{FILE}{line}\n") == []

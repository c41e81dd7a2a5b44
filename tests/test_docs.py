"""What the papers claim is so: their settings load, their commands exist, their links lead somewhere."""

import asyncio
import re
import shlex
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.load import read
from console.cli import main
from ingest.channel import module_of

ROOT = Path(__file__).parent.parent
PAGES = (
    "docs/mail.md",
    "docs/routing.md",
    "docs/shifts.md",
    "docs/tickets.md",
    "docs/customers.md",
    "docs/faults.md",
    "docs/settings-errors.md",
    "docs/learning.md",
)
PAPERS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "deploy/README.md", "bench/README.md", *PAGES)
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in PAPERS}
README = TEXTS["README.md"]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")


def blocks(text: str, language: str) -> list[str]:
    return [body for found, body in FENCE.findall(text) if found == language]


def commands(text: str) -> list[tuple[str, ...]]:
    """Every `deskwire` command line, in blocks and in sentences, without what a shell does around it."""
    lines = [line for body in blocks(text, "sh") for line in body.splitlines()]
    sentences = re.findall(r"`(deskwire [^`]+)`", FENCE.sub("", text))
    found = [re.search(r"(?:^|/)deskwire (.*)", line) for line in (*lines, *sentences)]
    return [tuple(shlex.split(match[1], comments=True)) for match in found if match]


def test_the_readme_s_settings_load_without_a_remark() -> None:
    (text,) = blocks(README, "yaml")

    configuration = read(text, name="deskwire.yaml", folder=ROOT, environment={})

    assert configuration.warnings == ""
    assert list(configuration.channels) == ["support", "form"]


async def test_the_readme_s_desk_decides_as_the_readme_shows(tmp_path: Path) -> None:
    (settings,), (shown,) = blocks(README, "yaml"), [text for text in blocks(README, "text") if "classify" in text]
    (tmp_path / "deskwire.yaml").write_text(settings, encoding="utf-8")
    (command,) = [one for one in commands(README) if one[:2] == ("route", "test") and "--text" in one]

    line = ["-c", str(tmp_path / "deskwire.yaml"), *command]
    result = await asyncio.to_thread(CliRunner().invoke, main, line)

    assert result.exit_code == 0
    assert shown in result.stdout


COMMANDS = sorted({command for text in TEXTS.values() for command in commands(text)})


def test_the_papers_name_commands() -> None:
    assert {("demo",), ("check",), ("run",), ("audit",), ("ticket", "list")} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_command_line_is_one_that_there_is(command: tuple[str, ...]) -> None:
    """With --help behind it nothing runs, and an option or command that is not known is still refused."""
    result = CliRunner().invoke(main, [*command, "--help"])

    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("paper", "link"), [(paper, link) for paper, text in TEXTS.items() for link in LINK.findall(text)]
)
def test_each_link_leads_somewhere(paper: str, link: str) -> None:
    assert ((ROOT / paper).parent / link).exists()


def test_the_files_and_folders_that_sentences_name_are_there() -> None:
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_.]*)`", "".join(TEXTS.values()))

    assert "tests/test_architecture.py" in named
    kept = [path for path in named if not path.startswith("build/")]  # What programs make is there once they have run.
    assert [path for path in kept if not (ROOT / path.rstrip("/")).exists()] == []


def test_ci_installs_and_tests_as_the_readme_says() -> None:
    first, tests = (body for body in blocks(README, "sh")[:2])
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    (extra,) = re.findall(r"-e '(\.\[\w+\])'", tests)

    assert first.strip() == "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/deskwire demo"
    assert tests.strip().endswith(".venv/bin/python -m pytest")
    assert f"-e '{extra}'" in ci
    assert f"-e '{extra}'" in makefile
    assert f"-e '{extra}'" in TEXTS["CONTRIBUTING.md"]
    assert ci.rstrip().endswith("make check")
    assert "$(PYTHON) -m pytest\n" in makefile


def test_what_the_readme_needs_of_python_is_what_the_package_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    (version,) = re.findall(r"Python (3\.\d+) or later", README)

    assert project["requires-python"] == f">={version}"
    assert project["scripts"] == {"deskwire": "console.start:main"}


def test_each_type_of_channel_offers_the_names_that_the_readme_asks_for() -> None:
    names = re.findall(r"`(\w+)`", README.partition("- **A channel**")[2].partition("\n- **")[0])

    assert {"Settings", "open_channel", "DECODER"} <= set(names)
    for kind in ("mail", "telegram", "web"):
        assert all(hasattr(module_of(kind), name) for name in ("Settings", "open_channel", "DECODER"))
        assert any((ROOT / "tests" / "golden" / kind).iterdir())


def test_the_languages_of_the_changelog_have_texts() -> None:
    names = {"English": "en", "Persian": "fa", "Polish": "pl", "Russian": "ru"}

    assert ", ".join(names) in TEXTS["CHANGELOG.md"].replace("\n  ", " ")
    for language in names.values():
        assert (resources.files("notifier") / "templates" / language).is_dir()


@pytest.mark.parametrize("paper", PAPERS)
def test_no_paper_holds_what_was_to_be_written_later(paper: str) -> None:
    assert re.findall(r"\b(?:TODO|TBD|FIXME|XXX|lorem ipsum|coming soon)\b", TEXTS[paper], re.IGNORECASE) == []

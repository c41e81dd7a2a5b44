"""What `docs/routing.md` tells is so: its desk passes its own check, and its commands do what it says."""

import os
import re
import shlex
import sys
from pathlib import Path
from subprocess import PIPE, STDOUT, CompletedProcess, run

import pytest

PAGE = (Path(__file__).parent.parent / "docs" / "routing.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = FENCE.findall(PAGE)
SETTINGS = [body for kind, body in BLOCKS if kind == "yaml"]
COMMANDS = [body for kind, body in BLOCKS if kind == "sh"]
TEXTS = [body for kind, body in BLOCKS if kind == "text"]


def shell(folder: Path, command: str) -> CompletedProcess[str]:
    """Run a block as somebody would who has the desk's file in this folder."""
    deskwire = f'deskwire() {{ {shlex.quote(sys.executable)} -m console "$@"; }}\n'
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    return run(
        ["bash", "-ec", deskwire + command],
        cwd=folder,
        env=environment,
        stdout=PIPE,
        stderr=STDOUT,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page's desk."""
    (settings,) = SETTINGS
    made = tmp_path_factory.mktemp("routing")
    (made / "deskwire.yaml").write_text(settings, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def printed(folder: Path) -> list[str]:
    """What the page's blocks print, one after the other."""
    done = [shell(folder, command) for command in COMMANDS]
    assert [one.returncode for one in done] == [0] * len(COMMANDS), [one.stdout for one in done]
    return [one.stdout for one in done]


def test_the_desk_passes_its_own_check(folder: Path) -> None:
    checked = shell(folder, "deskwire check")

    assert checked.returncode == 0, checked.stdout
    assert "2 tests passed" in checked.stdout


def test_the_example_is_what_is_printed(printed: list[str]) -> None:
    (example,) = TEXTS

    assert example in printed[0]


def test_the_other_file_is_said_to_decide_otherwise(printed: list[str]) -> None:
    assert "other.yaml: category network → other\n" in printed[-1]
    assert "1 message · 0 same · 1 changes" in printed[-1]


def test_a_test_that_does_not_come_out_fails_the_check(folder: Path, tmp_path: Path) -> None:
    broken = (folder / "deskwire.yaml").read_text(encoding="utf-8").replace("[vpn, wifi]", "[wifi]")
    (tmp_path / "deskwire.yaml").write_text(broken, encoding="utf-8")

    checked = shell(tmp_path, "deskwire check")

    assert checked.returncode == 1
    assert checked.stdout.count("error[test-failed]: tests[") == 2

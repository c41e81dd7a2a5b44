"""Deskwire does not start among another program's packages of the same names."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.start import PACKAGES, foreign

ROOT = Path(__file__).parent.parent.parent.parent


def started(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`deskwire` (`--version`) with a folder of modules before Deskwire's own."""
    return subprocess.run(
        [sys.executable, "-m", "console", *(arguments or ("--version",))],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT)))},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_its_own_packages_are_no_strangers() -> None:
    assert list(foreign(PACKAGES, ROOT)) == []


@pytest.mark.parametrize("stranger", ["config/__init__.py", "store.py"])
def test_a_foreign_package_is_named_and_nothing_is_started(tmp_path: Path, stranger: str) -> None:
    (tmp_path / stranger).parent.mkdir(exist_ok=True)
    (tmp_path / stranger).write_text("raise SystemExit('run by mistake')\n", encoding="utf-8")

    result = started(tmp_path)

    assert result.returncode == 1
    assert str(tmp_path) in result.stderr
    assert "pipx install" in result.stderr
    assert "Traceback" not in result.stderr


def test_it_starts_where_there_are_none(tmp_path: Path) -> None:
    assert started(tmp_path).stdout.startswith("deskwire, version ")


def test_what_is_logged_is_no_part_of_the_result(tmp_path: Path) -> None:
    """A reader of JSON would stumble over it; here a plug-in logs."""
    (tmp_path / "talkative.py").write_text(
        "import structlog\n\n\ndef asks(message):\n    structlog.get_logger().warning('asked')\n    return True\n",
        encoding="utf-8",
    )
    (tmp_path / "deskwire.yaml").write_text(
        "version: 1\nsite: {name: Nordwind}\n"
        'channels: {mail: {type: mail, address: help@desk.example, send: {smtp: "127.0.0.1:1", tls: none}}}\n'
        "teams: {help: {workspace: {mail: team@staff.example}}}\n"
        "route: {team: help, routes: [{when: {plugin: talkative.asks}, team: help}]}\n",
        encoding="utf-8",
    )

    result = started(tmp_path, "route", "test", "--text", "hello", "--no-desk", "--json")

    assert json.loads(result.stdout)["schema"] == "deskwire.route_test/1"
    assert "asked" in result.stderr


def test_an_expectation_that_is_empty_does_not_pass(tmp_path: Path) -> None:
    """As of a variable that a build has not set."""
    result = started(tmp_path, "route", "test", "--text", "hello", "--verify", "")

    assert result.returncode == 2
    assert "FIELD=VALUE" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device /dev/full, which Linux has")
def test_a_result_that_nobody_can_keep_is_told(tmp_path: Path) -> None:
    """As where a disk is full; a schema is the longest result that needs no desk."""
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [sys.executable, "-m", "console", "check", "--schema"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )

    assert result.returncode == 4
    assert result.stderr == "the result cannot be written, or a file be read: No space left on device\n"

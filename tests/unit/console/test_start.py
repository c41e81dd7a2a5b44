"""Deskwire does not start among another program's packages of the same names."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.start import PACKAGES, foreign

ROOT = Path(__file__).parent.parent.parent.parent


def started(folder: Path) -> subprocess.CompletedProcess[str]:
    """`deskwire --version` with a folder of modules before Deskwire's own."""
    return subprocess.run(
        [sys.executable, "-m", "console", "--version"],
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

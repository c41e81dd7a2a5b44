"""django-helpdesk, the peer: installed into an environment of its own, and run by its interpreter."""

import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import NamedTuple

from bench.load import PATIENCE
from bench.processes import Failed
from bench.workload import Workload, warm_up

PACKAGES = ("django-helpdesk==2.6.1", "Django==5.2.*")
INSTALL = 600.0  # Seconds that pip may take.


class Told(NamedTuple):
    """What the peer's process says about itself."""

    seconds: float
    cpu: float  # Seconds.
    rss: float  # MiB.
    tickets: int
    messages: int


def installed(cache: Path) -> Path:
    """The peer's interpreter; its environment is made the first time. Raises Failed."""
    folder = cache / f"peers-{sys.version_info.major}.{sys.version_info.minor}"
    done = folder / "packages.txt"
    python = folder / "bin" / "python"
    if done.exists() and done.read_text(encoding="utf-8") == "\n".join(PACKAGES):
        return python
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES]
    told = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL, check=False)
    if told.returncode:
        raise Failed(f"django-helpdesk could not be installed; without it use --subjects R1,O1,O2:\n{told.stderr}")
    done.write_text("\n".join(PACKAGES), encoding="utf-8")
    return python


def run(workload: Workload, cache: Path, folder: Path, *, tuned: bool) -> Told:
    """Give the peer the whole workload, in a fresh database. Raises Failed."""
    python = installed(cache)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "warm").mkdir(parents=True)
    for number, mail in enumerate(warm_up()):
        (folder / "warm" / f"{number:05d}.eml").write_bytes(mail.content)
    script = Path(__file__).with_name("helpdesk_peer.py")
    command = [str(python), "-P", str(script), str(workload.folder), str(folder), "tuned" if tuned else "stock"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=folder)
    if told.returncode:
        raise Failed(f"django-helpdesk failed:\n{told.stderr[-3000:]}")
    return Told(**json.loads(told.stdout.splitlines()[-1]))

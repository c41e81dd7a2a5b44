"""One Deskwire under test: its settings, its process, its data folder."""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import ROOT, Failed, Weight, free_port, python, running, start, stop, tail, wait_for, weights
from bench.workload import AUTHSERV_ID

READY = 60.0  # Seconds in which all roles must be ready.

# Default values but for the caps, without which each of 300 senders gets one acknowledgement a day and opens twenty
# tickets in ten minutes; what a desk must say for itself (channel, team, rules) is as small as a real one's.
_SETTINGS = """\
version: 1
site: {{name: Benchmark Desk, languages: [en, pl, ru, fa]}}
listeners:
  smtp: {{listen: "127.0.0.1:{smtp}", per_sender: 1000000}}
  http: {{listen: "127.0.0.1:{http}"}}
channels:
  mail:
    type: mail
    address: support@desk.example.org
    receive: {{smtp: {{}}}}
    send: {{smtp: "127.0.0.1:{relay}", tls: none}}
    authentication: {{authserv_id: {authserv_id}}}
teams:
  servicedesk: {{workspace: {{mail: servicedesk@desk.example.org}}}}
  network: {{workspace: {{mail: network@desk.example.org}}}}
classify:
  categories:
    access: {{en: Sign-in and passwords, pl: Logowanie i hasła, ru: Вход и пароли, fa: ورود و رمز عبور}}
    network: {{en: Network and VPN, pl: Sieć i VPN, ru: Сеть и VPN, fa: شبکه و VPN}}
    billing: {{en: Invoices, pl: Faktury, ru: Счета, fa: صورتحساب}}
    other: {{en: Something else, pl: Inne, ru: Другое, fa: سایر}}
  rules:
    - {{when: {{words: [password, hasło, пароль, رمز عبور]}}, then: access}}
    - {{when: {{words: [vpn, wifi, интернет, اینترنت]}}, then: network}}
    - {{when: {{words: [invoice, faktura, счёт, صورتحساب]}}, then: billing}}
priority:
  urgency:
    - {{when: {{words: [urgent, pilne, срочно, فوری]}}, then: high}}
    - {{when: {{category: [access, network]}}, then: medium}}
    - {{then: low}}
route:
  team: servicedesk
  routes:
    - {{when: {{category: network}}, team: network}}
customer:
  caps: {{unproven: 1000000, proven: 1000000, domain: 1000000, total: 1000000}}
  storm: {{tickets: 1000000}}
floods: {{tickets: 10000, within: 1s}}
"""


class Desk:
    """A desk of its own in an empty folder; `run` starts it, and it may be killed and run again."""

    def __init__(self, folder: Path) -> None:
        """Whatever was in the folder is gone."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder
        self.port = free_port()
        self.database = folder / "data" / "desk.db"
        self.log = folder / "deskwire.log"
        self._http = free_port()
        self._relay = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._config = folder / "deskwire.yaml"
        text = _SETTINGS.format(smtp=self.port, http=self._http, relay=self._relay, authserv_id=AUTHSERV_ID)
        self._config.write_text(text, encoding="utf-8")

    @contextmanager
    def with_relay(self) -> Iterator["Desk"]:
        """The relay that it sends through, which forgets everything."""
        with running(python("bench.sink", self._relay), self._relay, self.folder / "sink.log"):
            yield self

    @contextmanager
    def run(self, *roles: str, profile: Path | None = None) -> Iterator[None]:
        """Run these roles, all if there are none, until the block ends. Raises Failed."""
        self.start(*roles, profile=profile)
        try:
            yield
        finally:
            self.stop()

    def start(self, *roles: str, profile: Path | None = None) -> None:
        """Start, and wait until it is ready. Raises Failed."""
        program = python("bench.profiling", profile) if profile else self._command()
        self._process = start([*program, "--config", str(self._config), "run", *roles], self.log)
        wait_for(self.port, self._process, self.log)
        deadline = time.monotonic() + READY
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"the desk was not ready within {READY:g} s; {self.log} says:\n{tail(self.log)}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Let it drain and end."""
        if self._process is not None:
            stop(self._process)

    def kill(self) -> None:
        """End it as a power cut would, in the middle of everything; its parser dies with it."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def weights(self) -> list[Weight]:
        """What its processes have cost so far."""
        return weights(self._process.pid) if self._process is not None else []

    def audit(self) -> str:
        """What `deskwire audit` finds wrong; empty: it balances."""
        command = [*self._command(), "--config", str(self._config), "audit"]
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=READY, check=False)
        return "" if told.returncode == 0 else (told.stdout + told.stderr).strip()

    def _command(self) -> list[str]:
        """The program as users start it: the script that stands beside this interpreter."""
        return [os.fspath(Path(sys.executable).parent / "deskwire")]

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._http}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)  # noqa: PLR2004 (OK)
        except (urllib.error.URLError, OSError):
            return False

"""`deskwire demo` as a user starts it: a process of its own, real protocols, and nothing left when it is gone."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

DEMO = "from console.cli import main; main()"
SABOTAGED = """
import asyncio, sys
from console.demo.play import play
from console.demo.scene import SCENE
first, *others = SCENE.acts
wrong = first._replace(fate=first.fate._replace(team="network"))
sys.exit(asyncio.run(play(SCENE._replace(acts=(wrong, *others)), once=True, port=0)))
"""
PATIENCE = 90  # Seconds; the demo itself takes eight on two idle cores.


class Demo:
    """A demo that runs, with a temporary folder of its own."""

    def __init__(self, folder: Path, *arguments: str, program: str = DEMO) -> None:
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        here = folder / "here"
        here.mkdir()
        (here / "deskwire.yaml").write_text("this: [is no settings file", encoding="utf-8")
        self.environment = {**os.environ, "TMPDIR": str(self.temporary), "PYTHONPATH": os.pathsep.join(sys.path)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            cwd=here,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def until(self, words: str) -> str:
        """What it says up to the line with these words."""
        lines = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            lines.append(line)
            if words in line:
                return "".join(lines)
        raise AssertionError(f"it never said {words!r}:\n{''.join(lines)}")

    def ended(self) -> str:
        """The rest of what it says; it has ended then."""
        said, _ = self.process.communicate(timeout=PATIENCE)
        return said

    def leftovers(self) -> list[str]:
        """Files and processes of its that are there still."""
        mark = f"TMPDIR={self.temporary}".encode()
        processes = [entry for entry in Path("/proc").glob("[0-9]*/environ") if mark in _read(entry).split(b"\0")]
        return [str(entry) for entry in [*self.temporary.iterdir(), *processes]]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # It has ended meanwhile, or is somebody else's.
        return b""


@pytest.fixture
def demos() -> Iterator[list[Demo]]:
    """Kills those that a failed test leaves."""
    started: list[Demo] = []
    yield started
    for demo in started:
        demo.process.kill()
        demo.process.communicate()


def port_of(said: str, what: str) -> int:
    found = re.search(rf"{what} +\S+://127\.0\.0\.1:(\d+)", said)
    assert found is not None, said
    return int(found[1])


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        return listener.connect_ex(("127.0.0.1", port)) != 0


def test_the_scene_goes_as_it_must_and_leaves_nothing_behind(tmp_path: Path, demos: list[Demo]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        demos.append(demo := Demo(tmp_path, "demo", "--once", "--port", str(port)))
        said = demo.ended()

    assert demo.process.returncode == 0, said
    assert said.startswith("Deskwire ")
    assert f"Port {port} is in use, so the form is at port " in said
    assert said.count(" → ticket ") == 7 + 1 + 1  # Opened, continued, answered.
    assert "duplicate: ticket " in said
    assert "parked: auto-replied; no ticket, no reply" in said
    assert "continued by our signed Message-ID" in said
    for acknowledged in ("Your message arrived", "پیام شما رسید", "Zgłoszenie przyjęte", "Обращение принято"):
        assert acknowledged in said
    assert "All of it went as it must: 7 tickets with 9 messages" in said
    assert "\x1b" not in said
    assert demo.leftovers() == []


def test_after_the_scene_it_shows_what_else_is_sent_until_it_is_interrupted(tmp_path: Path, demos: list[Demo]) -> None:
    demos.append(demo := Demo(tmp_path, "demo", "--port", "0"))
    said = demo.until("Ctrl-C stops the demo")
    settings = re.search(r"-c (\S+deskwire\.yaml)", said)
    assert settings is not None, said

    command = ["-c", settings[1], "send", "mail", "--from", "you@example.org", "--subject", "VPN is down"]
    sent = subprocess.run(
        [sys.executable, "-c", DEMO, *command],
        env=demo.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert sent.returncode == 0, sent.stderr
    shown = demo.until("you@example.org by mail")
    received = demo.until("Subject: Your message arrived")
    demo.process.send_signal(signal.SIGINT)
    rest = demo.ended()

    assert "network" in shown
    assert "you@example.org" in received
    assert "Stopped: 8 tickets with 10 messages; 1 duplicate, 1 parked, 0 dead letters. All of it is deleted." in rest
    assert demo.process.returncode == 0
    assert demo.leftovers() == []
    assert all(is_free(port_of(said, what)) for what in ("mail in", "web form", "Telegram", "mail out"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_in_the_middle_leaves_nothing_behind(
    tmp_path: Path, demos: list[Demo], number: signal.Signals
) -> None:
    demos.append(demo := Demo(tmp_path, "demo", "--once", "--port", "0"))
    said = demo.until(" → ticket ")
    begun = time.monotonic()

    demo.process.send_signal(number)
    rest = demo.ended()

    assert demo.process.returncode == 130, rest
    assert "Interrupted. Nothing of it is left." in rest
    assert "went as it must" not in rest
    assert "Traceback" not in rest
    assert time.monotonic() - begun < 30
    assert demo.leftovers() == []
    assert all(is_free(port_of(said, what)) for what in ("mail in", "web form", "Telegram", "mail out"))


def test_a_scene_that_does_not_go_as_it_must_fails_and_says_how(tmp_path: Path, demos: list[Demo]) -> None:
    demos.append(demo := Demo(tmp_path, program=SABOTAGED))
    said = demo.ended()

    assert demo.process.returncode == 1, said
    assert "This differs from what must be:" in said
    assert "the message of 611000011 by telegram has team servicedesk, and must have network." in said
    assert demo.leftovers() == []

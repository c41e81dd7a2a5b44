"""What `docs/learning.md` tells is so: its settings load, and what it shows of a run is what the command prints."""

import re
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from config.load import read
from console.learning import report
from console.learning.lessons import Lesson, Lessons
from console.learning.taught import Taught
from router.learned.model import Head, Trial
from router.learned.trial import Confusion
from tests.unit.router.given import NOW, message

PAGE = (Path(__file__).parent.parent / "docs" / "learning.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
AROUND = {
    "version": 1,
    "site": {"name": "Nordwind"},
    "channels": {"mail": {"type": "mail", "address": "help@desk.example", "send": {"smtp": "relay.example:587"}}},
    "teams": {"help": {"workspace": {"mail": "team@desk.example"}}},
    "route": {"team": "help"},
}


def block(kind: str) -> str:
    (found,) = (body for one, body in BLOCKS if one == kind)
    return found


def test_its_settings_load_and_are_the_defaults_but_for_below(tmp_path: Path) -> None:
    whole = yaml.safe_dump({**AROUND, **yaml.safe_load(block("yaml"))})

    model = read(whole, name="deskwire.yaml", folder=tmp_path, environment={}).settings.classify.model

    assert model.below == "other"
    assert model.model_copy(update={"below": ""}) == type(model)()


def test_a_run_says_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    trial = Trial(tickets=963, accuracy=0.74, coverage=0.583, accuracy_covered=0.931, rules=0.612, both=0.781)
    head = Head(learned_at=NOW, tickets=4812, categories=tuple(f"c{n}" for n in range(12)), trial=trial)
    pairs = [Confusion("access", "network", 12), Confusion("billing", "app", 9)]
    times = re.findall(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ", block("text"))
    known = [Lesson(message(received_at=datetime.fromisoformat(at)), "c1", "") for at in times]

    report.tell(Taught(b"", head, helps=True, confusions=pairs), Lessons(known, 6200), 0.8, None, as_json=False)

    assert capsys.readouterr().out.startswith(block("text"))

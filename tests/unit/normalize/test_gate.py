"""A file leaves the desk with a clean verdict alone, and is scanned once."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from normalize.gate import Gate
from normalize.scanner import Verdict
from store.database import Database
from store.errors import Permanent, Temporary
from store.records import Attachment
from tests.unit.normalize.test_scanner import EICAR, clamd, like_clamd, scanner

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Told:
    """A scanner that says what it is told to, and counts."""

    def __init__(self, said: Verdict | Temporary) -> None:
        self.said = said
        self.asked = 0

    async def scan(self, content: bytes) -> Verdict:
        self.asked += 1
        if isinstance(self.said, Temporary):
            raise self.said
        return self.said


def file(content: bytes, name: str = "report.pdf") -> Attachment:
    digest = sha256(content).hexdigest()
    return Attachment(name=name, content_type="application/pdf", size=len(content), digest=digest, part=1)


async def test_without_a_scanner_everything_may_go(database: Database) -> None:
    await Gate(None, database, now=lambda: NOW).pass_through(file(EICAR), EICAR)


async def test_an_infected_file_stays_and_a_clean_one_goes(database: Database, tmp_path: Path) -> None:
    async with clamd(like_clamd, tmp_path / "clamd") as url:
        gate = Gate(scanner(url), database, now=lambda: NOW)

        await gate.pass_through(file(b"harmless"), b"harmless")
        with pytest.raises(Permanent, match=r"'report\.pdf' is infected with Eicar-Test-Signature"):
            await gate.pass_through(file(EICAR), EICAR)


async def test_while_the_scanner_is_down_a_file_stays_and_afterwards_it_goes(database: Database) -> None:
    told = Told(Temporary("the scanner gave no answer"))
    gate = Gate(told, database, now=lambda: NOW)

    with pytest.raises(Permanent, match="could not be scanned now"):
        await gate.pass_through(file(b"a"), b"a")
    told.said = Verdict("clean")
    await gate.pass_through(file(b"a"), b"a")


@pytest.mark.parametrize(
    ("verdict", "later", "asked"),
    [
        (Verdict("clean"), timedelta(hours=23), 1),
        (Verdict("clean"), timedelta(hours=25), 2),
        (Verdict("infected", "Worm"), timedelta(days=400), 1),
        (Verdict("error", "it is too large"), timedelta(0), 2),
    ],
)
async def test_a_verdict_is_remembered_for_as_long_as_it_says_anything(
    database: Database, verdict: Verdict, later: timedelta, asked: int
) -> None:
    told = Told(verdict)
    for now in (NOW, NOW + later):
        gate = Gate(told, database, now=lambda now=now: now)
        try:
            await gate.pass_through(file(b"a"), b"a")
        except Permanent:
            assert verdict.state != "clean"

    assert told.asked == asked

"""Real mail that nobody here wrote: each ends where it can be found, and a death in the middle changes none of it."""

import asyncio
import os
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import Connection, select

from scripts.send_corpus import Answer, mails_in, send_all, table
from store.audit import Audit
from store.deadletters import listed
from store.schema import inbox
from tests.mail_sink import ADDRESS, Sink
from tests.running_desk import ROOT, Backend, RunningDesk, World

CORPORA = Path(os.environ.get("DESKWIRE_CORPORA") or ROOT.parent / "shared" / "corpora")

# What ends a mail for good; each leaves the mail where a person finds it.
ENDS = {"opened", "continued", "joined", "duplicate", "parked", "reported", "dead"}


AGAINST_PROTOCOL = {"5.6.0", "5.3.4"}  # Bare CR, bare LF or NUL; too large.


class Run(NamedTuple):
    """What came of sending all of them to one desk."""

    answers: list[Answer]
    audit: Audit
    fates: dict[Path, tuple[str, ...]]  # The outcomes of what each accepted mail gave.
    letters: list[str]
    log: str

    @property
    def ordinary(self) -> dict[Path, tuple[str, ...]]:
        """The fates of those mails that were sent once."""
        again = {answer.path for answer in self.answers if answer.tries > 1}
        return {path: fate for path, fate in self.fates.items() if path not in again}


async def run(folder: Path, files: list[Path], *, killed: bool) -> Run:
    """Send everything to a new desk, and stop it when it is done."""
    async with Sink().serving() as sink:
        desk = RunningDesk(folder, Backend(), World(sink.port))
        try:
            await desk.up()
            answers = await sent(desk, files, killed=killed)
            audit = await desk.settled()
            outcomes = await desk.read(outcomes_of_payloads)
            letters = [f"{one.letter.reason}: {one.letter.detail}" for one in await desk.read(listed)]
            assert await desk.stop() == 0
        finally:
            await desk.close()
    # The desk's 250 ends in the payload's id.
    fates = {one.path: tuple(outcomes.get(one.text.split()[-1], ())) for one in answers if one.accepted}
    return Run(answers, audit, fates, letters, desk.log.read_text(encoding="utf-8"))


def outcomes_of_payloads(connection: Connection) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for raw, outcome in connection.execute(select(inbox.c.raw, inbox.c.outcome)):
        found.setdefault(raw, []).append(outcome)
    return found


async def sent(desk: RunningDesk, files: list[Path], *, killed: bool) -> list[Answer]:
    """Send all of them; `killed`: the desk dies when half of them are through, and comes back."""
    answers: list[Answer] = []
    half = asyncio.Event()
    loop = asyncio.get_running_loop()

    def send() -> None:
        for answer in send_all(files, "127.0.0.1", desk.smtp, ADDRESS):
            answers.append(answer)
            if len(answers) == len(files) // 2:
                loop.call_soon_threadsafe(half.set)

    sending = asyncio.create_task(asyncio.to_thread(send))
    if killed:
        waiting = asyncio.create_task(half.wait())
        await asyncio.wait((sending, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        await desk.kill()
        await desk.restart()
    await sending
    return answers


@pytest.mark.timeout(300)
async def test_every_mail_of_the_corpora_ends_where_it_is_found(tmp_path: Path) -> None:
    files = mails_in(CORPORA)
    if not files:
        pytest.skip(f"needs the mail corpora: there is no .eml in {CORPORA}; set DESKWIRE_CORPORA to their folder")

    whole = await run(tmp_path / "whole", files, killed=False)
    broken = await run(tmp_path / "broken", files, killed=True)

    for one in (whole, broken):
        refused = {answer.text.split()[0] for answer in one.answers if not answer.accepted}
        assert len(one.answers) == len(files)
        assert refused <= AGAINST_PROTOCOL, table(one.answers)
        assert {path: fate for path, fate in one.fates.items() if not fate or not ENDS.issuperset(fate)} == {}
        # A mail that was durable when the desk died before its 250 was sent again: it is in the log twice.
        repeated = sum(answer.tries - 1 for answer in one.answers)
        assert len(one.fates) <= one.audit.accepted <= len(one.fates) + repeated
        assert one.audit.accepted == one.audit.originals
        assert one.audit.records == sum(count for _, count in one.audit.outcomes)
        assert one.letters == []
        assert "Traceback" not in one.log
    assert broken.ordinary == {path: whole.fates[path] for path in broken.ordinary}

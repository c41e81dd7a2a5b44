"""A process that is killed between a mail's way to the log and the note that it is done."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

from tests.flow.imap.conftest import Owner
from tests.mail_sink import Sink
from tests.running_desk import ROOT, Backend, RunningDesk, World

# A desk's ingest that kills itself as soon as its first mail is durable: no moment outside of it is as exact.
KILLED = """
import os, signal, sys
from store.bus_sqlite import SqliteBus

publish = SqliteBus.publish

async def once(self, topic, entries):
    await publish(self, topic, entries)
    if topic.endswith("raw"):
        os.kill(os.getpid(), signal.SIGKILL)

SqliteBus.publish = once
from console.start import main
sys.argv = ["deskwire", *sys.argv[1:]]
main()
"""


async def test_a_process_killed_before_it_notes_its_progress_makes_exactly_one_message(
    owner: Owner, tmp_path: Path
) -> None:
    sink = Sink()
    async with sink.serving():
        channel = f"""
  box: {{type: mail, address: box@desk.example, acknowledge: never,
    receive: {{imap: "{owner.server}", user: "{owner.user}", password: "${{BOX}}", tls: none, start: 7d, after: flag}}}}
"""
        desk = RunningDesk(tmp_path, Backend(environment={"BOX": "secret"}), World(sink.port, channels=channel))
        try:
            owner.deliver("The printer is on fire")
            killed = await asyncio.to_thread(
                subprocess.run,
                [sys.executable, "-c", KILLED, "-c", str(desk.path), "run", "--http", "127.0.0.1:0"],
                env=desk.environment | {"PYTHONPATH": str(ROOT)},
                cwd=tmp_path,
                capture_output=True,
                timeout=60,
                check=False,
            )
            assert killed.returncode == -signal.SIGKILL, killed.stderr[-3000:]
            owner.client.select_folder("INBOX")
            assert b"\\Seen" not in owner.client.get_flags([1])[1]

            await desk.up()
            await desk.until(lambda: b"\\Seen" in _flags(owner), "the mail is marked as read")
            await desk.settled()

            (ticket,) = await desk.tickets()
            assert await desk.texts(ticket.number) == ["The printer is on fire"]
        finally:
            await desk.close()


def _flags(owner: Owner) -> tuple[bytes, ...]:
    owner.client.noop()
    found: tuple[bytes, ...] = owner.client.get_flags([1])[1]
    return found

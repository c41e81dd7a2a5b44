"""`deskwire run` as a process: it waits for servers, and stops when it is told to."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.running_desk import ROOT, free_port

SETTINGS = """\
version: 1
site: {{name: Nordwind, secret: "${{DESKWIRE_SECRET}}"}}
backend: {{bus: "kafka://127.0.0.1:{kafka}", store: "postgresql://desk@127.0.0.1:{postgres}/desk"}}
channels: {{mail: {{type: mail, address: help@desk.example, send: {{smtp: "127.0.0.1:{relay}"}}}}}}
teams: {{help: {{workspace: {{mail: team@desk.example}}}}}}
route: {{team: help}}
"""


async def test_a_desk_that_waits_for_its_servers_says_so_and_stops_at_once(tmp_path: Path) -> None:
    kafka = free_port()
    text = SETTINGS.format(kafka=kafka, postgres=free_port(), relay=free_port())
    (tmp_path / "deskwire.yaml").write_text(text, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "console", "run"),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DESKWIRE_SECRET": "s" * 40},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None

    async with asyncio.timeout(60):
        while b"waiting for a server" not in (line := await process.stderr.readline()):
            assert line, "it ended before it waited"
        process.send_signal(signal.SIGTERM)
        rest = await process.stderr.read()

    assert f"127.0.0.1:{kafka}".encode() in line
    assert b"Traceback" not in line + rest
    assert await process.wait() == 0

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from normalize.sandbox import Sandbox
from store.records import RawMessage

MakeRaw = Callable[..., RawMessage]
OpenSandbox = Callable[..., Sandbox]
Told = Callable[[str], Awaitable[str]]

ROOT = Path(__file__).parents[3]

in_one_loop = pytest.mark.asyncio(loop_scope="module")

PARENT = """
import asyncio, sys
from datetime import UTC, datetime
import hostile
from normalize.sandbox import Sandbox
from normalize.settings import NormalizeSettings
from normalize.wire import Decoder
from store.records import RawMessage

async def main():
    decoders = [Decoder(channel="c", function="hostile:decode", settings=hostile.Settings())]
    sandbox = Sandbox(decoders, NormalizeSettings(cpu="10m", stall="1h"))
    await sandbox.start()
    print(*sandbox.pids, flush=True)
    payload = sys.argv[1].encode()
    raw = RawMessage(id="r", channel="c", received_at=datetime.now(UTC), content_type="text/plain", payload=payload)
    await sandbox.decode([raw])
    await asyncio.sleep(600)

asyncio.run(main())
"""


@in_one_loop
async def test_what_a_decoder_prints_disturbs_nothing(told: Told, capfd: pytest.CaptureFixture[str]) -> None:
    assert await told("print noise") == "printed"
    assert "noise" not in "".join(capfd.readouterr())


async def test_a_child_has_no_secret_of_the_parent_in_its_environment(
    open_sandbox: OpenSandbox,
    make_raw: MakeRaw,
    text_of: Callable[[object], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DESKWIRE_KEY", "hush")
    monkeypatch.setenv("DATABASE_URL", "postgresql://desk:hush@db/desk")

    async with open_sandbox() as sandbox:
        names = text_of((await sandbox.decode([make_raw("environment")]))[0]).split()

    assert set(names) <= {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "TMPDIR", "PYTHONPATH"}


async def test_a_child_inherits_no_socket_and_no_file(
    open_sandbox: OpenSandbox, make_raw: MakeRaw, text_of: Callable[[object], str], tmp_path: Path
) -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        with (tmp_path / "desk.db").open("wb") as secret:
            os.set_inheritable(secret.fileno(), True)
            async with open_sandbox() as sandbox:
                kinds = text_of((await sandbox.decode([make_raw("files")]))[0])

    assert kinds.split() == ["deleted", "socket"]  # Its own socket, and the file of its note.


@in_one_loop
async def test_a_child_can_gain_no_rights_and_leaves_no_core(told: Told) -> None:
    assert "NoNewPrivs: 1" in await told("status")
    assert await told("core") == "0"


@in_one_loop
async def test_a_child_writes_no_file(told: Told, tmp_path: Path) -> None:
    assert await told(f"write {tmp_path / 'dropped'}") == "OSError"


@pytest.mark.skipif(os.geteuid() == 0, reason="needs another user than root, whom RLIMIT_NPROC does not bind")
@in_one_loop
async def test_a_child_starts_no_process(told: Told) -> None:
    assert await told("fork") != "done"


@in_one_loop
async def test_signals_to_the_whole_group_are_left_to_the_parent(told: Told) -> None:
    assert await told("interrupt") == "still here"


@pytest.mark.parametrize("payload", ["hello", "spin", "sleep 600"])
def test_children_die_with_a_parent_that_is_killed(payload: str) -> None:
    """Whether they wait, compute or sleep: their own limits would let them live for minutes."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(Path(__file__).parent)))}
    command = [sys.executable, "-c", PARENT, payload]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2  # One works, one stands ready.
        time.sleep(0.2)  # Let the payload arrive.
        parent.kill()

    deadline = time.monotonic() + 30
    while any(is_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [pid for pid in pids if is_alive(pid)] == []


def test_closing_ends_all_children(open_sandbox: OpenSandbox) -> None:
    async def open_and_close() -> frozenset[int]:
        async with open_sandbox(children=2, spares=1) as sandbox:
            return sandbox.pids

    pids = asyncio.run(open_and_close())

    assert len(pids) == 3
    assert [pid for pid in pids if is_alive(pid)] == []


def is_alive(pid: int) -> bool:
    """A process that nobody has waited for yet is a zombie, and dead."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False

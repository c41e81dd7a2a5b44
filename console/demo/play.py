"""The command `deskwire demo`: the scene on a desk of its own, then the verdict on it, or time to try more."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path

from config.app import stop_on_signals, until_set
from config.build import now
from console.demo import desk, paint, tell
from console.demo.desk import LOG, Desk
from console.demo.paint import Paint
from console.demo.scene import SCENE, Scene
from console.demo.show import Show, say_all
from console.words import complain, say

FAILED = 1
INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it.
_TROUBLE = re.compile(r'"level": "(warning|error|critical)"')
_LAST_TROUBLE = 10  # Lines of the log that are repeated when something differs.


async def demo(*, once: bool, port: int) -> int:
    """Play the scene; then end with a verdict (`once`), or follow whatever else is sent until Ctrl-C.

    Returns the exit code: 1 where the scene did not go as it must, 130 where it was interrupted before its end. Nothing
    is left behind in any case.
    """
    return await play(SCENE, once=once, port=port)


async def play(scene: Scene, *, once: bool, port: int) -> int:
    """`demo` with any scene."""
    stop = asyncio.Event()
    stop_on_signals(stop)
    start = now()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # A terminal without all letters of the scene shows the rest of it.
    colours = Paint(on=paint.wanted(os.environ, terminal=sys.stdout.isatty()))
    async with desk.opened(port) as opened:
        say_all(tell.opening(opened.places, version=version("deskwire"), port=port, paint=colours))
        show = Show(opened, scene, start=start, paint=colours)
        async with _running(opened, show.followed.run()):
            await until_set(stop, show.play())
            if not show.played:
                complain("Interrupted. Nothing of it is left.")
                return INTERRUPTED
            show.tell_texts()
            found = await show.differences()
            say_all(tell.verdict(found, await show.audit(), colours))
            if found:
                say_all(await asyncio.to_thread(_trouble, opened.places.folder / LOG))
            if once:
                return FAILED if found else 0
            say_all(tell.invitation(opened.places, command=_command(), number=show.answerable(), paint=colours))
            await until_set(stop, show.more())
            say(tell.closing(await show.audit()))
    return 0


@asynccontextmanager
async def _running(opened: Desk, following: Awaitable[None]) -> AsyncIterator[None]:
    """The desk at work, and somebody who follows it. Raises what ends either: Permanent, Temporary, StorageBroken."""
    ending = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(opened.app.run(ending))
            group.create_task(until_set(ending, following))
            try:
                yield
            finally:
                ending.set()
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors


def _trouble(log: Path) -> list[str]:
    """The last lines of the log that tell of trouble; empty where none does."""
    told = log.read_text(encoding="utf-8", errors="replace").splitlines()
    # Not being ready is what every desk is at first, and we ask it to know when it is.
    lines = [line for line in told if _TROUBLE.search(line) and '"event": "not ready"' not in line]
    return ["", "From the desk's log:", *(f"  {line}" for line in lines[-_LAST_TROUBLE:])] if lines else []


def _command() -> str:
    """What this program can be started by: a name that the shell finds, else a path."""
    program = Path(sys.argv[0])
    if program.name != "deskwire":
        return f"{sys.executable} -m console"
    found = shutil.which("deskwire")
    return "deskwire" if found and Path(found).resolve() == program.resolve() else str(program)

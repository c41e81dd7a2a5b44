"""Waiting for something to happen in the demo, as patiently as a slow computer needs."""

import asyncio
from collections.abc import Callable

PATIENCE = 60.0  # Seconds.
BETWEEN_LOOKS = 0.05


async def until(done: Callable[[], bool], *, patience: float = PATIENCE) -> bool:
    """Wait until it is so; False where it is not within `patience` seconds."""
    clock = asyncio.get_running_loop().time
    end = clock() + patience
    while not (happened := done()) and clock() < end:  # noqa: ASYNC110 (what is waited for tells nobody)
        await asyncio.sleep(BETWEEN_LOOKS)
    return happened

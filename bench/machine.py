"""What the benchmark ran on, in the few facts that explain its figures."""

import os
import platform
import sqlite3
import statistics
import time
from pathlib import Path
from typing import NamedTuple

_PROBES = 50
_BLOCK = b"\0" * 4096


class Machine(NamedTuple):
    """Where it ran."""

    processor: str
    cores: int
    python: str
    sqlite: str
    system: str
    fsync: float  # Milliseconds of an append of 4 KiB with fsync, median: what durability costs on this disk.
    load: float  # Processes that wanted to run in the minute before.


def machine(folder: Path) -> Machine:
    """Look, and try the disk that the folder is on."""
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 0,
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        system=f"{platform.system()} {platform.release()}",
        fsync=_fsync(folder / "fsync.probe"),
        load=os.getloadavg()[0],
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _fsync(path: Path) -> float:
    times = []
    with path.open("wb", buffering=0) as file:
        for _ in range(_PROBES):
            file.write(_BLOCK)
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    path.unlink()
    return 1000 * statistics.median(times)

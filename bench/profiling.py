"""Runs Deskwire under a profiler in all of its threads, and tells which stage took the time.

`python -m bench.profiling FILE` followed by `deskwire`'s own arguments. The profiler makes Python about half as fast:
shares mean something, rates do not. The parser's child is another process and is not in it.
"""

import cProfile
import json
import pstats
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

LONGEST = 45  # Functions that are listed.
WIDTH = 60  # Characters of a function's place.

Entry = tuple[int, int, float, float]  # Calls, of them not recursive, seconds without and with what it calls.

# The functions by which a stage is told, in the order of a mail's way; each includes all that it calls.
STAGES = (
    ("SMTP session, without waiting", "aiosmtpd/smtp.py", "_handle_client"),
    ("log: append and commit", "store/log_writer.py", "_write"),
    ("log: read", "store/log_sqlite.py", "read_ranges"),
    ("sandbox: talk to the child", "normalize/child_process.py", "work"),
    ("normalize: originals", "normalize/worker.py", "apply"),
    ("router: read the records", "router/worker.py", "prepare"),
    ("router: gather facts", "router/worker.py", "gather"),
    ("router: decide and write", "router/worker.py", "apply"),
    ("notifier: plan", "notifier/worker.py", "prepare"),
    ("notifier: known effects and caps", "notifier/worker.py", "gather"),
    ("notifier: render, compose, queue", "notifier/worker.py", "apply"),
    ("outbox: read", "store/outbox.py", "read"),
    ("outbox: delete", "store/relay.py", "_remove"),
    ("lane: settle and claim", "notifier/sender.py", "_turn"),
    ("lane: send", "ingest/channels/mail/smtp_out.py", "send"),
    ("positions: begin", "store/positions.py", "begin"),
    ("positions: advance", "store/positions.py", "advance"),
    ("positions: end", "store/positions.py", "end"),
    ("savepoints", "store/failures.py", "attempt"),
    ("statements, all threads", "~", "<method 'execute' of 'sqlite3.Cursor' objects>"),
    ("commits, all threads", "~", "<method 'commit' of 'sqlite3.Connection' objects>"),
)

_profiles: list[cProfile.Profile] = []
_clocks: dict[str, float] = {}


def main() -> None:
    """Run, and write the profile and the threads' computing times at the end."""
    from console.cli import main as deskwire  # noqa: PLC0415 (only this process runs a desk)

    out = Path(sys.argv.pop(1))
    run = threading.Thread.run
    threading.Thread.run = lambda self: _profiled(self.name, lambda: run(self))  # type: ignore[method-assign]  # For this process only.
    try:
        _profiled("event loop", deskwire)
    finally:
        whole = pstats.Stats(_profiles[0])
        for profile in _profiles[1:]:
            whole.add(profile)
        whole.dump_stats(out)
        out.with_suffix(".json").write_text(json.dumps(_clocks), encoding="utf-8")


def _profiled(name: str, work: Callable[[], object]) -> None:
    profile = cProfile.Profile()
    _profiles.append(profile)
    began = time.thread_time()
    profile.enable()
    try:
        work()
    finally:
        profile.disable()
        _clocks[name] = _clocks.get(name, 0.0) + time.thread_time() - began


def told(path: Path, mails: int) -> str:
    """Where the time of `mails` mails went, as a table of stages, threads and functions."""
    found = _entries(path)
    clocks: dict[str, float] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    lines = ["", "ms per mail under the profiler, by stage (each with all that it calls):"]
    for words, file, function in STAGES:
        spent = [entry for place, entry in found.items() if place[0].endswith(file) and place[2] == function]
        lines.append(f"  {words:<36}{sum(one[3] for one in spent) / mails * 1000:8.3f}")
    lines += ["", "ms of CPU per mail, by thread:"]
    for name, seconds in sorted(clocks.items(), key=lambda item: -item[1]):
        lines.append(f"  {name:<36}{seconds / mails * 1000:8.3f}")
    lines += ["", "ms per mail and calls per mail, by function (without what it calls):"]
    for (file, line, function), entry in sorted(found.items(), key=lambda item: -item[1][2])[:LONGEST]:
        place = f"{'/'.join(Path(file).parts[-2:])}:{line} {function}" if line else function
        lines.append(f"  {place[:WIDTH]:<{WIDTH}}{entry[2] / mails * 1000:8.3f}{entry[0] / mails:9.2f}")
    return "\n".join(lines)


def _entries(path: Path) -> dict[tuple[str, int, str], Entry]:
    """Every function's place and times; `pstats` keeps them in this form, and has no other way to ask."""
    kept: dict[tuple[str, int, str], tuple[int, int, float, float, object]] = vars(pstats.Stats(str(path)))["stats"]
    return {place: (calls, plain, own, whole) for place, (plain, calls, own, whole, _) in kept.items()}


if __name__ == "__main__":
    main()

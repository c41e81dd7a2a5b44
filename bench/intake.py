"""How fast mails become tickets, beside other receivers in the same run: `python -m bench.intake --help`."""

import argparse
import json
import shutil
import sys
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench import peers, profiling, report, subjects
from bench.gate import faults
from bench.latency import Latency, latency
from bench.machine import machine
from bench.processes import ROOT, Failed
from bench.subjects import SUBJECTS, Measured, Setup, calibration
from bench.workload import prepared

CACHE = ROOT / "build" / "bench"
LEVELS = (0.25, 0.5, 0.75)  # Of the measured O2.
FIXED = 100.0  # Mails a second at which acceptance has a goal.


def main() -> int:
    """Measure, report; 1 where the correctness gate failed, 2 where the benchmark itself did."""
    options = _options()
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / "run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        run = measure(options, folder)
    except Failed as error:
        print(f"The benchmark could not be finished: {error}", file=sys.stderr)
        return 2
    text = report.told(run)
    print(text)
    name = f"intake-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    (CACHE / f"{name}.md").write_text(text, encoding="utf-8")
    (CACHE / f"{name}.json").write_text(json.dumps(run, indent=1), encoding="utf-8")
    print(f"Written to {CACHE / name}.md and .json")
    if options.profile:
        print(profiling.told(CACHE / "profile", options.mails))
    return 1 if run.wrong else 0


def measure(options: argparse.Namespace, folder: Path) -> report.Run:
    """Everything, in its order. Raises Failed."""
    workload = prepared(CACHE, options.mails)
    _say(f"workload of {options.mails} mails, SHA-256 {workload.checksum}")
    if {"P1", "P2"} & set(options.subjects):
        _say(f"django-helpdesk runs in {peers.installed(CACHE).parent.parent}")
    setup = Setup(workload, folder, CACHE, options.connections)
    here = machine(folder)
    rounds: list[dict[str, Measured]] = []
    calibrations = []
    for number in range(options.rounds):
        calibrations.append(calibration())
        rounds.append(_round(options, setup, number))
    run = report.Run(here, options.mails, workload.checksum, options.connections, rounds, calibrations, (), "", ())
    wrong = [
        f"round {number}, {key}: {words}"
        for number, one in enumerate(rounds, start=1)
        for key, measured in one.items()
        for words in measured.wrong
    ]
    latencies = [] if options.no_latency or "O2" not in options.subjects else _latencies(setup, rounds)
    done = ""
    if not options.no_faults:
        done, found = faults(workload, folder, options.connections, kills=options.kills)
        wrong += [f"after the kill: {words}" for words in found]
    return run._replace(latencies=latencies, faults=done, wrong=wrong)


def _round(options: argparse.Namespace, setup: Setup, number: int) -> dict[str, Measured]:
    """Every subject once, in an order that moves on with each round."""
    shift = number % len(options.subjects)
    found = {}
    for key in options.subjects[shift:] + options.subjects[:shift]:
        subject = SUBJECTS[key]
        if key == "O2" and options.profile:
            subject = partial(subjects.tickets, profile=CACHE / "profile")
        found[key] = subject(setup)
        _say(f"round {number + 1}: {key} {found[key].rate:.0f} mails/s, {found[key].cpu:.2f} ms of CPU per mail")
        time.sleep(0.5)  # What the last one left to the system is done before the next one begins.
    return found


def _latencies(setup: Setup, rounds: list[dict[str, Measured]]) -> list[Latency]:
    rates = sorted(one["O2"].rate for one in rounds)
    reached = rates[len(rates) // 2]
    found = []
    for rate in sorted({*(share * reached for share in LEVELS), FIXED}):
        found.append(latency(setup.workload, setup.folder, rate))
        _say(f"at {rate:.0f} mails/s: 250 after {found[-1].accepted[0]:.1f} ms, p99 {found[-1].accepted[1]:.1f} ms")
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=500, help="of the workload: 500, or 2000 for a release")
    parser.add_argument("--rounds", type=int, default=3, help="times that every subject runs")
    parser.add_argument("--subjects", type=_subjects, default=list(SUBJECTS), help="of R1,O1,O2,P1,P2")
    parser.add_argument("--connections", type=int, default=10, help="of the load client")
    parser.add_argument("--kills", type=int, default=1, help="times that the desk is killed in the correctness gate")
    parser.add_argument("--no-latency", action="store_true", help="leave out the open loop")
    parser.add_argument("--no-faults", action="store_true", help="leave out the kill: no figure counts then")
    parser.add_argument("--profile", action="store_true", help="profile O2: its rate is wrong, its shares are right")
    return parser.parse_args()


def _subjects(text: str) -> list[str]:
    chosen = [key.strip().upper() for key in text.split(",")]
    if unknown := [key for key in chosen if key not in SUBJECTS]:
        raise argparse.ArgumentTypeError(f"{unknown[0]} is no subject: there are {', '.join(SUBJECTS)}")
    return chosen


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

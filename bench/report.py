"""What a run found, as tables to read."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from bench.latency import Latency
from bench.machine import Machine
from bench.processes import Weight
from bench.subjects import Measured

NAMES = {
    "R1": "aiosmtpd, null handler",
    "O1": "Deskwire: 250 after the durable publish",
    "O2": "Deskwire: ticket committed, acknowledgement queued",
    "P1": "django-helpdesk, SQLite, stock",
    "P2": "django-helpdesk, SQLite, tuned",
}
RATIOS = (("O1", "R1"), ("O2", "R1"), ("O2", "P1"), ("O2", "P2"))

FAIRNESS = """\
- The peer is handed its mails in memory, in its own process; Deskwire's come over SMTP from another process, which
  takes its share of the same cores. The transport favours the peer.
- The peer renders its reply to the customer and hands it to a backend that drops it. Deskwire composes the final
  bytes of an acknowledgement and of an alert to the team for each ticket, and sends both over SMTP to a sink while
  the clock runs; sending is not waited for, but takes its share of the cores.
- Deskwire reads every mail in a confined child process and keeps the original. The peer keeps attachments in files.
- Durable: Deskwire's 250 and its tickets are on the disk (SQLite, WAL, synchronous FULL). The peer as it comes
  commits many transactions a mail; tuned, one a mail with WAL and FULL. It never fsyncs attachments.
- The peer has permissions, views and an admin that this workload does not use; Deskwire has a log, dead letters and
  an audit. Neither is switched off.
- Every subject gets the same warm-up first. Settings of Deskwire are the defaults, but for the caps on
  acknowledgements to one address."""


class Run(NamedTuple):
    """Everything that one run found."""

    machine: Machine
    mails: int
    checksum: str
    connections: int
    rounds: Sequence[Mapping[str, Measured]]
    calibrations: Sequence[float]  # Seconds, one for each round.
    latencies: Sequence[Latency]
    faults: str  # What was done to the desk; empty: nothing.
    wrong: Sequence[str]  # What the gate found, and in which part.


def told(run: Run) -> str:
    """The report, in Markdown."""
    parts = [
        _head(run),
        _rates(run),
        _ratios(run),
        _latencies(run),
        _memory(run),
        _gate(run),
        f"## Fairness\n\n{FAIRNESS}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def ratios(run: Run, over: str, under: str) -> list[float]:
    """`over` to `under`, round by round; empty where one of them was not measured."""
    return [one[over].rate / one[under].rate for one in run.rounds if over in one and under in one]


def _head(run: Run) -> str:
    here = run.machine
    return (
        f"# Intake\n\n{run.mails} mails, SHA-256 {run.checksum}; {run.connections} connections; {len(run.rounds)} "
        f"rounds.\n\n{here.processor}, {here.cores} cores; {here.system}; Python {here.python}; SQLite "
        f"{here.sqlite}; fsync {here.fsync:.2f} ms; load before the start {here.load:.1f}. Calibration loop "
        f"{_span(run.calibrations, '.3f')} s."
    )


def _rates(run: Run) -> str:
    lines = ["| | subject | mails/s | CPU ms per mail | client's share of a core |", "|---|---|---|---|---|"]
    for key, name in NAMES.items():
        found = [one[key] for one in run.rounds if key in one]
        if found:
            cpu = _span([one.cpu for one in found], ".2f")
            share = statistics.median(one.client for one in found)
            rate = _span([one.rate for one in found], ".0f")
            lines.append(f"| {key} | {name} | {rate} | {cpu} | {f'{share:.0%}' if share else 'none'} |")
    return "## Rates: median (smallest to largest)\n\n" + "\n".join(lines)


def _ratios(run: Run) -> str:
    lines = [
        f"| {over}/{under} | {_span(found, '.2f')} | {' '.join(f'{one:.2f}' for one in found)} |"
        for over, under in RATIOS
        if (found := ratios(run, over, under))
    ]
    if not lines:
        return ""
    return "\n".join(["## Ratios, round by round", "", "| | median (range) | rounds |", "|---|---|---|", *lines])


def _latencies(run: Run) -> str:
    if not run.latencies:
        return ""
    lines = [
        f"| {one.rate:.0f} | {one.mails} | {one.accepted[0]:.1f} / {one.accepted[1]:.1f} | {one.queued[0]:.0f} / "
        f"{one.queued[1]:.0f} | {one.late:.1f} |"
        for one in run.latencies
    ]
    head = [
        "## Latency in open loop, ms",
        "",
        "| mails/s | mails | DATA to 250, p50 / p99 | 250 to acknowledgement row, p50 / p99 | client late, p99 |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *lines])


def _memory(run: Run) -> str:
    lines = [line for key in NAMES for line in _processes(key, run)]
    head = [
        "## Processes at the end",
        "",
        "| | process | MiB resident, median | largest | CPU s since its start, median |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *lines]) if lines else ""


def _processes(key: str, run: Run) -> Iterator[str]:
    found: dict[str, list[Weight]] = {}
    for one in run.rounds:
        if key in one:
            for number, weight in enumerate(one[key].weights):
                found.setdefault(weight.name if number == 0 else f"{weight.name} {number}", []).append(weight)
    for name, weights in found.items():
        sizes = [weight.rss for weight in weights]
        cpu = statistics.median(weight.cpu for weight in weights)
        yield f"| {key} | {name} | {statistics.median(sizes):.0f} | {max(sizes):.0f} | {cpu:.1f} |"


def _gate(run: Run) -> str:
    done = f"{run.faults}.\n\n" if run.faults else "No fault was injected in this run.\n\n"
    if run.wrong:
        return f"## Correctness: FAILED, so no figure above counts\n\n{done}" + "\n".join(
            f"- {line}" for line in run.wrong
        )
    return f"## Correctness: held\n\n{done}Every round ended with the right tickets, messages and replies."


def _span(values: Sequence[float], form: str) -> str:
    if len(values) == 1:
        return format(values[0], form)
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"

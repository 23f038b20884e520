"""The results, for people as tables and for programs as JSON."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.exactness import Tally
from benchmarks.machine import Machine
from benchmarks.measured import Measured, Options
from benchmarks.ratios import Finding, Spread

# Ratios below it are shown with more digits.
_SMALL = 0.1


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run found out."""

    at: datetime
    machine: Machine
    options: Options
    measured: Sequence[Measured]
    findings: Sequence[Finding]
    tallies: Sequence[Tally]

    @property
    def is_exact(self) -> bool:
        """Whether everything acknowledged was counted once."""
        return all(tally.is_exact for tally in self.tallies)

    @property
    def is_met(self) -> bool:
        """Whether every goal is reached."""
        return all(finding.is_met for finding in self.findings)


def show(report: Report, console: Console) -> None:
    """Print the tables."""
    machine = report.machine
    console.print(
        f"Playledger {machine.playledger}: Python {machine.python}, mongod {machine.mongod}, {machine.cpus} CPUs "
        f"(load {machine.load_average}), up to {report.options.connections} connections, "
        f"{report.options.rounds} rounds of {report.options.seconds:g} s"
    )
    console.print(_variants_table(report.measured))
    console.print(_findings_table(report.findings))
    console.print(_exactness_table(report.tallies))


def _variants_table(measured: Sequence[Measured]) -> Table:
    table = Table("variant", title="Medians over the rounds")
    for name in ("a second", "p50 ms", "p99 ms", "server µs", "mongod µs", "load µs", "failed"):
        table.add_column(name, justify="right")
    for variant in dict.fromkeys(one.variant for one in measured):
        slices = [one for one in measured if one.variant == variant]
        numbers = [f"{_middle(slices, number):,.{digits}f}" for number, digits in _COLUMNS]
        table.add_row(str(variant), *numbers, str(sum(one.load.failed for one in slices)))
    return table


_COLUMNS: tuple[tuple[Callable[[Measured], float], int], ...] = (
    (lambda one: one.rate, 0),
    (lambda one: one.load.percentile(50) * 1000, 1),
    (lambda one: one.load.percentile(99) * 1000, 1),
    (lambda one: one.cpu_micros.server, 0),
    (lambda one: one.cpu_micros.mongod, 0),
    (lambda one: one.cpu_micros.load, 0),
)


def _middle(slices: Sequence[Measured], number: Callable[[Measured], float]) -> float:
    return Spread.of([number(one) for one in slices]).middle


def _findings_table(findings: Sequence[Finding]) -> Table:
    table = Table("benchmark", "ratio", title="Ratios, each within one round")
    for name in ("min", "median", "max", "goal"):
        table.add_column(name, justify="right")
    table.add_column("")
    for finding in findings:
        sign = "≤" if finding.ratio.is_better_low else "≥"
        spread = (_short(value) for value in (finding.spread.low, finding.spread.middle, finding.spread.high))
        verdict = "[green]met[/]" if finding.is_met else "[red]not met[/]"
        row = (finding.ratio.benchmark, finding.ratio.title, *spread, f"{sign} {finding.ratio.goal:g}", verdict)
        table.add_row(*row)
    return table


def _exactness_table(tallies: Sequence[Tally]) -> Table:
    table = Table("variant", title="Counted exactly once")
    for name in ("acknowledged", "failed", "rows", "counted"):
        table.add_column(name, justify="right")
    table.add_column("")
    for tally in tallies:
        numbers = (tally.acknowledged, tally.failed, tally.rows, tally.counted)
        verdict = "[green]exact[/]" if tally.is_exact else "[red]NOT EXACT[/]"
        table.add_row(tally.variant, *(f"{number:,}" for number in numbers), verdict)
    return table


def write(report: Report, folder: Path) -> Path:
    """Write the JSON file, and return where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{report.at:%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(_to_json(report), indent=2) + "\n")
    return path


def _to_json(report: Report) -> dict[str, object]:
    return {
        "at": report.at.isoformat(),
        "machine": asdict(report.machine),
        "options": asdict(report.options),
        "variants": [_slice_to_json(one) for one in report.measured],
        "ratios": [_finding_to_json(finding) for finding in report.findings],
        "exactness": [asdict(tally) | {"exact": tally.is_exact} for tally in report.tallies],
    }


def _slice_to_json(one: Measured) -> dict[str, object]:
    return {
        "variant": str(one.variant),
        "round": one.round + 1,
        "requestsPerSecond": round(one.load.rate, 1),
        "itemsPerSecond": round(one.rate, 1),
        "p50Ms": round(one.load.percentile(50) * 1000, 3),
        "p99Ms": round(one.load.percentile(99) * 1000, 3),
        "cpuMicrosPerItem": {name: round(value, 1) for name, value in asdict(one.cpu_micros).items()},
        "acknowledged": one.load.acknowledged,
        "failed": one.load.failed,
        "firstFault": one.load.first_fault,
    }


def _finding_to_json(finding: Finding) -> dict[str, object]:
    return {
        "benchmark": finding.ratio.benchmark,
        "ratio": finding.ratio.title,
        "min": finding.spread.low,
        "median": finding.spread.middle,
        "max": finding.spread.high,
        "goal": finding.ratio.goal,
        "met": finding.is_met,
    }


def _short(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio >= _SMALL else f"{ratio:.4f}"

"""What every kind of benchmark gives: its names, and one run of those that are wanted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.exactness import Tally
from benchmarks.machine import Machine
from benchmarks.measured import Measured, Options, Told
from benchmarks.ratios import Finding


@dataclass(slots=True)
class Outcome:
    """What a contest has measured, and what that means."""

    machine: Machine
    measured: list[Measured] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)


class Contest(Protocol):
    """Benchmarks that share a stage."""

    names: Sequence[str]

    def run(self, wanted: Sequence[str], options: Options, tell: Told) -> Outcome:
        """Measure the wanted ones, on servers that are started for it and ended after."""
        ...

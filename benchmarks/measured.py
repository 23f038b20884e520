"""What one stretch of load was: the same for every benchmark, so that all are judged and shown alike."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.cpu import Cpu
from benchmarks.load import Slice

Told = Callable[[str], None]
"""Hears what is done at the moment."""


@dataclass(frozen=True, slots=True)
class Options:
    """How long, how often, with how many connections, and over how many stored events at most."""

    seconds: float
    rounds: int
    connections: int
    stored: int = 500_000


@dataclass(frozen=True, slots=True)
class Measured:
    """One slice of one variant in one round; `cpu` is of the whole slice, run-up and rest included.

    A request carries `items`: views, or events.
    """

    variant: str
    round: int
    load: Slice
    cpu: Cpu
    items: int = 1

    @property
    def rate(self) -> float:
        """Items a second."""
        return self.load.rate * self.items

    @property
    def cpu_micros(self) -> Cpu:
        """Microseconds of CPU time per item."""
        items = self.items * max(1, self.load.acknowledged + self.load.failed)
        return Cpu(*(1e6 * part / items for part in (self.cpu.server, self.cpu.mongod, self.cpu.load)))

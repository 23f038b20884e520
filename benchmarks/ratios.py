"""Ratios of two things that were measured side by side, and whether each reaches its goal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self

from benchmarks.measured import Measured

OfRound = Callable[[Mapping[str, Measured]], float]
"""A number out of the slices of one round, by their variants."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The smallest, the middle and the largest of several numbers."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Of at least one number."""
        return cls(min(values), median(values), max(values))


@dataclass(frozen=True, slots=True)
class Ratio:
    """One number of a benchmark, taken in every round from slices that ran close together.

    `goal` is a lower bound, or an upper one when less `is_better_low`.
    """

    benchmark: str
    title: str
    variants: tuple[str, ...]
    goal: float
    of_round: OfRound
    is_better_low: bool = False

    def is_met_by(self, value: float) -> bool:
        """Whether the goal is reached."""
        return value <= self.goal if self.is_better_low else value >= self.goal


@dataclass(frozen=True, slots=True)
class Finding:
    """A ratio over all rounds; the goal is judged by the middle one."""

    ratio: Ratio
    spread: Spread

    @property
    def is_met(self) -> bool:
        """Whether the goal is reached."""
        return self.ratio.is_met_by(self.spread.middle)


def of_rates(over: str, under: str) -> OfRound:
    """Items a second of one variant ÷ those of another."""

    def of_round(measured: Mapping[str, Measured]) -> float:
        base = measured[under].rate
        return measured[over].rate / base if base else float("inf")

    return of_round


def of_medians(over: str, under: str) -> OfRound:
    """The middle latency of one variant ÷ that of another."""

    def of_round(measured: Mapping[str, Measured]) -> float:
        base = measured[under].load.percentile(50)
        return measured[over].load.percentile(50) / base if base else float("inf")

    return of_round


def judge(ratios: Sequence[Ratio], measured: Sequence[Measured]) -> list[Finding]:
    """Every ratio over the rounds."""
    rounds: dict[int, dict[str, Measured]] = {}
    for one in measured:
        rounds.setdefault(one.round, {})[one.variant] = one
    return [Finding(ratio, Spread.of([ratio.of_round(one) for one in rounds.values()])) for ratio in ratios]

"""The benchmarks by name: which variants each compares, and the ratio that is the goal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self

from benchmarks.rounds import Measured
from benchmarks.variants import Variant


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
    variants: tuple[Variant, ...]
    goal: float
    of_round: Callable[[dict[Variant, Measured]], float]
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


def _rates(benchmark: str, over: Variant, under: Variant, title: str, goal: float) -> Ratio:
    def of_round(measured: dict[Variant, Measured]) -> float:
        base = measured[under].load.rate
        return measured[over].load.rate / base if base else float("inf")

    return Ratio(benchmark, title, (over, under), goal, of_round)


def _tail(measured: dict[Variant, Measured]) -> float:
    load = measured[Variant.VIEWS].load
    return load.percentile(99) / load.percentile(50) if load.latencies else float("inf")


RATIOS = (
    _rates("views", Variant.VIEWS, Variant.EMPTY, "views/s ÷ empty POSTs/s", 0.6),
    Ratio("views", "p99 ÷ p50 of a view", (Variant.VIEWS, Variant.EMPTY), 5.0, _tail, is_better_low=True),
    _rates("views-hot", Variant.HOT, Variant.VIEWS, "views/s, 1 song ÷ 1,000 songs", 0.9),
    _rates("views-naive", Variant.VIEWS, Variant.NAIVE, "views/s ÷ naive, 1,000 songs", 5.0),
    _rates("views-naive", Variant.HOT, Variant.NAIVE_HOT, "views/s ÷ naive, 1 song", 50.0),
)

BENCHMARKS = tuple(dict.fromkeys(ratio.benchmark for ratio in RATIOS))


def chosen(benchmarks: Sequence[str]) -> list[Ratio]:
    """The ratios of these benchmarks."""
    return [ratio for ratio in RATIOS if ratio.benchmark in benchmarks]


def variants_of(ratios: Sequence[Ratio]) -> list[Variant]:
    """The variants that these ratios need, each once."""
    needed = {variant for ratio in ratios for variant in ratio.variants}
    return [variant for variant in Variant if variant in needed]


def judge(ratios: Sequence[Ratio], measured: Sequence[Measured]) -> list[Finding]:
    """Every ratio over the rounds."""
    rounds: dict[int, dict[Variant, Measured]] = {}
    for one in measured:
        rounds.setdefault(one.round, {})[one.variant] = one
    return [Finding(ratio, Spread.of([ratio.of_round(one) for one in rounds.values()])) for ratio in ratios]

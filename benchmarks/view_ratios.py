"""The benchmarks of views by name: which variants each compares, and the ratio that is the goal."""

from collections.abc import Mapping, Sequence

from benchmarks.measured import Measured
from benchmarks.ratios import Ratio, of_rates
from benchmarks.variants import Variant


def _rates(benchmark: str, over: Variant, under: Variant, title: str, goal: float) -> Ratio:
    return Ratio(benchmark, title, (over, under), goal, of_rates(over, under))


def _tail(measured: Mapping[str, Measured]) -> float:
    load = measured[Variant.VIEWS].load
    return load.percentile(99) / load.percentile(50) if load.latencies else float("inf")


RATIOS = (
    _rates("views", Variant.VIEWS, Variant.EMPTY, "views/s ÷ empty POSTs/s", 0.6),
    Ratio("views", "p99 ÷ p50 of a view", (Variant.VIEWS, Variant.EMPTY), 5.0, _tail, is_better_low=True),
    _rates("views-hot", Variant.HOT, Variant.VIEWS, "views/s, 1 song ÷ 1,000 songs", 0.9),
    _rates("views-naive", Variant.VIEWS, Variant.NAIVE, "views/s ÷ naive, 1,000 songs", 5.0),
    _rates("views-naive", Variant.HOT, Variant.NAIVE_HOT, "views/s ÷ naive, 1 song", 50.0),
)

VIEW_BENCHMARKS = tuple(dict.fromkeys(ratio.benchmark for ratio in RATIOS))


def chosen(benchmarks: Sequence[str]) -> list[Ratio]:
    """The ratios of these benchmarks."""
    return [ratio for ratio in RATIOS if ratio.benchmark in benchmarks]


def variants_of(ratios: Sequence[Ratio]) -> list[Variant]:
    """The variants that these ratios need, each once."""
    needed = {variant for ratio in ratios for variant in ratio.variants}
    return [variant for variant in Variant if variant in needed]

"""The statistics of experiments: intervals, tests and sizes of samples, each a formula of the textbooks."""

from collections.abc import Sequence
from math import erfc, exp, gamma, sqrt
from statistics import NormalDist

from app.models.licensing.experiments import Bounds, VariantCount

_NORMAL = NormalDist()
_CONFIDENCE = 0.95
_Z = _NORMAL.inv_cdf((1 + _CONFIDENCE) / 2)

SIGNIFICANCE = 1 - _CONFIDENCE
POWER = 0.8


def wilson_interval(count: VariantCount) -> Bounds | None:
    """The 95 % score interval of a proportion (Wilson 1927); `None` when nobody was seen.

    Unlike the interval of the normal approximation it is right for few users and for rates near 0 and 1.
    """
    n = count.exposures
    if not n:
        return None
    rate = count.conversions / n
    centre = rate + _Z**2 / (2 * n)
    spread = _Z * sqrt(rate * (1 - rate) / n + _Z**2 / (4 * n**2))
    scale = 1 + _Z**2 / n
    # At no and at all conversions a bound is exactly 0 or 1, which rounding may miss by 1e-17.
    return Bounds(max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale))


def two_proportion_p_value(first: VariantCount, other: VariantCount) -> float | None:
    """Two-sided p-value of the pooled z-test; `None` when nobody was seen, or all did the same."""
    if not first.exposures or not other.exposures:
        return None
    pooled = (first.conversions + other.conversions) / (first.exposures + other.exposures)
    error = sqrt(pooled * (1 - pooled) * (1 / first.exposures + 1 / other.exposures))
    if not error:
        return None
    z = (other.conversions / other.exposures - first.conversions / first.exposures) / error
    return erfc(abs(z) / sqrt(2))


def supports_z_test(first: VariantCount, other: VariantCount) -> bool:
    """Whether at least five conversions, and five users without one, are to be expected in each (Cochran's rule)."""
    seen = first.exposures + other.exposures
    if not seen:
        return False
    converted = first.conversions + other.conversions
    smaller = min(first.exposures, other.exposures)
    return min(converted, seen - converted) * smaller / seen >= 5  # noqa: PLR2004


def chi_square_p_value(observed: Sequence[int], weights: Sequence[int]) -> float | None:
    """p-value of the goodness of fit of counts to weights; `None` when there are no counts."""
    total, all_weights = sum(observed), sum(weights)
    if not total:
        return None
    expected = [total * weight / all_weights for weight in weights]
    statistic = sum((seen - wanted) ** 2 / wanted for seen, wanted in zip(observed, expected, strict=True))
    return chi_square_tail(statistic, len(observed) - 1)


def chi_square_tail(statistic: float, degrees: int) -> float:
    """The share of a chi-square distribution above `statistic`; exact for whole degrees of freedom.

    By Q(k + 2) = Q(k) + (x/2)^(k/2) e^(-x/2) / gamma(k/2 + 1), from Q(1) = erfc(sqrt(x/2)) and Q(2) = e^(-x/2).
    """
    half = statistic / 2
    tail, reached = (erfc(sqrt(half)), 1) if degrees % 2 else (exp(-half), 2)
    while reached < degrees:
        tail += half ** (reached / 2) * exp(-half) / gamma(reached / 2 + 1)
        reached += 2
    return tail


def sample_size(rate: float, other: float, significance: float = SIGNIFICANCE, power: float = POWER) -> int:
    """Users that each of two variants needs, so that rates this different are told apart (Fleiss, without correction).

    Both rates lie between 0 and 1, and are not equal.
    """
    mean = (rate + other) / 2
    doubt = _NORMAL.inv_cdf(1 - significance / 2) * sqrt(2 * mean * (1 - mean))
    miss = _NORMAL.inv_cdf(power) * sqrt(rate * (1 - rate) + other * (1 - other))
    return int(((doubt + miss) / (rate - other)) ** 2) + 1

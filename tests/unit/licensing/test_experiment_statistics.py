"""The statistics of experiments, against values of the literature."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.licensing.experiments import VariantCount
from app.services.licensing.experiments.statistics import (
    chi_square_p_value,
    chi_square_tail,
    sample_size,
    supports_z_test,
    two_proportion_p_value,
    wilson_interval,
)

counts = st.integers(0, 100_000).flatmap(lambda n: st.builds(VariantCount, st.just(n), st.integers(0, n)))


@pytest.mark.parametrize(
    ("conversions", "exposures", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_of_the_literature(conversions: int, exposures: int, low: float, high: float) -> None:
    bounds = wilson_interval(VariantCount(exposures, conversions))
    assert (round(bounds.low, 4), round(bounds.high, 4)) == (low, high)


@given(counts)
def test_a_wilson_interval_holds_the_rate(count: VariantCount) -> None:
    bounds = wilson_interval(count)
    if not count.exposures:
        assert bounds is None
        return
    # At a rate of exactly 0 or 1 rounding may be off by the last digit.
    assert 0 <= bounds.low <= count.rate + 1e-12
    assert count.rate - 1e-12 <= bounds.high <= 1


def test_the_aspirin_study() -> None:
    """Physicians' Health Study (Agresti, Categorical Data Analysis): 189 of 11,034 against 104 of 11,037, z = 5.00."""
    p_value = two_proportion_p_value(VariantCount(11_034, 189), VariantCount(11_037, 104))
    assert p_value == pytest.approx(5.7e-7, rel=0.02)


def test_a_z_test_is_the_chi_square_test_of_the_same_table() -> None:
    first, other = VariantCount(200, 40), VariantCount(300, 87)
    pooled = 127 / 500
    expected = [200 * pooled, 200 * (1 - pooled), 300 * pooled, 300 * (1 - pooled)]
    statistic = sum((seen - want) ** 2 / want for seen, want in zip([40, 160, 87, 213], expected, strict=True))
    assert two_proportion_p_value(first, other) == pytest.approx(chi_square_tail(statistic, 1))


@given(counts, counts)
def test_a_p_value_is_the_same_from_both_sides(first: VariantCount, other: VariantCount) -> None:
    p_value = two_proportion_p_value(first, other)
    assert p_value == two_proportion_p_value(other, first)
    assert p_value is None or 0 <= p_value <= 1


def test_without_data_there_is_no_p_value() -> None:
    assert two_proportion_p_value(VariantCount(0, 0), VariantCount(10, 5)) is None
    assert two_proportion_p_value(VariantCount(10, 0), VariantCount(10, 0)) is None
    assert chi_square_p_value([0, 0], [1, 1]) is None


@pytest.mark.parametrize(
    ("degrees", "statistic", "share"),
    # The usual table of critical values.
    [
        (1, 3.841, 0.05), (1, 6.635, 0.01), (2, 5.991, 0.05), (3, 7.815, 0.05), (4, 13.277, 0.01), (5, 11.070, 0.05),
        (9, 16.919, 0.05), (9, 27.877, 0.001),
    ],
)  # fmt: skip
def test_the_tail_of_the_chi_square_distribution(degrees: int, statistic: float, share: float) -> None:
    assert chi_square_tail(statistic, degrees) == pytest.approx(share, rel=0.005)


def test_mendels_peas() -> None:
    """315, 101, 108 and 32 peas against 9:3:3:1: chi-square 0.470 with three degrees, p = 0.925."""
    assert chi_square_p_value([315, 101, 108, 32], [9, 3, 3, 1]) == pytest.approx(0.925, abs=0.0005)


@pytest.mark.parametrize(
    ("rate", "other", "size"),
    # By Fleiss' formula without correction, as its tables and calculators give it.
    [(0.10, 0.12, 3_841), (0.50, 0.60, 388), (0.05, 0.10, 435)],
)
def test_sizes_of_samples(rate: float, other: float, size: int) -> None:
    assert sample_size(rate, other) == size == sample_size(other, rate)


def test_a_z_test_needs_five_expected_in_each_cell() -> None:
    assert not supports_z_test(VariantCount(0, 0), VariantCount(0, 0))
    assert not supports_z_test(VariantCount(1_000, 4), VariantCount(1_000, 5))
    assert supports_z_test(VariantCount(1_000, 4), VariantCount(1_000, 6))
    assert not supports_z_test(VariantCount(1_000, 996), VariantCount(1_000, 995))

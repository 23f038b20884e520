"""Who is assigned what, and what is said of the results."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from app.models.licensing.experiments import Experiment, Variant, VariantCount
from app.models.licensing.favorites import TrackRef
from app.models.licensing.providers import ProviderName
from app.services.licensing.experiments.conclusions import conclude
from app.services.licensing.experiments.service import variant_of
from app.services.licensing.experiments.statistics import chi_square_p_value

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def experiment(*weights: int, name: str = "e1") -> Experiment:
    tracks = (TrackRef(ProviderName.JAMENDO, "1"),)
    variants = tuple(Variant(letter, weight, tracks) for letter, weight in zip("ABCDE", weights, strict=False))
    return Experiment(name, "Calm or wild", variants, NOW, None, NOW, "admin")


def test_the_same_user_always_gets_the_same_variant() -> None:
    seen = {variant_of(experiment(1, 1), "ada").name for _ in range(20)}
    assert len(seen) == 1


def test_users_are_spread_as_the_weights_say() -> None:
    of = experiment(5, 3, 2)
    counts = Counter(variant_of(of, f"user-{number}").name for number in range(20_000))
    assert chi_square_p_value([counts[name] for name in "ABC"], [5, 3, 2]) > 0.001


def test_two_experiments_spread_users_independently() -> None:
    first, second = experiment(1, 1), experiment(1, 1, name="e2")
    both = Counter(
        (variant_of(first, f"user-{number}").name, variant_of(second, f"user-{number}").name)
        for number in range(20_000)
    )
    assert chi_square_p_value(list(both.values()), [1, 1, 1, 1]) > 0.001


NOT_APART = (
    "There is not enough data yet to tell “B” and “A” apart: a difference of a fifth needs about 3,841 users each."
)


@pytest.mark.parametrize(
    ("first", "other", "is_enough", "said"),
    [
        ((0, 0), (0, 0), False, "There is not enough data yet to compare “B” and “A”."),
        ((30, 2), (30, 3), False, "There is not enough data yet to compare “B” and “A”."),
        ((1_000, 100), (1_000, 150), True, "“B” is used more than “A” (p < 0.001)."),
        ((1_000, 100), (1_000, 72), True, "“B” is used less than “A” (p = 0.026)."),
        ((1_000, 100), (1_000, 105), False, NOT_APART),
        ((9_000, 900), (9_000, 905), True, "There is enough data, and no difference between “B” and “A” of a fifth."),
        ((100, 90), (100, 92), True, "No difference between “B” and “A” was found."),
    ],
)
def test_what_is_said(first: tuple[int, int], other: tuple[int, int], is_enough: bool, said: str) -> None:
    results = conclude(experiment(1, 1), {"A": VariantCount(*first), "B": VariantCount(*other)})
    assert (results.has_enough_data, results.sentence) == (is_enough, said)


def test_numbers_of_the_variants() -> None:
    results = conclude(experiment(1, 1), {"A": VariantCount(1_000, 100), "B": VariantCount(1_000, 150)})
    first, other = results.variants
    assert (first.lift, first.p_value) == (None, None)
    assert other.lift == pytest.approx(0.5)
    assert other.count.rate == 0.15
    assert results.ratio_p_value == 1.0
    assert results.ratio_warning is None


def test_several_tests_need_smaller_p_values() -> None:
    counts = {"A": VariantCount(1_000, 100), "B": VariantCount(1_000, 128)}
    assert conclude(experiment(1, 1), counts).sentence.startswith("“B” is used more")
    assert conclude(experiment(1, 1), counts).variants[1].p_value > 0.05 / 2
    among_three = conclude(experiment(1, 1, 1), {**counts, "C": VariantCount(1_000, 100)})
    assert among_three.sentence.startswith("There is not enough data yet to tell “B”")
    assert not among_three.has_enough_data


def test_a_lopsided_spread_is_warned_of() -> None:
    results = conclude(experiment(1, 1), {"A": VariantCount(5_300, 500), "B": VariantCount(4_700, 500)})
    assert results.ratio_warning is not None
    assert "weights" in results.ratio_warning
    as_weighted = conclude(experiment(53, 47), {"A": VariantCount(5_300, 500), "B": VariantCount(4_700, 500)})
    assert as_weighted.ratio_warning is None

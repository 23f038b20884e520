"""What can be said of an experiment, in numbers and in plain sentences."""

from collections.abc import Mapping

from app.models.licensing.experiments import Experiment, ExperimentResults, Variant, VariantCount, VariantResult
from app.services.licensing.experiments.statistics import (
    SIGNIFICANCE,
    chi_square_p_value,
    sample_size,
    supports_z_test,
    two_proportion_p_value,
    wilson_interval,
)

# Assignment by hash is not wrong by chance once in a thousand experiments.
_RATIO_SIGNIFICANCE = 0.001
# The smallest difference that anybody would act on.
_WORTHWHILE_LIFT = 0.2
_NONE = VariantCount(0, 0)


def conclude(experiment: Experiment, counts: Mapping[str, VariantCount]) -> ExperimentResults:
    """The results of an experiment out of the counts by name of variant; who was never shown may be left out.

    With more than two variants the threshold of each test is divided by their number (Bonferroni). The tests hold for
    one look at the end; whoever looks every day and stops at the first difference finds some that are not there.
    """
    first, *others = [_result(experiment.variants[0], variant, counts) for variant in experiment.variants]
    said = [_say(first, other, SIGNIFICANCE / len(others)) for other in others]
    ratio = chi_square_p_value(
        [one.count.exposures for one in (first, *others)], [one.weight for one in experiment.variants]
    )
    return ExperimentResults(
        experiment=experiment,
        variants=(first, *others),
        has_enough_data=all(is_enough for is_enough, _sentence in said),
        sentence=" ".join(sentence for _is_enough, sentence in said),
        ratio_p_value=ratio,
        ratio_warning=_ratio_warning(ratio),
    )


def _result(first: Variant, variant: Variant, counts: Mapping[str, VariantCount]) -> VariantResult:
    count, base = counts.get(variant.name, _NONE), counts.get(first.name, _NONE)
    is_first = variant is first
    return VariantResult(
        variant=variant,
        count=count,
        interval=wilson_interval(count),
        lift=None if is_first or count.rate is None or not base.rate else count.rate / base.rate - 1,
        p_value=None if is_first else two_proportion_p_value(base, count),
    )


def _say(first: VariantResult, other: VariantResult, threshold: float) -> tuple[bool, str]:
    """Whether there is enough data to compare two variants, and what the comparison says."""
    pair = f"“{other.variant.name}” and “{first.variant.name}”"
    if other.p_value is None or not supports_z_test(first.count, other.count):
        return False, f"There is not enough data yet to compare {pair}."
    if other.p_value < threshold:
        word = "more" if (other.count.rate or 0) > (first.count.rate or 0) else "less"
        chance = f"p = {other.p_value:.3f}" if other.p_value >= 0.001 else "p < 0.001"  # noqa: PLR2004
        return True, f"“{other.variant.name}” is used {word} than “{first.variant.name}” ({chance})."
    return _say_no_difference(pair, first.count, other.count, threshold)


def _say_no_difference(pair: str, first: VariantCount, other: VariantCount, threshold: float) -> tuple[bool, str]:
    rate = first.rate or 0.0
    wanted = rate * (1 + _WORTHWHILE_LIFT)
    if not 0 < wanted < 1:
        return True, f"No difference between {pair} was found."
    needed = sample_size(rate, wanted, threshold)
    if min(first.exposures, other.exposures) >= needed:
        return True, f"There is enough data, and no difference between {pair} of a fifth."
    return False, (
        f"There is not enough data yet to tell {pair} apart: a difference of a fifth needs about {needed:,} users each."
    )


def _ratio_warning(p_value: float | None) -> str | None:
    if p_value is None or p_value >= _RATIO_SIGNIFICANCE:
        return None
    return (
        "The users are not spread over the variants as their weights say, which is hardly chance "
        f"(p = {p_value:.1g}); find out why before you trust these results."
    )

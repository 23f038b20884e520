"""Experiments as they are sent and shown."""

from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, ConfigDict, Field, field_validator

from app.clock import to_stored_precision
from app.models.licensing.experiments import (
    Assignment,
    Experiment,
    ExperimentDraft,
    ExperimentResults,
    Variant,
    VariantResult,
)
from app.models.licensing.favorites import TrackRef
from app.models.licensing.providers import ProviderName
from app.models.pages import Page
from app.models.wire.base import CamelModel, Moment
from app.models.wire.music_webhooks import TrackId
from app.models.wire.songs import Text

_Time = Annotated[AwareDatetime, Field(strict=False)]


class TrackRefBody(CamelModel):
    """A track by its provider and the provider's own id."""

    model_config = ConfigDict(extra="forbid")

    provider: Annotated[ProviderName, Field(strict=False)]
    track_id: TrackId

    @classmethod
    def of(cls, track: TrackRef) -> Self:
        """Show a reference."""
        return cls(provider=track.provider, track_id=track.track_id)

    def to_ref(self) -> TrackRef:
        """As the service takes it."""
        return TrackRef(self.provider, self.track_id)


class VariantBody(CamelModel):
    """One selection of tracks; it is shown to `weight` of all weights together of the users."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x20]([^\x00-\x1f]*[^\x00-\x20])?$")]
    weight: Annotated[int, Field(ge=1, le=10_000)] = 1
    tracks: Annotated[list[TrackRefBody], Field(min_length=1, max_length=200)]

    @classmethod
    def of(cls, variant: Variant) -> Self:
        """Show a variant."""
        return cls(name=variant.name, weight=variant.weight, tracks=[TrackRefBody.of(one) for one in variant.tracks])

    def to_variant(self) -> Variant:
        """As the service takes it; a track that is named twice is one."""
        return Variant(self.name, self.weight, tuple(dict.fromkeys(one.to_ref() for one in self.tracks)))


class NewExperiment(CamelModel):
    """What is to be compared; the first variant is what the others are compared with."""

    model_config = ConfigDict(extra="forbid")

    name: Text
    variants: Annotated[list[VariantBody], Field(min_length=2, max_length=10)]
    starts_at: _Time | None = None
    ends_at: _Time | None = None

    @field_validator("variants")
    @classmethod
    def _named_apart(cls, variants: list[VariantBody]) -> list[VariantBody]:
        if len({one.name for one in variants}) < len(variants):
            raise ValueError("every variant must have a name of its own")
        return variants

    @field_validator("starts_at", "ends_at")
    @classmethod
    def _in_utc(cls, value: datetime | None) -> datetime | None:
        try:
            return None if value is None else to_stored_precision(value.astimezone(UTC))
        except OverflowError:
            raise ValueError("lies outside of the calendar") from None

    def to_draft(self) -> ExperimentDraft:
        """As the service takes it."""
        variants = tuple(one.to_variant() for one in self.variants)
        return ExperimentDraft(self.name, variants, self.starts_at, self.ends_at)


class ExperimentShown(CamelModel):
    """An experiment."""

    id: str
    name: str
    variants: list[VariantBody]
    starts_at: Moment
    ends_at: Moment | None
    created_at: Moment
    created_by: str

    @classmethod
    def of(cls, experiment: Experiment) -> Self:
        """Show an experiment."""
        return cls(
            id=experiment.id,
            name=experiment.name,
            variants=[VariantBody.of(one) for one in experiment.variants],
            starts_at=experiment.starts_at,
            ends_at=experiment.ends_at,
            created_at=experiment.created_at,
            created_by=experiment.created_by,
        )


class ExperimentList(CamelModel):
    """One page of experiments; `nextCursor` is null on the last one."""

    items: list[ExperimentShown]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Experiment]) -> Self:
        """Show a page."""
        return cls(items=[ExperimentShown.of(one) for one in page.items], next_cursor=page.next_cursor)


class AssignmentShown(CamelModel):
    """The variant that the caller sees, and its tracks."""

    experiment_id: str
    variant: str
    tracks: list[TrackRefBody]
    assigned_at: Moment

    @classmethod
    def of(cls, variant: Variant, assignment: Assignment) -> Self:
        """Show an assignment."""
        return cls(
            experiment_id=assignment.experiment_id,
            variant=variant.name,
            tracks=[TrackRefBody.of(one) for one in variant.tracks],
            assigned_at=assignment.assigned_at,
        )


class OutcomeBody(CamelModel):
    """A track that the caller has used."""

    model_config = ConfigDict(extra="forbid")

    track_ref: TrackRefBody


class OutcomeTaken(CamelModel):
    """Whether it was the first; only that one counts."""

    counted: bool


class IntervalShown(CamelModel):
    """An interval of confidence; shares from 0 to 1."""

    low: float
    high: float


class VariantResultShown(CamelModel):
    """What is known of one variant; `rate` and the interval are shares from 0 to 1, `lift` 0.1 is a tenth more."""

    name: str
    weight: int
    exposures: int
    conversions: int
    rate: float | None
    interval: IntervalShown | None = Field(description="95 % Wilson interval of the rate.")
    lift: float | None = Field(description="Against the first variant.")
    p_value: float | None = Field(description="Two-sided two-proportion z-test against the first variant.")

    @classmethod
    def of(cls, result: VariantResult) -> Self:
        """Show a result."""
        bounds = result.interval
        return cls(
            name=result.variant.name,
            weight=result.variant.weight,
            exposures=result.count.exposures,
            conversions=result.count.conversions,
            rate=result.count.rate,
            interval=None if bounds is None else IntervalShown(low=bounds.low, high=bounds.high),
            lift=result.lift,
            p_value=result.p_value,
        )


class RatioShown(CamelModel):
    """Whether the users are spread as the weights say: a chi-square test, and a warning when they hardly are."""

    p_value: float | None
    warning: str | None


class ExperimentResultsShown(CamelModel):
    """What is known of an experiment, and in a sentence what can be concluded."""

    experiment: ExperimentShown
    variants: list[VariantResultShown]
    enough_data: bool
    conclusion: str
    sample_ratio: RatioShown

    @classmethod
    def of(cls, results: ExperimentResults) -> Self:
        """Show results."""
        return cls(
            experiment=ExperimentShown.of(results.experiment),
            variants=[VariantResultShown.of(one) for one in results.variants],
            enough_data=results.has_enough_data,
            conclusion=results.sentence,
            sample_ratio=RatioShown(p_value=results.ratio_p_value, warning=results.ratio_warning),
        )

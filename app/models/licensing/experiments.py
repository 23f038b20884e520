"""Experiments: which of several selections of tracks is used more, and what can be said of it."""

from dataclasses import dataclass
from datetime import datetime

from app.models.licensing.favorites import TrackRef


@dataclass(frozen=True, slots=True)
class Variant:
    """One selection; it is shown to `weight` of all weights together of the users."""

    name: str
    weight: int
    tracks: tuple[TrackRef, ...]

    def has(self, track: TrackRef) -> bool:
        """Whether the track is part of the selection."""
        return track in self.tracks


@dataclass(frozen=True, slots=True)
class ExperimentDraft:
    """What an admin asks for; without `starts_at` it begins at once, without `ends_at` it goes on."""

    name: str
    variants: tuple[Variant, ...]
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Experiment:
    """Two or more selections; the first is what the others are compared with.

    Users are assigned, and what they use counts, from `starts_at` (included) to `ends_at` (excluded).
    """

    id: str
    name: str
    variants: tuple[Variant, ...]
    starts_at: datetime
    ends_at: datetime | None
    created_at: datetime
    created_by: str

    def has_begun(self, at: datetime) -> bool:
        """Whether users are assigned by then."""
        return self.starts_at <= at

    def is_over(self, at: datetime) -> bool:
        """Whether nobody is assigned any more by then."""
        return self.ends_at is not None and self.ends_at <= at

    def variant(self, name: str) -> Variant:
        """The variant of this name."""
        return next(one for one in self.variants if one.name == name)


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which variant a user was shown first, and when; `converted_at` is when they first used a track of it."""

    experiment_id: str
    user_id: str
    variant: str
    assigned_at: datetime
    converted_at: datetime | None


@dataclass(frozen=True, slots=True)
class VariantCount:
    """How many users were shown a variant, and how many of them used a track of it."""

    exposures: int
    conversions: int

    @property
    def rate(self) -> float | None:
        """The share of users who did; `None` when there are none."""
        return self.conversions / self.exposures if self.exposures else None


@dataclass(frozen=True, slots=True)
class Bounds:
    """An interval of confidence."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class VariantResult:
    """What is known of one variant.

    `interval` is the 95 % Wilson interval of the rate. `lift` is the rate over the first variant's, less one, and
    `p_value` that of a two-sided two-proportion z-test against it; both are `None` for the first, and where they are
    not defined.
    """

    variant: Variant
    count: VariantCount
    interval: Bounds | None
    lift: float | None
    p_value: float | None


@dataclass(frozen=True, slots=True)
class ExperimentResults:
    """What is known of an experiment, and a sentence of what can be concluded.

    `ratio_p_value` is that of a chi-square test of the exposures against the weights; `ratio_warning` is a sentence
    when they are so far off that something must be wrong with how users are assigned or counted.
    """

    experiment: Experiment
    variants: tuple[VariantResult, ...]
    has_enough_data: bool
    sentence: str
    ratio_p_value: float | None
    ratio_warning: str | None

"""Tracks that somebody may like: what is known of a taste, and what is proposed for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.models.licensing.favorites import TrackRef
from app.models.licensing.tracks import ProviderTrack


@dataclass(frozen=True, slots=True)
class Proposal:
    """A track with how well it fits, from 0 to 1, and a few words on why."""

    track: ProviderTrack
    score: float
    reasons: tuple[str, ...]


class SimilarSource(StrEnum):
    """Who says that tracks are similar."""

    PROVIDER = "provider"
    CATALOGUE = "catalogue"
    """Ourselves, by what their providers say about them."""


@dataclass(frozen=True, slots=True)
class SimilarTracks:
    """Tracks similar to another one, the most similar first."""

    proposals: tuple[Proposal, ...]
    source: SimilarSource


class Basis(StrEnum):
    """What a recommendation rests on."""

    TASTE = "taste"
    """The user's own favourites and uses."""
    USAGE = "usage"
    """What everybody has used lately, for whom nothing is known of."""


@dataclass(frozen=True, slots=True)
class Recommendations:
    """Tracks for a user, the best first."""

    proposals: tuple[Proposal, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class UsedTrack:
    """A track that a user has used, with what it was like then."""

    ref: TrackRef
    genres: tuple[str, ...]
    moods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taste:
    """What a user chooses: genres and moods, in small letters, by their share of the favourite one (which has 1).

    `tempo` is the median of the tempos in beats a minute, `None` when none is known.
    """

    genres: Mapping[str, float] = field(default_factory=dict)
    moods: Mapping[str, float] = field(default_factory=dict)
    tempo: float | None = None

    @property
    def is_known(self) -> bool:
        """Whether tracks can be found by it."""
        return bool(self.genres or self.moods)

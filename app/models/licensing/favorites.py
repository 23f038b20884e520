"""Favourites: tracks that a user keeps, with notes and tags of their own."""

from dataclasses import dataclass
from datetime import datetime

from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import ProviderTrack

MOST_FAVORITES = 5_000
"""What one user may keep."""


@dataclass(frozen=True, slots=True, order=True)
class TrackRef:
    """A track by its provider and the provider's own id."""

    provider: ProviderName
    track_id: str

    @classmethod
    def of(cls, track: ProviderTrack) -> "TrackRef":
        """The reference to this track."""
        return cls(track.provider, track.id)


@dataclass(frozen=True, slots=True)
class FavoriteDraft:
    """A track that is to be kept; tags are normalised.

    `track` is the track as it is now, `None` when its provider allows nothing of it to be stored.
    """

    user_id: str
    ref: TrackRef
    notes: str | None
    tags: tuple[str, ...]
    track: ProviderTrack | None


@dataclass(frozen=True, slots=True)
class Favorite:
    """A track that a user keeps, as it was when they added it; a newer state of it is in the catalogue, if anywhere."""

    id: str
    user_id: str
    ref: TrackRef
    notes: str | None
    tags: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    track: ProviderTrack | None


@dataclass(frozen=True, slots=True)
class FavoriteAdded:
    """The favourite, and whether it is new; one that was there already is unchanged."""

    favorite: Favorite
    is_new: bool


@dataclass(frozen=True, slots=True)
class FavoriteChanges:
    """What is to be changed: `None` leaves a field as it is, and what is empty clears it."""

    notes: str | None = None
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class FavoriteFilter:
    """Which of a user's favourites are asked for.

    `tag` is normalised; every one of `words` (in lower case) must occur in title, artist, album, tags or notes.
    """

    user_id: str
    tag: str | None
    provider: ProviderName | None
    words: tuple[str, ...]
    limit: int
    cursor: str | None

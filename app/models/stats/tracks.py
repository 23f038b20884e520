"""Tracks and artists of the statistics wing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Artist:
    """Who made tracks, and whose account sees their dashboard; an artist who is nobody's has an empty `user_id`."""

    id: str
    name: str
    user_id: str
    exclude_own_plays: bool
    created_at: datetime | None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ArtistDraft:
    """An artist that is to be added; without an `id` one is made."""

    name: str
    user_id: str
    id: str | None = None
    exclude_own_plays: bool = False


@dataclass(frozen=True, slots=True)
class ArtistChanges:
    """What an admin changes of an artist; `None` leaves it as it is."""

    name: str | None = None
    exclude_own_plays: bool | None = None


@dataclass(frozen=True, slots=True)
class TrackCounts:
    """Counters that change together with the events they count; `likes` is likes minus unlikes."""

    plays: int = 0
    likes: int = 0
    shares: int = 0
    downloads: int = 0


@dataclass(frozen=True, slots=True)
class Track:
    """Something that is played. `duration` in seconds; `is_song` when it is a song of the copyright-free catalogue."""

    id: str
    title: str
    artist_id: str | None
    duration: float | None
    counts: TrackCounts
    is_song: bool
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class TrackDraft:
    """A track that is to be added; `duration` in seconds. Without an `id` one is made."""

    title: str
    artist_id: str
    duration: float
    id: str | None = None


@dataclass(frozen=True, slots=True)
class TrackChanges:
    """What an admin changes of a track; `None` leaves it as it is."""

    title: str | None = None
    artist_id: str | None = None
    duration: float | None = None


@dataclass(frozen=True, slots=True)
class TrackWritten:
    """A track as it is now, and whose it was before; `None` when it is new."""

    track: Track
    former_artist_id: str | None


@dataclass(frozen=True, slots=True)
class TrackFilter:
    """Which tracks are asked for: an artist's, or everybody's."""

    artist_id: str | None
    limit: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Dirt:
    """The days of one track whose buckets are out of date, each with the token of the last write that made them so.

    `hours` has a bit for each hour of the day (the lowest is 0 o'clock) whose events have changed.
    """

    track_id: str
    days: Mapping[datetime, object]
    hours: Mapping[datetime, int] = field(default_factory=dict)

    def of_days(self, days: Iterable[datetime]) -> "Dirt":
        """Of these days alone, which are some of those here."""
        kept = list(days)
        return Dirt(
            self.track_id,
            {day: self.days[day] for day in kept},
            {day: self.hours[day] for day in kept if day in self.hours},
        )

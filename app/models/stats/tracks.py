"""Tracks and artists of the statistics wing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Artist:
    """Who made tracks, and whose account sees their dashboard."""

    id: str
    name: str
    user_id: str
    exclude_own_plays: bool
    created_at: datetime | None


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
class Dirt:
    """The days of one track whose buckets are out of date, each with the token of the last write that made them so."""

    track_id: str
    days: Mapping[datetime, object]

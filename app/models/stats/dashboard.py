"""What an artist sees of their own tracks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.models.stats.analytics import Uniques
from app.models.stats.buckets import Split
from app.models.stats.periods import TimeRange
from app.models.stats.playlists import PlaylistCounts
from app.models.stats.tallies import Tally
from app.models.stats.tracks import Artist, Track


@dataclass(frozen=True, slots=True)
class RecentPlay:
    """One play, without anything that tells who listened; `duration` in seconds, `completion_rate` 0..100."""

    track_id: str
    timestamp: datetime
    source: str | None
    duration: float | None
    completion_rate: float | None
    country: str | None


@dataclass(frozen=True, slots=True)
class RecentLike:
    """One like, without anything that tells whose."""

    track_id: str
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class Activity:
    """The latest events of an artist's tracks, with the titles of the tracks."""

    at: datetime
    titles: Mapping[str, str]
    plays: tuple[RecentPlay, ...]
    likes: tuple[RecentLike, ...]


@dataclass(frozen=True, slots=True)
class TrackStanding:
    """A track and what it added up to in the range."""

    track: Track
    tally: Tally


@dataclass(frozen=True, slots=True)
class Dashboard:
    """An artist's tracks over a range; `previous` is the period of the same length before, if there is one."""

    artist: Artist
    time_range: TimeRange
    start: datetime | None
    end: datetime
    titles: Mapping[str, str]
    current: Split
    uniques: Uniques
    previous: Tally | None
    top_tracks: tuple[TrackStanding, ...]
    plays: tuple[RecentPlay, ...]
    likes: tuple[RecentLike, ...]
    playlists: PlaylistCounts

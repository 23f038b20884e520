"""Views of episodes: what a player reports, what is kept of it, and what was cut off."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

Stretch = tuple[int, int]
"""From one cell of an episode's grid up to another, which is not in it."""

SILENT_AFTER = timedelta(minutes=30)
"""A view without a sign for so long is closed."""


@dataclass(frozen=True, slots=True)
class EpisodePlace:
    """Where an episode stands, what is played, and how long it is."""

    tenant: str
    show: int
    season: int
    episode: int
    video_id: str
    duration_seconds: int


@dataclass(frozen=True, slots=True)
class PlaybackClaim:
    """What a playback token says: who may report on which episode; `key` names the one view that it is good for."""

    key: str
    tenant: str
    user_id: str
    episode: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a view is watched, as far as it may be kept."""

    device_id: str
    ip: str | None
    user_agent: str


@dataclass(frozen=True, slots=True)
class ViewStart:
    """A view that begins; `view_id` is its own unless its token has begun one before."""

    view_id: int
    claim: PlaybackClaim
    place: EpisodePlace
    origin: Origin
    at: datetime
    client_started_at: datetime | None


@dataclass(frozen=True, slots=True)
class Beat:
    """Seconds of content since the last beat, and where the player stands, if it said so."""

    seconds: float
    position: float | None


@dataclass(frozen=True, slots=True)
class Completion:
    """The player's own sum, and whether the episode was seen to its end."""

    total_seconds: float
    completed: bool


@dataclass(frozen=True, slots=True)
class Report:
    """One report on its way to the database; `key` tells one from all others, so that none is counted twice."""

    key: str
    view_id: int
    claim: PlaybackClaim
    at: datetime
    content: Beat | Completion


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of one view; seconds are of content, and `heat` has them by hundredths of the episode."""

    started_at: datetime
    last_heartbeat_at: datetime | None
    last_report_at: datetime
    duration_seconds: int
    total_seconds: float
    unique_seconds: float
    completed_at: datetime | None
    covered: tuple[Stretch, ...]
    heat: Mapping[int, float]


class TrimReason(StrEnum):
    """Why less was counted than was said."""

    RANGE = "range"
    SINCE_LAST = "since_last"
    SINCE_START = "since_start"


@dataclass(frozen=True, slots=True)
class Trim:
    """What was cut off a report, in seconds."""

    reason: TrimReason
    by: float


@dataclass(frozen=True, slots=True)
class Recorded:
    """A report was committed."""

    view_id: int
    is_beat: bool
    trims: tuple[Trim, ...]


@dataclass(frozen=True, slots=True)
class Playback:
    """What a player needs to play an episode and to report on it."""

    place: EpisodePlace
    token: str
    expires_at: datetime

"""What recorded uses add up to."""

from dataclasses import dataclass
from enum import StrEnum

from app.models.licensing.providers import ProviderName


class GroupBy(StrEnum):
    """How long a period is: days, ISO weeks or months, all in UTC."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class UsageInPeriod:
    """One period with uses; named `2024-01-05`, `2024-W01` (the year is the week's) or `2024-01`."""

    name: str
    total_usage: int
    unique_tracks: int


@dataclass(frozen=True, slots=True)
class TopTrack:
    """A track and its uses; called what it was called at the last of them."""

    provider: ProviderName
    track_id: str
    title: str
    artist: str | None
    total_usage: int


@dataclass(frozen=True, slots=True)
class UsageAnalytics:
    """All uses of a stretch of time. A use of a track with two genres counts for both."""

    over_time: tuple[UsageInPeriod, ...]
    top_tracks: tuple[TopTrack, ...]
    genres: tuple[tuple[str, int], ...]
    moods: tuple[tuple[str, int], ...]

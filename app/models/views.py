"""Views: what a player reports, what is kept, and what an artist learns from it."""

from dataclasses import dataclass
from datetime import date, datetime

from app.models.songs import SongCounts, SongKey

MIN_DURATION_MS = 3_000
MIN_PROGRESS_PCT = 25.0


@dataclass(frozen=True, slots=True)
class Engagement:
    """How much of a song was heard, as far as the player said so; `None` is not said."""

    duration_ms: int | None = None
    progress_pct: float | None = None
    is_complete: bool | None = None

    @property
    def is_said(self) -> bool:
        """Whether the player said anything at all."""
        return self.duration_ms is not None or self.progress_pct is not None or self.is_complete is not None

    @property
    def qualifies(self) -> bool:
        """Whether this is a view: 3 s, 25 %, or the end; a player that says nothing is believed to have checked."""
        if not self.is_said:
            return True
        return (
            (self.duration_ms or 0) >= MIN_DURATION_MS
            or (self.progress_pct or 0) >= MIN_PROGRESS_PCT
            or self.is_complete is True
        )


@dataclass(frozen=True, slots=True)
class ViewReport:
    """One user's report on one song, on its way to the database.

    `reference` is what the caller named the song by; it is checked again in the transaction, where it counts.
    `reports` is how many calls were folded into this one.
    """

    user_id: str
    song_key: SongKey
    reference: str
    duration_ms: int
    progress_pct: float
    is_complete: bool
    at: datetime
    reports: int = 1


@dataclass(frozen=True, slots=True)
class ViewRecorded:
    """A report was committed: the song's counts after it, and whether it was this user's first."""

    counts: SongCounts
    is_new: bool
    reports: int = 1


@dataclass(frozen=True, slots=True)
class View:
    """One entry of a user's own history."""

    song_id: str
    title: str | None
    artist: str | None
    duration_ms: int
    progress_pct: float
    is_complete: bool
    viewed_at: datetime
    last_viewed_at: datetime


@dataclass(frozen=True, slots=True)
class DayOfViews:
    """First views on one UTC day."""

    day: date
    views: int


@dataclass(frozen=True, slots=True)
class ViewAnalytics:
    """A song's audience. Rates and progress are 0..100; `progress_histogram` has ten steps of 10 %."""

    total_views: int
    avg_duration_ms: float
    avg_progress_pct: float
    completion_rate: float
    views_by_day: tuple[DayOfViews, ...]
    progress_histogram: tuple[int, ...]

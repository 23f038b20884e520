"""How far into an episode its viewers come, and what they play again."""

from dataclasses import dataclass, field
from datetime import datetime

from app.models.episodes.curves import Curve


@dataclass(slots=True)
class StoredCurve:
    """What buckets of an episode add up to; `computed_at` is when the latest of them was made."""

    curve: Curve = field(default_factory=Curve)
    views: int = 0
    computed_at: datetime | None = None

    def add(self, curve: Curve, views: int, computed_at: datetime) -> None:
        """Take in a bucket."""
        self.curve.merge(curve)
        self.views += views
        self.computed_at = max(self.computed_at or computed_at, computed_at)


@dataclass(frozen=True, slots=True)
class RetentionPoint:
    """One hundredth of an episode: the share of views that covered its begin, and how often a view plays it."""

    at_seconds: float
    retention: float
    heat: float


@dataclass(frozen=True, slots=True)
class Retention:
    """The curve of an episode."""

    episode: int
    duration_seconds: int
    views: int
    points: tuple[RetentionPoint, ...]
    computed_at: datetime | None

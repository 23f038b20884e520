"""Buckets of days, and what they are made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.models.episodes.curves import Curve
from app.models.episodes.metrics import NO_DAY, DayWatched, Scope


@dataclass(frozen=True, slots=True, order=True)
class EpisodeDay:
    """One day (UTC) of one episode; the views that began on it, and how many of them are known to have changed."""

    show: int
    day: date
    season: int
    episode: int
    tenant: str
    changed: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Bucket:
    """One day of a scope; only episodes have a curve."""

    scope: Scope
    day: date
    totals: DayWatched = NO_DAY
    curve: Curve | None = None


@dataclass(frozen=True, slots=True)
class Dirt:
    """What said that buckets are out of date: views by their revision, and marks (for views that are gone) by theirs.

    `is_all` is false when more views said so than are dealt with at once.
    """

    views: Mapping[int, list[int]] = field(default_factory=dict)
    marks: Mapping[str, int] = field(default_factory=dict)
    is_all: bool = True

    @property
    def size(self) -> int:
        """How many views and marks there are."""
        return sum(len(ids) for ids in self.views.values()) + len(self.marks)


@dataclass(frozen=True, slots=True)
class Computed:
    """Buckets of one moment (`as_of`, which only the store understands), and what was dirty in that moment."""

    buckets: list[Bucket]
    as_of: Any
    dirt: Dirt


@dataclass(slots=True)
class RollupReport:
    """What one run did."""

    days: int = 0
    buckets: int = 0
    views: int = 0

    @property
    def summary(self) -> Mapping[str, int]:
        """The report in numbers."""
        return {"days": self.days, "buckets": self.buckets, "views": self.views}

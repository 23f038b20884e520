"""What rolling up views needs from outside, in its own words."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from app.models.episodes.rollups import Computed, EpisodeDay


class DirtyDays(Protocol):
    """Knows what is out of date."""

    async def days(self, limit: int) -> list[EpisodeDay]:
        """So many of the days that are, those of one show together."""
        ...


class Rollups(Protocol):
    """Makes and keeps buckets."""

    async def compute(self, wanted: Sequence[EpisodeDay], silent_since: datetime | None = None) -> Computed:
        """The buckets of these days, and what was dirty; with a moment, only views that are silent since then."""
        ...

    async def replace(self, computed: Computed, at: datetime) -> None:
        """Put them in the place of older ones."""
        ...

    async def clear(self, computed: Computed) -> None:
        """Nothing of it is dirty any more, unless it has changed since."""
        ...


class WatchedDays(Protocol):
    """Knows when what was watched."""

    async def since(self, day: date) -> Sequence[EpisodeDay]:
        """The days of episodes that have views or buckets, from this day on."""
        ...

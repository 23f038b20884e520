"""What rolling up needs from outside, in its own words."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from app.models.stats.backfills import Backfill
from app.models.stats.periods import Granularity, Interval, Period
from app.models.stats.rollups import Computed, TrackDays
from app.models.stats.tracks import Dirt


class Days(Protocol):
    """Makes buckets of days from raw events."""

    async def marked(self) -> Mapping[str, int]:
        """The tracks with marks, and how many each has."""
        ...

    async def marks(self, track_ids: Sequence[str]) -> list[Dirt]:
        """Their marks."""
        ...

    async def due_marks(self, track_ids: Sequence[str], now: datetime) -> list[Dirt]:
        """Their marks, but for those on the present day whose turn comes later."""
        ...

    async def compute(self, wanted: TrackDays, *, is_exact: bool = True) -> Computed:
        """The buckets of these days of tracks, with their marks of the same moment; of busy days, unless they are to
        be exact, with an estimate of their listeners."""
        ...

    async def tracks_on(self, day: datetime) -> list[str]:
        """The tracks that have events or a bucket on a day."""
        ...


class Periods(Protocol):
    """Makes buckets of longer periods from shorter ones."""

    async def compute(self, period: Period, track_ids: Sequence[str], *, recounted: int | None) -> Computed:
        """The buckets of these tracks; for their distinct sessions so many plays are recounted, or all (`None`)."""
        ...

    async def tracks_in(self, period: Period) -> list[str]:
        """The tracks that have a bucket of the period, or something to make it from."""
        ...


class Rollups(Protocol):
    """Keeps buckets of tracks."""

    async def replace(self, computed: Computed, at: datetime) -> None:
        """Put them in the place of older ones."""
        ...

    async def estimates(self, granularity: Granularity) -> list[tuple[Period, list[str]]]:
        """Buckets whose distinct sessions are an estimate but can be recounted."""
        ...


class Platform(Protocol):
    """Makes and keeps buckets of everything."""

    async def compute(self, period: Period) -> Computed:
        """The bucket of the period."""
        ...

    async def replace(self, computed: Computed, at: datetime) -> None:
        """Put it in the place of an older one."""
        ...

    async def days_without_hours(self, before: datetime) -> list[datetime]:
        """Days whose hours are missing or out of date."""
        ...

    async def compute_hours(self, day: datetime) -> Computed:
        """The hours of a day."""
        ...

    async def replace_hours(self, day: datetime, computed: Computed, at: datetime) -> None:
        """Put them in the place of older ones."""
        ...


class Marks(Protocol):
    """Removes marks."""

    async def clear(self, dirt: Sequence[Dirt]) -> None:
        """Remove these, unless there are newer ones."""
        ...


class Coverage(Protocol):
    """Knows how far back buckets reach, and how far back events do."""

    async def covered_from(self) -> datetime | None:
        """The first day whose buckets may be trusted."""
        ...

    async def extend(self, start: datetime) -> None:
        """Trust this day and all after it."""
        ...

    async def last_day(self, interval: Interval) -> datetime | None:
        """The last day in the interval that has events or buckets."""
        ...

    async def first_day(self) -> datetime | None:
        """The first day that has events."""
        ...


class Backfills(Protocol):
    """Keeps ranges of days that are to be rolled up."""

    async def add(self, interval: Interval, at: datetime, *, extends_coverage: bool = False) -> Backfill:
        """A new one."""
        ...

    async def get(self, backfill_id: str) -> Backfill:
        """The one of this id, or `NotFound`."""
        ...

    async def unfinished(self) -> list[Backfill]:
        """Those that somebody should work on."""
        ...

    async def reach(self, backfill_id: str, done_from: datetime, at: datetime) -> None:
        """Note how far it has come."""
        ...

    async def finish(self, backfill_id: str, at: datetime, error: str | None = None) -> None:
        """It is over."""
        ...


class Leases(Protocol):
    """Lets one process at a time through."""

    async def acquire(self, name: str, owner: str, lifetime: timedelta) -> bool:
        """Take or keep the lease."""
        ...

    async def release(self, name: str, owner: str) -> None:
        """Give it back."""
        ...

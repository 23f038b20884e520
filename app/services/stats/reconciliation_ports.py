"""What a comparison needs from outside, in its own words."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from app.models.jobs import Summary
from app.models.stats.drift import Compared, TrackDrift
from app.models.stats.periods import Interval, Period


class CounterAudit(Protocol):
    """Compares counters of tracks with events."""

    async def batches(self) -> list[list[str]]:
        """All tracks, in batches."""
        ...

    async def suspects(self, track_ids: Sequence[str]) -> list[TrackDrift]:
        """Counters that differ, all of one moment."""
        ...

    async def settle(self, track_id: str, counter: str) -> TrackDrift | None:
        """Judge one counter again, in a transaction, and set it right."""
        ...


class BucketAudit(Protocol):
    """Compares buckets with what they are made from."""

    async def compare(self, period: Period, track_ids: list[str]) -> Compared:
        """Those of these tracks that are not marked."""
        ...

    async def compare_platform(self, period: Period) -> Compared:
        """That of everything, unless something in it is marked."""
        ...

    async def mark(self, places: Iterable[tuple[str, datetime]]) -> None:
        """Mark days of tracks."""
        ...


class DaysOfTracks(Protocol):
    """Knows what there is on a day."""

    async def tracks_on(self, day: datetime) -> list[str]:
        """The tracks that have events or a bucket on it."""
        ...


class TracksOfPeriods(Protocol):
    """Knows what there is in a longer period."""

    async def tracks_in(self, period: Period) -> list[str]:
        """The tracks that have a bucket of the period, or something to make it from."""
        ...


class Repairs(Protocol):
    """Makes buckets anew."""

    async def run(self, *, exact: bool = False) -> Summary:
        """Those that are marked."""
        ...

    async def rebuild(self, interval: Interval) -> Summary:
        """Those of an interval."""
        ...

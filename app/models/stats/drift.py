"""What a comparison of the statistics' derived numbers with the raw events found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.models.jobs import Summary
from app.models.stats.periods import Granularity, Period


@dataclass(frozen=True, slots=True)
class TrackDrift:
    """One counter of one track that does not equal its events."""

    track_id: str
    counter: str
    stored: int
    counted: int

    @property
    def size(self) -> int:
        """How far off the counter is, without sign."""
        return abs(self.stored - self.counted)


@dataclass(frozen=True, slots=True)
class BucketDrift:
    """One number of a bucket that does not equal a recount; `field` as it is stored.

    `track_id` is empty in buckets of everything, and of events that name no track.
    """

    track_id: str
    period: Period
    is_of_everything: bool
    field: str
    stored: float
    counted: float

    @property
    def is_of_a_day(self) -> bool:
        """Whether it is of one track's day."""
        return self.period.granularity is Granularity.DAY and not self.is_of_everything


@dataclass(frozen=True, slots=True)
class Compared:
    """How many buckets were compared, and what was found in them."""

    buckets: int
    found: tuple[BucketDrift, ...]


@dataclass(frozen=True, slots=True)
class StatsDriftReport:
    """All that was found; zero drift is the promise. Not `is_complete` when the time was up before the end."""

    checked_at: datetime
    tracks: int
    found: tuple[TrackDrift, ...]
    buckets: int
    found_in_buckets: tuple[BucketDrift, ...]
    is_repaired: bool
    is_complete: bool = True

    @property
    def drift(self) -> int:
        """The sum of all drift of counters, without sign."""
        return sum(one.size for one in self.found)

    @property
    def drift_by_counter(self) -> Mapping[str, int]:
        """The same for each counter that drifts."""
        counters = {one.counter for one in self.found}
        return {name: sum(one.size for one in self.found if one.counter == name) for name in counters}

    @property
    def drifting_buckets(self) -> int:
        """How many buckets have a wrong number."""
        return len({(one.track_id, one.period, one.is_of_everything) for one in self.found_in_buckets})

    @property
    def summary(self) -> Summary:
        """The report in numbers."""
        return {
            "tracks": self.tracks,
            "drift": self.drift,
            "buckets": self.buckets,
            "driftingBuckets": self.drifting_buckets,
        }

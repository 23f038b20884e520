"""Rolling up: buckets that were made of one moment, and what a run did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.models.jobs import Summary
from app.models.stats.buckets import Bucket
from app.models.stats.periods import Granularity, Interval, Period
from app.models.stats.tracks import Dirt

DAY = timedelta(days=1)
WEEK_AND_MONTH = (Granularity.WEEK, Granularity.MONTH)
EVER = Interval(datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
"""Where days are looked for; nobody played anything before, and a row of the year 10000 is nobody's either."""

TrackDays = Mapping[datetime, Sequence[str]]
"""Tracks, by the day (midnight) that is meant of each."""


@dataclass(frozen=True, slots=True)
class Computed:
    """Buckets as of one moment, which `as_of` orders among others, and the marks that lay on them then.

    `recounted` is how many plays were read for distinct sessions that the parts of the buckets do not tell.
    """

    buckets: list[Bucket]
    as_of: object
    dirt: list[Dirt] = field(default_factory=list)
    recounted: int = 0


@dataclass(slots=True)
class RollupReport:
    """What a run did, in numbers of buckets; `marks` is how many (track, day) were marked."""

    marks: int = 0
    days: int = 0
    periods: int = 0
    platform: int = 0

    @property
    def summary(self) -> Summary:
        """The report in numbers."""
        return {"marks": self.marks, "days": self.days, "periods": self.periods, "platform": self.platform}


def whole_days(interval: Interval) -> Interval:
    """The days that an interval touches, from midnight to midnight."""
    start, end = Granularity.DAY.start_of(interval.start), Granularity.DAY.start_of(interval.end)
    return Interval(start, end if end == interval.end else end + DAY)


def longer_periods(day: datetime) -> list[Period]:
    """The week, the month and the year that a day lies in; a year is made of its months, so it comes last."""
    longer = (*WEEK_AND_MONTH, Granularity.YEAR)
    return [Period(granularity.start_of(day), granularity) for granularity in longer]

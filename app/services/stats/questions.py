"""Questions about statistics, as reading takes them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.models.stats.analytics import Bots, Metric
from app.models.stats.events import EventType
from app.models.stats.periods import Granularity, Interval, TimeRange, day_of
from app.services.stats.reading_ports import TrackIds

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Question:
    """Events of some tracks or of all in a stretch of time, by track or not, by periods of the calendar or not.

    A stretch that `is_open` ends with the present day, after which nothing lies.
    """

    track_ids: TrackIds
    stretch: Interval
    is_open: bool = True
    by: Granularity | None = None
    by_track: bool = False
    kinds: Collection[EventType] = tuple(EventType)
    bots: Bots = Bots.EXCLUDE
    with_uniques: bool = True

    def point_of(self, moment: datetime) -> datetime | None:
        """The period that a moment belongs to in the answer; `None` when it is not asked for by periods."""
        return None if self.by is None else self.by.start_of(moment)

    def within(self, days: Iterable[datetime]) -> frozenset[datetime]:
        """Those of these days that the stretch touches."""
        return frozenset(day for day in days if self.stretch.start < day + _DAY and day < self.stretch.end)

    def split_days(self) -> list[datetime]:
        """The days of which a part may be asked for."""
        start, last = day_of(self.stretch.start), day_of(self.stretch.end)
        if self.by is not Granularity.HOUR:
            return sorted({start, last})
        return [start + day * _DAY for day in range((last - start) // _DAY + 1)]

    def holds_day(self, day: datetime) -> bool:
        """Whether all of a day lies in one period of the answer."""
        is_inside = self.stretch.start <= day and day + _DAY <= self.stretch.end
        return is_inside and self.by is not Granularity.HOUR

    def points(self) -> dict[datetime | None, Interval]:
        """The stretch in pieces, as it is asked for."""
        if self.by is None:
            return {None: self.stretch}
        found: dict[datetime | None, Interval] = {}
        start = self.by.start_of(self.stretch.start)
        while start < self.stretch.end:
            after = self.by.after(start)
            found[start] = Interval(max(start, self.stretch.start), min(after, self.stretch.end))
            start = after
        return found


def kinds_of(metric: Metric | None) -> tuple[EventType, ...]:
    """The events that a metric is counted from, or all."""
    return tuple(EventType) if metric is None else (metric.kind,)


def stretch_of(time_range: TimeRange, now: datetime, first_day: datetime | None = None) -> Interval:
    """From the beginning of a range to the end of the present day: nothing that happened lies after now.

    `first_day` is where `all` begins.
    """
    until = day_of(now) + _DAY
    start = now - time_range.length if time_range.length is not None else first_day
    return Interval(start or until, until)

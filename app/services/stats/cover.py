"""Which buckets and which raw rows make up a stretch of time: pure planning."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.models.stats.periods import Granularity, Interval, Period, day_of

_LONGEST_FIRST = (Granularity.YEAR, Granularity.MONTH, Granularity.WEEK, Granularity.DAY)
_NEVER = datetime.max.replace(tzinfo=UTC)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Trust:
    """What of the buckets may be believed.

    Days before `covered_from` (`None`: all days) were never rolled up. `marked` are midnights of days whose buckets
    are out of date. `hours` has, for days whose hours are stored, a bit for each hour (the lowest is 0 o'clock) that
    may be believed, whether the day is marked or not. Where `is_open`, nothing lies after the end of the stretch, so a
    bucket that reaches beyond it still holds nothing else.
    """

    covered_from: datetime | None
    marked: Sequence[datetime] = ()
    hours: Mapping[datetime, int] = field(default_factory=dict)
    is_open: bool = False


@dataclass(slots=True)
class Cover:
    """Pieces that make up a stretch: whole buckets, whole days that are out of date, and raw rows of the rest."""

    periods: list[Period] = field(default_factory=list)
    marked_days: list[datetime] = field(default_factory=list)
    raw: list[Interval] = field(default_factory=list)

    def all_raw(self) -> list[Interval]:
        """Everything that no bucket holds, neighbours joined."""
        return joined([*self.raw, *(Interval(day, day + _DAY) for day in self.marked_days)])


def cover(stretch: Interval, trust: Trust) -> Cover:
    """Cover a stretch, at each place by the longest bucket that begins there, ends within, and can be believed."""
    return _Planner(stretch, trust).plan()


def joined(intervals: Iterable[Interval]) -> list[Interval]:
    """The same stretches of time in order; those that are neighbours or overlap are made one."""
    result: list[Interval] = []
    for one in sorted(intervals):
        if result and one.start <= result[-1].end:
            result[-1] = Interval(result[-1].start, max(result[-1].end, one.end))
        else:
            result.append(one)
    return result


class _Planner:
    def __init__(self, stretch: Interval, trust: Trust) -> None:
        self._stretch = stretch
        self._trust = trust
        self._marked = trust.marked
        self._limit = _NEVER if trust.is_open else stretch.end
        self._covered_from = trust.covered_from or _NEVER
        self._cover = Cover()

    def plan(self) -> Cover:
        place = self._stretch.start
        while place < self._stretch.end:
            place = min(self._next(place), self._stretch.end)
        self._cover.raw = joined(self._cover.raw)
        return self._cover

    def _next(self, place: datetime) -> datetime:
        """Cover what begins here, and tell where it ends."""
        day = day_of(place)
        if day < self._covered_from:
            return self._raw(place, self._covered_from)
        if place == day and (period := self._longest(place)):
            self._cover.periods.append(period)
            return period.end
        if hours := self._trust.hours.get(day):
            return self._hour(place, hours)
        if self._is_marked(day, day + _DAY):
            return self._marked_day(place, day)
        return self._raw(place, day + _DAY)

    def _raw(self, start: datetime, end: datetime) -> datetime:
        self._cover.raw.append(Interval(start, min(end, self._stretch.end)))
        return end

    def _marked_day(self, place: datetime, day: datetime) -> datetime:
        if place > day or day + _DAY > self._stretch.end:
            return self._raw(place, day + _DAY)
        self._cover.marked_days.append(day)
        return day + _DAY

    def _longest(self, place: datetime) -> Period | None:
        for granularity in _LONGEST_FIRST:
            period = Period(place, granularity)
            if granularity.start_of(place) == place and self._can_be_used(period):
                return period
        return None

    def _can_be_used(self, period: Period) -> bool:
        return period.end <= self._limit and not self._is_marked(period.start, period.end)

    def _is_marked(self, start: datetime, end: datetime) -> bool:
        first = bisect_left(self._marked, start)
        return first < len(self._marked) and self._marked[first] < end

    def _hour(self, place: datetime, hours: int) -> datetime:
        hour = Period(Granularity.HOUR.start_of(place), Granularity.HOUR)
        is_believed = hours >> place.hour & 1
        if not is_believed or hour.start < place or hour.end > self._stretch.end:
            return self._raw(place, hour.end)
        self._cover.periods.append(hour)
        return hour.end

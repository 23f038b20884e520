"""What has to be read to answer a question about statistics."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.models.stats.analytics import Bots, Metric
from app.models.stats.events import EventType
from app.models.stats.periods import Granularity, Interval, Period, TimeRange, day_of
from app.repositories.stats_tallies import Slice
from app.services.stats.cover import Cover, Trust, cover, joined
from app.services.stats.reading_ports import TrackIds

_DAY = timedelta(days=1)
_NO_MARKS: frozenset[datetime] = frozenset()


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

    def split_days(self) -> list[datetime]:
        """The days of which a part may be asked for."""
        start, last = day_of(self.stretch.start), day_of(self.stretch.end)
        if self.by is not Granularity.HOUR:
            return sorted({start, last})
        return [start + day * _DAY for day in range((last - start) // _DAY + 1)]

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


@dataclass(slots=True)
class Plan:
    """Buckets of tracks (`None`: of everything), raw rows, and days of everything to be summed over unmarked tracks."""

    periods: dict[TrackIds, list[Period]] = field(default_factory=lambda: defaultdict(list))
    raw: dict[TrackIds, list[Interval]] = field(default_factory=lambda: defaultdict(list))
    sums: dict[datetime, tuple[str, ...]] = field(default_factory=dict)

    def slices(self) -> list[Slice]:
        """The raw rows, neighbours joined."""
        return [Slice(one, track_ids) for track_ids, all_of in self.raw.items() for one in joined(all_of)]

    def touched(self) -> list[Slice]:
        """Every day that raw rows are read of, which is where archived parts have to be added."""
        days = {ids: [_whole_days(one) for one in all_of] for ids, all_of in self.raw.items()}
        return [Slice(one, ids) for ids, all_of in days.items() for one in joined(all_of)]

    def with_sums_as_periods(self) -> Mapping[TrackIds, Sequence[Period]]:
        """The buckets, and those of everything for the days that are summed: all that is known of their listeners."""
        days = [Period(day, Granularity.DAY) for day in self.sums]
        return {**self.periods, None: [*self.periods.get(None, ()), *days]} if days else self.periods

    def of_points(self, question: Question, points: Collection[datetime | None]) -> "Plan":
        """The part of the plan that belongs to some of the points."""
        part = Plan(sums={day: ids for day, ids in self.sums.items() if question.point_of(day) in points})
        for ids, periods in self.periods.items():
            part.periods[ids] = [one for one in periods if question.point_of(one.start) in points]
        for ids, raw in self.raw.items():
            part.raw[ids] = [one for one in raw if question.point_of(one.start) in points]
        return part


def plan_tracks(question: Question, covered_from: datetime | None, marks: Mapping[str, frozenset[datetime]]) -> Plan:
    """Plan for some tracks; those that are marked on the same days are read together."""
    plan = Plan()
    alike: dict[frozenset[datetime], list[str]] = defaultdict(list)
    for track_id in question.track_ids or ():
        alike[_within(question.stretch, marks.get(track_id, _NO_MARKS))].append(track_id)
    for marked, track_ids in alike.items():
        group = tuple(track_ids)
        for one in _covers(question, Trust(covered_from, sorted(marked))):
            plan.periods[group] += one.periods
            plan.raw[group] += one.all_raw()
    return plan


def plan_everything(
    question: Question,
    covered_from: datetime | None,
    marks: Mapping[str, frozenset[datetime]],
    with_hours: Collection[datetime],
) -> Plan:
    """Plan for everything; on a day with any mark, the marked tracks are read raw and the others are summed."""
    plan = Plan()
    by_day: dict[datetime, list[str]] = defaultdict(list)
    for track_id, days in marks.items():
        for day in _within(question.stretch, days):
            by_day[day].append(track_id)
    for one in _covers(question, Trust(covered_from, sorted(by_day), with_hours)):
        plan.periods[None] += one.periods
        plan.raw[None] += one.raw
        for day in one.marked_days:
            plan.sums[day] = tuple(sorted(by_day[day]))
            plan.raw[plan.sums[day]].append(Interval(day, day + _DAY))
    return plan


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


def _covers(question: Question, trust: Trust) -> Iterable[Cover]:
    for one in question.points().values():
        is_open = question.is_open and one.end == question.stretch.end
        yield cover(one, replace(trust, is_open=is_open))


def _within(stretch: Interval, days: Iterable[datetime]) -> frozenset[datetime]:
    return frozenset(day for day in days if stretch.start < day + _DAY and day < stretch.end)


def _whole_days(one: Interval) -> Interval:
    last = day_of(one.end)
    return Interval(day_of(one.start), last if last == one.end else last + _DAY)

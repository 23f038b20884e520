"""What has to be read to answer a question about statistics."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.models.stats.periods import Granularity, Interval, Period, day_of
from app.repositories.stats_dirt import ALL_HOURS
from app.repositories.stats_tallies import Slice
from app.services.stats.cover import Cover, Trust, cover, joined
from app.services.stats.questions import Question
from app.services.stats.reading_ports import TrackIds
from app.services.stats.stored_hours import Hours

_DAY = timedelta(days=1)
_NONE: Mapping[datetime, int] = {}


@dataclass(slots=True)
class Plan:
    """Buckets of tracks (`None`: of everything), raw rows, and days of everything to be summed over unmarked tracks.

    Hours of tracks are buckets like others, but for their listeners: see `for_listeners`.
    """

    periods: dict[TrackIds, list[Period]] = field(default_factory=lambda: defaultdict(list))
    raw: dict[TrackIds, list[Interval]] = field(default_factory=lambda: defaultdict(list))
    sums: dict[datetime, tuple[str, ...]] = field(default_factory=dict)

    def slices(self) -> list[Slice]:
        """The raw rows, neighbours joined."""
        return _slices(self.raw)

    def touched(self) -> list[Slice]:
        """Every day that raw rows are read of, which is where archived parts have to be added."""
        return _slices({ids: [_whole_days(one) for one in all_of] for ids, all_of in self.raw.items()})

    def for_listeners(self, question: Question) -> "Plan":
        """The plan for who listened, which hours of tracks do not know: their day does, if it is asked for as a whole.

        If events of a changed hour were erased or judged anew, the day still has their sessions until it is rolled up
        again, so for half a minute an estimate may be too high. What is recounted does not come here.
        """
        plan = Plan(sums=self.sums)
        for ids, periods in self.periods.items():
            hours = [] if ids is None else [one for one in periods if one.granularity is Granularity.HOUR]
            days = {day for one in hours if question.holds_day(day := day_of(one.start))}
            plan.periods[ids] = [one for one in periods if ids is None or one.granularity is not Granularity.HOUR]
            plan.periods[ids] += [Period(day, Granularity.DAY) for day in sorted(days)]
            plan.raw[ids] += [one.interval for one in hours if day_of(one.start) not in days]
        for ids, raw in self.raw.items():
            plan.raw[ids] += raw
        return plan

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


def plan_tracks(question: Question, covered_from: datetime | None, marks: Hours, hours: Hours) -> Plan:
    """Plan for some tracks; those with the same days marked, and the same hours that may be believed, go together."""
    plan = Plan()
    alike: dict[tuple[frozenset[datetime], frozenset[tuple[datetime, int]]], list[str]] = defaultdict(list)
    for track_id in question.track_ids or ():
        marked = question.within(marks.get(track_id, _NONE))
        alike[marked, frozenset(hours.get(track_id, _NONE).items())].append(track_id)
    for (marked, believed), track_ids in alike.items():
        group = tuple(track_ids)
        for one in _covers(question, Trust(covered_from, sorted(marked), dict(believed))):
            plan.periods[group] += one.periods
            plan.raw[group] += one.all_raw()
    return plan


def plan_everything(
    question: Question,
    covered_from: datetime | None,
    marks: Hours,
    hours: Hours,
    with_hours: Collection[datetime],
) -> Plan:
    """Plan for everything; on a day with any mark, the marked tracks are read apart and the others are summed.

    `hours` are of tracks, `with_hours` the days whose hours are kept of everything together.
    """
    plan = Plan()
    by_day: dict[datetime, list[str]] = defaultdict(list)
    for track_id, days in marks.items():
        for day in question.within(days):
            by_day[day].append(track_id)
    believed = {day: ALL_HOURS for day in with_hours if day not in by_day}
    for one in _covers(question, Trust(covered_from, sorted(by_day), believed)):
        plan.periods[None] += one.periods
        plan.raw[None] += one.raw
        for day in one.marked_days:
            plan.sums[day] = tuple(sorted(by_day[day]))
            _add_marked(plan, day, covered_from, hours)
    return plan


def _add_marked(plan: Plan, day: datetime, covered_from: datetime | None, hours: Hours) -> None:
    """A whole day of the tracks that are marked on it."""
    alike: dict[int, list[str]] = defaultdict(list)
    for track_id in plan.sums[day]:
        alike[hours.get(track_id, _NONE).get(day, 0)].append(track_id)
    for believed, track_ids in alike.items():
        found = cover(Interval(day, day + _DAY), Trust(covered_from, [day], {day: believed}))
        plan.periods[tuple(track_ids)] += found.periods
        plan.raw[tuple(track_ids)] += found.all_raw()


def _covers(question: Question, trust: Trust) -> Iterable[Cover]:
    for one in question.points().values():
        is_open = question.is_open and one.end == question.stretch.end
        yield cover(one, replace(trust, is_open=is_open))


def _slices(raw: Mapping[TrackIds, Iterable[Interval]]) -> list[Slice]:
    """Neighbours joined, and tracks of the same stretch together: of hundreds, each may have hours of its own."""
    found: list[Slice] = []
    alike: dict[Interval, list[str]] = defaultdict(list)
    for track_ids, all_of in raw.items():
        for one in joined(all_of):
            if track_ids is None:
                found.append(Slice(one))
            else:
                alike[one] += track_ids
    return [*found, *(Slice(one, tuple(track_ids)) for one, track_ids in alike.items())]


def _whole_days(one: Interval) -> Interval:
    last = day_of(one.end)
    return Interval(day_of(one.start), last if last == one.end else last + _DAY)

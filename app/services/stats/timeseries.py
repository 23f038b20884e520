"""Statistics over time: a range in periods of the calendar, without gaps."""

from datetime import datetime, timedelta

from app.clock import Clock
from app.errors import FieldError, Invalid
from app.models.stats.analytics import Bots, Metric, Point, Scope, TimeSeries
from app.models.stats.buckets import Split
from app.models.stats.periods import Granularity, Interval, TimeRange
from app.services.stats.questions import Question, kinds_of, stretch_of
from app.services.stats.reading import NOBODY, Reading, read, tally_of
from app.services.stats.reading_ports import Snapshot, Snapshots
from app.services.stats.scopes import Scopes

MOST_POINTS = 10_000

_ABOUT = {
    Granularity.HOUR: timedelta(hours=1),
    Granularity.DAY: timedelta(days=1),
    Granularity.WEEK: timedelta(days=7),
    Granularity.MONTH: timedelta(days=28),
}


class TimeSeriesService:
    """Answers in points; the first and the last count only what lies in the range."""

    def __init__(self, snapshots: Snapshots, scopes: Scopes, clock: Clock) -> None:
        self._snapshots = snapshots
        self._scopes = scopes
        self._clock = clock

    async def series(
        self,
        scope: Scope,
        time_range: TimeRange,
        granularity: Granularity,
        bots: Bots = Bots.EXCLUDE,
        metric: Metric | None = None,
    ) -> TimeSeries:
        """One point for each period that the range touches, those without events too.

        Raises:
            NotFound: there is no such track or artist.
            Invalid: these are more than 10,000 points; names a granularity that gives fewer.
            Unavailable: the database is away.
        """
        track_ids = await self._scopes.track_ids(scope)
        now = self._clock.now()

        def body(snapshot: Snapshot) -> TimeSeries:
            first = snapshot.first_day(track_ids) if time_range.length is None else None
            stretch = _until_now(stretch_of(time_range, now, first), granularity, now)
            check_points(stretch, granularity)
            with_uniques = metric in {None, Metric.PLAYS}
            question = Question(
                track_ids, stretch, True, granularity, kinds=kinds_of(metric), bots=bots, with_uniques=with_uniques
            )
            start = first if time_range.length is None else stretch.start
            return TimeSeries(time_range, granularity, start, now, _points(question, read(snapshot, question)))

        return await self._snapshots.read(body)


def _until_now(stretch: Interval, granularity: Granularity, now: datetime) -> Interval:
    """Without the hours of today that have not begun."""
    if granularity is not Granularity.HOUR or stretch.is_empty:
        return stretch
    return Interval(stretch.start, granularity.after(granularity.start_of(now)))


def check_points(stretch: Interval, granularity: Granularity) -> None:
    """Refuse more points than anybody can look at.

    Raises:
        Invalid: these are more than 10,000; names the finest granularity that gives fewer.
    """
    length = stretch.end - stretch.start
    if granularity in _ABOUT and length / _ABOUT[granularity] > MOST_POINTS:
        enough = next((one for one, about in _ABOUT.items() if length / about <= MOST_POINTS), Granularity.YEAR)
        message = f"This range has more than {MOST_POINTS:,} points; choose granularity={enough.value}"
        raise Invalid(message, [FieldError("granularity", message)])


def _points(question: Question, found: Reading) -> tuple[Point, ...]:
    splits = {key.start: split for key, split in found.splits.items()}
    return tuple(
        Point(start, tally_of(splits.get(start, Split()), question.bots), found.uniques.get(start, NOBODY))
        for start in question.points()
        if start is not None
    )

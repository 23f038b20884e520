"""What admins ask: the statistics of a track, an artist or everything over a range."""

from app.clock import Clock
from app.models.stats.analytics import Analytics, Bots, Metric, Scope
from app.models.stats.periods import TimeRange
from app.services.stats.questions import Question, kinds_of, stretch_of
from app.services.stats.reading import NOBODY, read, tally_of
from app.services.stats.reading_ports import Snapshot, Snapshots
from app.services.stats.scopes import Scopes


class AnalyticsService:
    """Answers about ranges that end now."""

    def __init__(self, snapshots: Snapshots, scopes: Scopes, clock: Clock) -> None:
        self._snapshots = snapshots
        self._scopes = scopes
        self._clock = clock

    async def analyse(
        self, scope: Scope, time_range: TimeRange, bots: Bots = Bots.EXCLUDE, metric: Metric | None = None
    ) -> Analytics:
        """What the events of a range add up to; equal, to the last unit, to a recount of the raw rows.

        With a `metric` only the sums of that one are to be read in the answer.

        Raises:
            NotFound: there is no such track or artist.
            Unavailable: the database is away.
        """
        track_ids = await self._scopes.track_ids(scope)
        now = self._clock.now()

        def body(snapshot: Snapshot) -> Analytics:
            first = snapshot.first_day(track_ids) if time_range.length is None else None
            with_uniques = metric in {None, Metric.PLAYS}
            stretch = stretch_of(time_range, now, first)
            found = read(
                snapshot,
                Question(track_ids, stretch, kinds=kinds_of(metric), bots=bots, with_uniques=with_uniques),
            )
            start = first if time_range.length is None else stretch.start
            return Analytics(time_range, start, now, tally_of(found.split(), bots), found.uniques.get(None, NOBODY))

        return await self._snapshots.read(body)

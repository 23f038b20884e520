"""What artists ask of their own tracks, beside the dashboard: the sums and the course that admins see of all."""

from app.errors import NotFound
from app.models.stats.analytics import Analytics, Scope, TimeSeries
from app.models.stats.periods import Granularity, TimeRange
from app.services.stats.analytics import AnalyticsService
from app.services.stats.reading_ports import Artists
from app.services.stats.timeseries import TimeSeriesService


class OwnStatisticsService:
    """Answers about the tracks of the artist whose account asks, and about nobody else's."""

    def __init__(self, artists: Artists, analytics: AnalyticsService, series: TimeSeriesService) -> None:
        self._artists = artists
        self._analytics = analytics
        self._series = series

    async def analyse(self, user_id: str, track: str | None, time_range: TimeRange) -> Analytics:
        """What a range adds up to; of one own track (by any of its names), or of all.

        Raises:
            NotFound: the user has no artist profile, or the artist no such track.
            Unavailable: the database is away.
        """
        return await self._analytics.analyse(await self._own(user_id, track), time_range)

    async def series(
        self, user_id: str, track: str | None, time_range: TimeRange, granularity: Granularity
    ) -> TimeSeries:
        """The same over time; raises as `analyse`, and `Invalid` for more than 10,000 points."""
        return await self._series.series(await self._own(user_id, track), time_range, granularity)

    async def _own(self, user_id: str, track: str | None) -> Scope:
        try:
            artist = await self._artists.of_user(user_id)
        except NotFound:
            raise NotFound("You have no artist profile") from None
        return Scope(track, artist.id)

"""`/api/dashboard`: an artist's own statistics."""

from fastapi import Response

from app.models.stats.periods import Granularity, TimeRange
from app.models.wire.base import Answer
from app.models.wire.dashboard import ActivityAnswer, DashboardAnswer
from app.models.wire.stats_analytics import AnalyticsAnswer, TimeSeriesAnswer
from app.models.wire.stats_csv import analytics_csv, series_csv
from app.routers.dependencies import Caller, Dashboards, OwnStatistics
from app.routers.documentation import errors
from app.routers.routing import Router
from app.routers.stats_analytics import As, Format, Period, Range, TrackId, csv_answer, or_csv

router = Router(prefix="/api/dashboard", tags=["Statistics"])


@router.get("/stats", summary="Show the caller's own tracks", responses=errors(400, 401, 404))
async def show_dashboard(
    caller: Caller, dashboards: Dashboards, time_range: Range = TimeRange.MONTH
) -> Answer[DashboardAnswer]:
    """How the caller's tracks do, for every token whose user has an artist profile.

    Growth compares with the period of the same length before. Listeners stay anonymous.
    """
    return Answer(data=DashboardAnswer.of(await dashboards.show(caller.user_id, time_range)))


@router.get("/activity", summary="Show the latest plays and likes of the caller's tracks", responses=errors(401, 404))
async def show_activity(caller: Caller, dashboards: Dashboards) -> Answer[ActivityAnswer]:
    """The `recentActivity` of the dashboard alone, for pages that ask every few seconds."""
    return Answer(data=ActivityAnswer.of_activity(await dashboards.activity(caller.user_id)))


@router.get(
    "/analytics",
    summary="Analyse the caller's own tracks",
    responses=or_csv(errors(400, 401, 404)),
    response_model=Answer[AnalyticsAnswer],
)
async def analyse_own(
    caller: Caller,
    statistics: OwnStatistics,
    track_id: TrackId = None,
    time_range: Range = TimeRange.MONTH,
    written_as: As = Format.JSON,
) -> Answer[AnalyticsAnswer] | Response:
    """What the events of a range add up to, with sources, platforms and countries; of one own track, or of all."""
    answer = AnalyticsAnswer.of(await statistics.analyse(caller.user_id, track_id, time_range), None)
    if written_as is Format.CSV:
        return csv_answer(analytics_csv(answer), f"analytics-{time_range.value}.csv")
    return Answer(data=answer)


@router.get(
    "/timeseries",
    summary="Show the caller's own tracks over time",
    responses=or_csv(errors(400, 401, 404)),
    response_model=Answer[TimeSeriesAnswer],
)
async def show_own_timeseries(
    caller: Caller,
    statistics: OwnStatistics,
    track_id: TrackId = None,
    time_range: Range = TimeRange.MONTH,
    granularity: Period = Granularity.DAY,
    written_as: As = Format.JSON,
) -> Answer[TimeSeriesAnswer] | Response:
    """A range in periods of the calendar (UTC, weeks from Monday), those without events too."""
    answer = TimeSeriesAnswer.of(await statistics.series(caller.user_id, track_id, time_range, granularity))
    if written_as is Format.CSV:
        return csv_answer(series_csv(answer), f"timeseries-{time_range.value}-{granularity.value}.csv")
    return Answer(data=answer)

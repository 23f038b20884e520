"""`/api/stats/analytics`: the statistics of a track, an artist or everything, for admins."""

from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Query, Response

from app.models.stats.analytics import Bots, Metric, Scope
from app.models.stats.periods import Granularity, TimeRange
from app.models.wire.base import Answer
from app.models.wire.stats_analytics import AnalyticsAnswer, TimeSeriesAnswer
from app.models.wire.stats_csv import analytics_csv, series_csv
from app.routers.dependencies import AdminCaller, Analytics, TimeSeries
from app.routers.documentation import Responses, errors
from app.routers.routing import Router

router = Router(prefix="/api/stats/analytics", tags=["Statistics"])


class Format(StrEnum):
    """How an answer is written."""

    JSON = "json"
    CSV = "csv"


_NAME = r"^[^\x00]*$"
TrackId = Annotated[
    str | None,
    Query(
        alias="trackId",
        min_length=1,
        max_length=256,
        pattern=_NAME,
        description="Only this track; also the id or slug of a song of the catalogue.",
    ),
]
ArtistId = Annotated[
    str | None,
    Query(alias="artistId", min_length=1, max_length=256, pattern=_NAME, description="Only this artist's tracks."),
]
Range = Annotated[TimeRange, Query(alias="timeRange", description="How far back to look from now.")]
OnlyMetric = Annotated[Metric | None, Query(description="Only this part of the answer.")]
WithBots = Annotated[Bots, Query(description="`include` counts known bots, too.")]
Period = Annotated[Granularity, Query(description="How long a period is.")]
As = Annotated[Format, Query(alias="format", description="`csv` for spreadsheets.")]


async def _scope(track_id: TrackId = None, artist_id: ArtistId = None) -> Scope:
    return Scope(track_id, artist_id)


AskedScope = Annotated[Scope, Depends(_scope)]


def or_csv(responses: Responses) -> Responses:
    """The documentation of an answer that is written in one of two ways."""
    table = {"schema": {"type": "string"}, "example": "metric,value\r\nplays.totalPlays,1251\r\n"}
    return responses | {200: {"content": {"text/csv": table}}}


@router.get(
    "",
    summary="Analyse a track, an artist or everything",
    responses=or_csv(errors(400, 401, 403, 404)),
    response_model=Answer[AnalyticsAnswer],
    response_model_exclude_unset=True,
)
async def analyse(
    _admin: AdminCaller,
    scope: AskedScope,
    analytics: Analytics,
    time_range: Range = TimeRange.MONTH,
    metric: OnlyMetric = None,
    bots: WithBots = Bots.EXCLUDE,
    written_as: As = Format.JSON,
) -> Answer[AnalyticsAnswer] | Response:
    """What the events of a range add up to, equal to a recount of them; without a filter, of everything.

    `uniquePlays` may be an estimate (2 % at most in 95 of 100 cases), and says so.
    """
    answer = AnalyticsAnswer.of(await analytics.analyse(scope, time_range, bots, metric), metric)
    if written_as is Format.CSV:
        return csv_answer(analytics_csv(answer), f"analytics-{time_range.value}.csv")
    return Answer(success=True, data=answer)


@router.get(
    "/timeseries",
    summary="Show statistics over time",
    responses=or_csv(errors(400, 401, 403, 404)),
    response_model=Answer[TimeSeriesAnswer],
)
async def show_timeseries(
    _admin: AdminCaller,
    scope: AskedScope,
    series: TimeSeries,
    time_range: Range = TimeRange.MONTH,
    granularity: Period = Granularity.DAY,
    bots: WithBots = Bots.EXCLUDE,
    written_as: As = Format.JSON,
) -> Answer[TimeSeriesAnswer] | Response:
    """A range in periods of the calendar (UTC, weeks from Monday), those without events too.

    The first and the last period count only what lies in the range.
    """
    answer = TimeSeriesAnswer.of(await series.series(scope, time_range, granularity, bots))
    if written_as is Format.CSV:
        return csv_answer(series_csv(answer), f"timeseries-{time_range.value}-{granularity.value}.csv")
    return Answer(data=answer)


def csv_answer(text: str, name: str) -> Response:
    """An answer that browsers store as a file of this name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/csv", headers=headers)

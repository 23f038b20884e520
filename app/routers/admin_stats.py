"""`/api/admin/stats`: rolling up anew, comparing what is stored with what is counted, and the state of it all."""

from typing import Annotated

from fastapi import Depends, Path

from app.models.stats.periods import TimeRange
from app.models.wire.base import Answer
from app.models.wire.stats_admin import RollupOrdered, RollupRange, RollupShown, StatsDriftShown
from app.models.wire.stats_oversight import BotRankingShown, HoldingsShown, RollupLagShown
from app.routers.bodies import JsonBody
from app.routers.dependencies import AdminCaller, Oversight, Rollups, StatsReconciliation
from app.routers.documentation import errors
from app.routers.routing import Router
from app.routers.stats_analytics import Range

router = Router(prefix="/api/admin/stats", tags=["Administration"])

JobId = Annotated[str, Path(alias="jobId", description="The job's id.", examples=["0f8d2c5e9b7a4c31a6e4d9f0b1c2d3e4"])]

_range = JsonBody(RollupRange)


@router.post(
    "/rollups",
    status_code=202,
    summary="Roll up a range of days anew",
    responses=errors(400, 401, 403, 413),
    openapi_extra=_range.documentation,
)
async def start_rollup(
    _admin: AdminCaller, days: Annotated[RollupRange, Depends(_range)], rollups: Rollups
) -> Answer[RollupOrdered]:
    """Make all buckets of these days anew from raw events, in the background; the same days again are the same job."""
    return Answer(data=RollupOrdered(job_id=await rollups.start(days.to_interval())))


@router.get("/rollups", summary="Show how far rollups are behind", responses=errors(401, 403))
async def show_rollup_lag(_admin: AdminCaller, oversight: Oversight) -> Answer[RollupLagShown]:
    """Days of tracks that wait, and for how long. What waits is read raw, so answers are right all the same."""
    return Answer(data=RollupLagShown.of(await oversight.rollup_lag()))


@router.get("/bots", summary="Rank the bots", responses=errors(400, 401, 403))
async def rank_bots(
    _admin: AdminCaller, oversight: Oversight, time_range: Range = TimeRange.MONTH
) -> Answer[BotRankingShown]:
    """Which programs have the most plays among those that are set aside; the raw rows of the range are looked at."""
    return Answer(data=BotRankingShown.of(await oversight.top_bots(time_range)))


@router.get("/holdings", summary="Show how much is stored", responses=errors(401, 403))
async def show_holdings(_admin: AdminCaller, oversight: Oversight) -> Answer[HoldingsShown]:
    """The number of documents of each kind, at once whatever the number."""
    return Answer(data=HoldingsShown.of(await oversight.holdings()))


@router.get("/rollups/{jobId}", summary="Show how far a rollup has come", responses=errors(401, 403, 404))
async def show_rollup(job_id: JobId, _admin: AdminCaller, rollups: Rollups) -> Answer[RollupShown]:
    """The state of the job is `waiting`, `running`, `done` or `failed`."""
    return Answer(data=RollupShown.of(await rollups.get(job_id)))


@router.get("/drift", summary="Compare counters and rollups with the events", responses=errors(401, 403))
async def show_drift(_admin: AdminCaller, reconciliation: StatsReconciliation) -> Answer[StatsDriftShown]:
    """A fresh look that repairs nothing; zero drift is the promise. It ends after some seconds, complete or not."""
    return Answer(data=StatsDriftShown.of(await reconciliation.drift()))

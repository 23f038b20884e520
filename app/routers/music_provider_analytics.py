"""How the quotas of music providers stand, and how the calls to them went."""

from typing import Annotated

from fastapi import Query

from app.models.wire.day_or_moment import DayOrMoment, to_period
from app.models.wire.music_provider_analytics import ProviderCallsList, RateLimitList
from app.routers.dependencies import AdminCaller
from app.routers.documentation import errors
from app.routers.licensing_dependencies import CallReports, QuotaReports
from app.routers.routing import Router

router = Router(prefix="/api/music-licensing/analytics", tags=["Music licensing"])

Start = Annotated[
    DayOrMoment | None, Query(alias="startDate", description="The first day or moment; a week before the end.")
]
End = Annotated[DayOrMoment | None, Query(alias="endDate", description="The last day, included, or moment; now.")]


@router.get("/rate-limits", summary="Show the quotas of music providers", responses=errors(401, 403))
async def show_rate_limits(_admin: AdminCaller, quotas: QuotaReports) -> RateLimitList:
    """How the quotas of all providers stand at this moment, over all processes."""
    return RateLimitList.of(await quotas.standings())


@router.get("/providers", summary="Analyse calls to music providers", responses=errors(400, 401, 403))
async def show_calls(
    _admin: AdminCaller, calls: CallReports, start: Start = None, end: End = None
) -> ProviderCallsList:
    """Calls, errors by kind and latencies of all providers, by whole hours.

    Other processes add what they count every five seconds.
    """
    begin = None if start is None else to_period(start).first
    return ProviderCallsList.of(await calls.report(begin, None if end is None else to_period(end).last))

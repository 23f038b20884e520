"""How the quotas of music providers stand, and how the calls to them went."""

from datetime import UTC, date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from app.models.wire.music_provider_analytics import ProviderCallsList, RateLimitList
from app.routers.dependencies import AdminCaller
from app.routers.documentation import errors
from app.routers.licensing_dependencies import CallReports, QuotaReports

router = APIRouter(prefix="/api/music-licensing/analytics", tags=["Music licensing"])

Start = Annotated[
    AwareDatetime | date | None,
    Query(alias="startDate", description="From this day or moment on; a week before the end if left out."),
]
End = Annotated[
    AwareDatetime | date | None,
    Query(alias="endDate", description="Up to the end of this day, or up to this moment; now if left out."),
]


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
    return ProviderCallsList.of(await calls.report(_moment(start, time.min), _moment(end, time.max)))


def _moment(value: datetime | date | None, of_day: time) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    return datetime.combine(value, of_day, UTC)

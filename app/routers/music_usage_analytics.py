"""`/api/music-licensing/analytics`: what was used, and whether it is licensed, for admins."""

from typing import Annotated

from fastapi import Query

from app.models.licensing.usage import Period
from app.models.licensing.usage_analytics import GroupBy
from app.models.wire.day_or_moment import DayOrMoment, to_period
from app.models.wire.music_usage_analytics import ComplianceShown, UsageAnalyticsShown
from app.routers.dependencies import AdminCaller
from app.routers.documentation import errors
from app.routers.licensing_dependencies import MusicCompliance, MusicUsageAnalytics
from app.routers.routing import Router

router = Router(prefix="/api/music-licensing/analytics", tags=["Music licensing"])

Start = Annotated[
    DayOrMoment | None, Query(alias="startDate", description="The first day or moment; 30 days before the end.")
]
End = Annotated[DayOrMoment | None, Query(alias="endDate", description="The last day or moment, included; now.")]
Grouping = Annotated[GroupBy, Query(alias="groupBy", description="How long a period is; weeks are those of ISO 8601.")]


@router.get("/usage", summary="Analyse recorded uses", responses=errors(400, 401, 403))
async def analyse_usage(
    _admin: AdminCaller,
    analytics: MusicUsageAnalytics,
    start: Start = None,
    end: End = None,
    group_by: Grouping = GroupBy.DAY,
) -> UsageAnalyticsShown:
    """Uses over time, the ten tracks most used, and how often each genre and mood; days, weeks and months in UTC.

    Periods without uses are left out.
    """
    return UsageAnalyticsShown.of(await analytics.analyse(_period(start), _period(end), group_by))


@router.get("/compliance", summary="Compare recorded uses with licences", responses=errors(401, 403))
async def show_compliance(_admin: AdminCaller, compliance: MusicCompliance) -> ComplianceShown:
    """The share of recorded uses that the terms and the evidence in force now allow, what ends soon, and what ended."""
    return ComplianceShown.of(await compliance.report())


def _period(written: str | None) -> Period | None:
    return None if written is None else to_period(written)

"""`/api/dashboard`: an artist's own statistics."""

from fastapi import APIRouter

from app.models.stats.periods import TimeRange
from app.models.wire.base import Answer
from app.models.wire.dashboard import DashboardAnswer
from app.routers.dependencies import Caller, Dashboards
from app.routers.documentation import errors
from app.routers.stats_analytics import Range

router = APIRouter(prefix="/api/dashboard", tags=["Statistics"])


@router.get("/stats", summary="Show the caller's own tracks", responses=errors(400, 401, 404))
async def show_dashboard(
    caller: Caller, dashboards: Dashboards, time_range: Range = TimeRange.MONTH
) -> Answer[DashboardAnswer]:
    """How the caller's tracks do, for every token whose user has an artist profile.

    Growth compares with the period of the same length before. Listeners stay anonymous.
    """
    return Answer(data=DashboardAnswer.of(await dashboards.show(caller.user_id, time_range)))

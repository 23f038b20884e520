"""Routes that only a benchmark adds to the app: what the real view route is measured against."""

from typing import Annotated

from fastapi import Depends, Request

from app.models.wire.base import Answer
from app.models.wire.views import ViewReportBody, ViewState
from app.routers.bodies import JsonBody
from app.routers.copyright_free import SongId
from app.routers.dependencies import Caller
from app.routers.routing import Router
from benchmarks.naive import NaiveViews

router = Router(prefix="/benchmark")

_view_report = JsonBody(ViewReportBody, may_be_empty=True)


async def _naive_views(request: Request) -> NaiveViews:
    return NaiveViews(request.app.state.container.mongo)


Report = Annotated[ViewReportBody, Depends(_view_report)]
Naive = Annotated[NaiveViews, Depends(_naive_views)]


@router.post("/empty/{songId}/view")
async def empty(song_id: SongId, caller: Caller, report: Report) -> Answer[ViewState]:  # noqa: ARG001 - read, not used
    """The view route without its work: the caller is authenticated and the body validated, nothing is recorded."""
    return Answer(data=ViewState(view_count=0, has_viewed=True))


@router.post("/naive/{songId}/view")
async def naive(song_id: SongId, caller: Caller, report: Report, views: Naive) -> Answer[ViewState]:
    """The view route with one transaction per request."""
    count = await views.record(caller.user_id, song_id, report.to_engagement())
    return Answer(data=ViewState(view_count=count, has_viewed=True))

"""What is kept of music providers' answers: how much that saves, and how to forget it."""

from typing import Annotated

from fastapi import Query

from app.models.licensing.providers import CacheKind, ProviderName
from app.models.wire.music_cache import CacheEmptied, CacheReportShown
from app.routers.dependencies import AdminCaller
from app.routers.documentation import errors
from app.routers.licensing_dependencies import Answers
from app.routers.routing import Router

router = Router(tags=["Music licensing"])

OfOne = Annotated[ProviderName | None, Query(description="Only of this provider.")]
OfKind = Annotated[CacheKind | None, Query(description="Only answers of this kind.")]


@router.get("/api/music-licensing/analytics/cache", summary="Show what the cache saves", responses=errors(401, 403))
async def show_cache(_admin: AdminCaller, answers: Answers) -> CacheReportShown:
    """Requests of the last 30 days by what became of them, and what is kept at present, by provider and kind.

    Other processes add what they count every five seconds.
    """
    return CacheReportShown.of(await answers.report())


@router.delete("/api/admin/music-licensing/cache", summary="Empty the cache", responses=errors(400, 401, 403))
async def empty_cache(
    _admin: AdminCaller, answers: Answers, provider: OfOne = None, kind: OfKind = None
) -> CacheEmptied:
    """Forget what providers said: all, or of one provider, or of one kind; in all processes within a second."""
    return CacheEmptied(removed=await answers.invalidate(provider, kind))

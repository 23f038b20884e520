"""`/api/series/…/metrics`, `…/retention` and `…/viewers`: what a tenant's shows, seasons and episodes are watched."""

from typing import Annotated

from fastapi import Query

from app.models.episodes.metrics import ScopeKind
from app.models.wire.day import Day
from app.models.wire.episodes_metrics import EpisodeViewersShown, MetricsShown, RetentionShown, TenantViewersShown
from app.routers.documentation import errors
from app.routers.series_parts import TAG, EpisodeId, SeasonId, ShowId, Wing
from app.routers.slashes import SlashesRouter
from app.routers.tenants import FOR_TENANT, TenantCaller

router = SlashesRouter(prefix="/api/series", tags=[TAG])

First = Annotated[Day | None, Query(alias="from", description="The first of the `days` (UTC); 30 in all if missing.")]
Last = Annotated[Day | None, Query(alias="to", description="The last of the `days` (UTC); today if missing.")]


@router.get(
    "/shows/{id}/metrics/",
    summary="Measure a show",
    responses=errors(400, 401, 403, 404),
    openapi_extra=FOR_TENANT,
)
async def measure_show(
    caller: TenantCaller, show: ShowId, wing: Wing, first: First = None, last: Last = None
) -> MetricsShown:
    """What was watched of all its seasons and episodes, of all time and by day; exact at once, to the last heartbeat.

    A view belongs to the day (UTC) on which it began; `from` and `to` bound `days` only, 366 at most. A viewer of
    several days is one viewer.
    """
    found = await wing.metrics.of(caller.tenant, ScopeKind.SHOW, show, first, last)
    return MetricsShown.of(found)


@router.get(
    "/seasons/{id}/metrics/",
    summary="Measure a season",
    responses=errors(400, 401, 403, 404),
    openapi_extra=FOR_TENANT,
)
async def measure_season(
    caller: TenantCaller, season: SeasonId, wing: Wing, first: First = None, last: Last = None
) -> MetricsShown:
    """What was watched of all its episodes, of all time and by day; exact at once, to the last heartbeat.

    A view belongs to the day (UTC) on which it began; `from` and `to` bound `days` only, 366 at most. A viewer of
    several days is one viewer.
    """
    found = await wing.metrics.of(caller.tenant, ScopeKind.SEASON, season, first, last)
    return MetricsShown.of(found)


@router.get(
    "/episodes/{id}/metrics/",
    summary="Measure an episode",
    responses=errors(400, 401, 403, 404),
    openapi_extra=FOR_TENANT,
)
async def measure_episode(
    caller: TenantCaller, episode: EpisodeId, wing: Wing, first: First = None, last: Last = None
) -> MetricsShown:
    """What was watched of it, of all time and by day; exact at once, to the last heartbeat.

    A view belongs to the day (UTC) on which it began; `from` and `to` bound `days` only, 366 at most. A viewer of
    several days is one viewer.
    """
    found = await wing.metrics.of(caller.tenant, ScopeKind.EPISODE, episode, first, last)
    return MetricsShown.of(found)


@router.get(
    "/episodes/{id}/retention/",
    summary="Show where an episode is left, and what is replayed",
    responses=errors(400, 401, 403, 404),
    openapi_extra=FOR_TENANT,
)
async def show_retention(caller: TenantCaller, episode: EpisodeId, wing: Wing) -> RetentionShown:
    """For each hundredth of an episode the share of views that covered its begin, and how often a view played it.

    As fresh as the latest rollup: half a minute, of today some minutes while very much is watched.
    """
    return RetentionShown.of(await wing.retention.of(caller.tenant, episode))


@router.get(
    "/episodes/{id}/viewers/",
    summary="Count live viewers of an episode",
    responses=errors(400, 401, 403, 404),
    openapi_extra=FOR_TENANT,
)
async def count_viewers(caller: TenantCaller, episode: EpisodeId, wing: Wing) -> EpisodeViewersShown:
    """Distinct users with a sign in the last 30 seconds: the start of a view, or a heartbeat.

    Over Socket.IO: send `subscribe` with `{"episodeId"}`, hear `episode-viewers-updated`.
    """
    return EpisodeViewersShown.of(await wing.live_viewers.of_episode([caller.tenant], episode))


@router.get(
    "/viewers/",
    summary="Count live viewers of a tenant",
    responses=errors(400, 401, 403),
    openapi_extra=FOR_TENANT,
)
async def count_all_viewers(caller: TenantCaller, wing: Wing) -> TenantViewersShown:
    """Distinct users who watch anything of the tenant, and the 20 episodes that most of them watch."""
    return TenantViewersShown.of(await wing.live_viewers.of_tenant(caller.tenant))

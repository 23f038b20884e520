"""`/api/series/…/metrics`, `…/retention` and `…/viewers`: what a tenant's shows, seasons and episodes are watched."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Path, Query

from app.errors import NotFound
from app.models.episodes.metrics import ScopeKind
from app.models.wire.base import MAX_SAFE_INTEGER
from app.models.wire.day import Day
from app.models.wire.episodes_metrics import EpisodeViewersShown, MetricsShown, RetentionShown, TenantViewersShown
from app.routers.dependencies import House
from app.routers.documentation import errors
from app.routers.slashes import SlashesRouter
from app.routers.tenants import TENANT_HEADER, TenantCaller

router = SlashesRouter(prefix="/api/series", tags=["Episodes"])

_DIGITS = 16
_for_tenant = {"parameters": [TENANT_HEADER]}


def _number(kind: ScopeKind) -> Callable[..., Awaitable[int]]:
    """The id in the path, once it is known who asks; what is no id names nothing."""

    async def number(
        _caller: TenantCaller,
        given: Annotated[str, Path(alias=f"{kind.value}Id", description=f"The {kind.value}'s id.", examples=["123"])],
    ) -> int:
        is_number = given.isascii() and given.isdigit() and len(given) <= _DIGITS
        if not is_number or not 1 <= int(given) <= MAX_SAFE_INTEGER:
            raise NotFound(f"{kind.value.capitalize()} not found")
        return int(given)

    return number


ShowId = Annotated[int, Depends(_number(ScopeKind.SHOW))]
SeasonId = Annotated[int, Depends(_number(ScopeKind.SEASON))]
EpisodeId = Annotated[int, Depends(_number(ScopeKind.EPISODE))]

First = Annotated[Day | None, Query(alias="from", description="The first of the `days` (UTC); 30 in all if missing.")]
Last = Annotated[Day | None, Query(alias="to", description="The last of the `days` (UTC); today if missing.")]


@router.get(
    "/shows/{showId}/metrics/",
    summary="Measure a show",
    responses=errors(400, 401, 403, 404),
    openapi_extra=_for_tenant,
)
async def measure_show(
    caller: TenantCaller, show: ShowId, house: House, first: First = None, last: Last = None
) -> MetricsShown:
    """What was watched of all its seasons and episodes, of all time and by day; exact at once, to the last heartbeat.

    A view belongs to the day (UTC) on which it began; `from` and `to` bound `days` only, 366 at most. A viewer of
    several days is one viewer.
    """
    found = await house.episodes.metrics.of(caller.tenant, ScopeKind.SHOW, show, first, last)
    return MetricsShown.of(found)


@router.get(
    "/seasons/{seasonId}/metrics/",
    summary="Measure a season",
    responses=errors(400, 401, 403, 404),
    openapi_extra=_for_tenant,
)
async def measure_season(
    caller: TenantCaller, season: SeasonId, house: House, first: First = None, last: Last = None
) -> MetricsShown:
    """What was watched of all its episodes, of all time and by day; exact at once, to the last heartbeat.

    A view belongs to the day (UTC) on which it began; `from` and `to` bound `days` only, 366 at most. A viewer of
    several days is one viewer.
    """
    found = await house.episodes.metrics.of(caller.tenant, ScopeKind.SEASON, season, first, last)
    return MetricsShown.of(found)


@router.get(
    "/episodes/{episodeId}/metrics/",
    summary="Measure an episode",
    responses=errors(400, 401, 403, 404),
    openapi_extra=_for_tenant,
)
async def measure_episode(
    caller: TenantCaller, episode: EpisodeId, house: House, first: First = None, last: Last = None
) -> MetricsShown:
    """What was watched of it, of all time and by day; exact at once, to the last heartbeat.

    A view belongs to the day (UTC) on which it began; `from` and `to` bound `days` only, 366 at most. A viewer of
    several days is one viewer.
    """
    found = await house.episodes.metrics.of(caller.tenant, ScopeKind.EPISODE, episode, first, last)
    return MetricsShown.of(found)


@router.get(
    "/episodes/{episodeId}/retention/",
    summary="Show where an episode is left, and what is replayed",
    responses=errors(400, 401, 403, 404),
    openapi_extra=_for_tenant,
)
async def show_retention(caller: TenantCaller, episode: EpisodeId, house: House) -> RetentionShown:
    """For each hundredth of an episode the share of views that covered its begin, and how often a view played it.

    As fresh as the latest rollup: half a minute, of today some minutes while very much is watched.
    """
    return RetentionShown.of(await house.episodes.retention.of(caller.tenant, episode))


@router.get(
    "/episodes/{episodeId}/viewers/",
    summary="Count live viewers of an episode",
    responses=errors(400, 401, 403, 404),
    openapi_extra=_for_tenant,
)
async def count_viewers(caller: TenantCaller, episode: EpisodeId, house: House) -> EpisodeViewersShown:
    """Distinct users with a sign in the last 30 seconds: the start of a view, or a heartbeat.

    Over Socket.IO: send `subscribe` with `{"episodeId"}`, hear `episode-viewers-updated`.
    """
    return EpisodeViewersShown.of(await house.episodes.live_viewers.of_episode([caller.tenant], episode))


@router.get(
    "/viewers/",
    summary="Count live viewers of a tenant",
    responses=errors(400, 401, 403),
    openapi_extra=_for_tenant,
)
async def count_all_viewers(caller: TenantCaller, house: House) -> TenantViewersShown:
    """Distinct users who watch anything of the tenant, and the 20 episodes that most of them watch."""
    return TenantViewersShown.of(await house.episodes.live_viewers.of_tenant(caller.tenant))

"""`/api/series/episodes`: the episodes of a tenant's seasons."""

from typing import Annotated

from fastapi import Depends, Query, Request

from app.models.wire.base import MAX_SAFE_INTEGER
from app.models.wire.series import EpisodePatch, EpisodeShown, ListShown, NewEpisode
from app.routers.base_address import BaseAddress
from app.routers.bodies import JsonBody
from app.routers.documentation import errors
from app.routers.series_order import Ordering
from app.routers.series_parts import TAG, EpisodeId, Part, Wing, listed
from app.routers.series_seasons import OfShow
from app.routers.slashes import SlashesRouter
from app.routers.tenants import FOR_TENANT, TenantAdminCaller, TenantCaller

router = SlashesRouter(prefix="/api/series/episodes", tags=[TAG])

_new = JsonBody(NewEpisode)
_patch = JsonBody(EpisodePatch)

OfSeason = Annotated[int | None, Query(alias="season", ge=1, le=MAX_SAFE_INTEGER, description="Of this season alone.")]


@router.get("/", summary="List episodes", responses=errors(400, 401, 403), openapi_extra=FOR_TENANT)
async def list_episodes(
    request: Request,
    member: TenantCaller,
    window: Part,
    order: Ordering,
    wing: Wing,
    base: BaseAddress,
    season_id: OfSeason = None,
    show_id: OfShow = None,
) -> ListShown[EpisodeShown]:
    """The tenant's episodes: by number, then by the day on which they were published, and those without it last."""
    found = await wing.episodes.page(member.tenant, season_id, show_id, window, order)
    return listed(request, base, window, found, EpisodeShown.of)


@router.post(
    "/",
    status_code=201,
    summary="Add an episode",
    responses=errors(400, 401, 403, 404, 413),
    openapi_extra=_new.documentation | FOR_TENANT,
)
async def add_episode(
    member: TenantAdminCaller, episode: Annotated[NewEpisode, Depends(_new)], wing: Wing
) -> EpisodeShown:
    """Add an episode to a season of the tenant."""
    return EpisodeShown.of(await wing.episodes.add(member.tenant, episode.to_draft()))


@router.get("/{id}/", summary="Show an episode", responses=errors(400, 401, 403, 404), openapi_extra=FOR_TENANT)
async def show_episode(member: TenantCaller, episode_id: EpisodeId, wing: Wing) -> EpisodeShown:
    """One episode of one of the tenant's shows."""
    return EpisodeShown.of(await wing.episodes.get(member.tenant, episode_id))


@router.patch(
    "/{id}/",
    summary="Change an episode",
    responses=errors(400, 401, 403, 404, 413),
    openapi_extra=_patch.documentation | FOR_TENANT,
)
async def change_episode(
    member: TenantAdminCaller, episode_id: EpisodeId, patch: Annotated[EpisodePatch, Depends(_patch)], wing: Wing
) -> EpisodeShown:
    """Change the fields that are sent; null clears `episode_number` and `source_published_at`."""
    return EpisodeShown.of(await wing.episodes.change(member.tenant, episode_id, patch.to_changes()))


@router.delete(
    "/{id}/",
    status_code=204,
    summary="Remove an episode",
    responses=errors(400, 401, 403, 404),
    openapi_extra=FOR_TENANT,
)
async def remove_episode(member: TenantAdminCaller, episode_id: EpisodeId, wing: Wing) -> None:
    """Remove an episode. What was watched of it stays with those who watched it."""
    await wing.episodes.remove(member.tenant, episode_id)

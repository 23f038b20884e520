"""`/api/series/seasons`: the seasons of a tenant's shows."""

from typing import Annotated

from fastapi import Depends, Query, Request

from app.models.wire.base import MAX_SAFE_INTEGER
from app.models.wire.series import ListShown, NewSeason, SeasonPatch, SeasonShown
from app.routers.base_address import BaseAddress
from app.routers.bodies import JsonBody
from app.routers.documentation import errors
from app.routers.series_parts import TAG, Part, SeasonId, Wing, listed
from app.routers.slashes import SlashesRouter
from app.routers.tenants import FOR_TENANT, TenantAdminCaller, TenantCaller

router = SlashesRouter(prefix="/api/series/seasons", tags=[TAG])

_new = JsonBody(NewSeason)
_patch = JsonBody(SeasonPatch)

OfShow = Annotated[int | None, Query(alias="show", ge=1, le=MAX_SAFE_INTEGER, description="Of this show alone.")]


@router.get("/", summary="List seasons", responses=errors(400, 401, 403), openapi_extra=FOR_TENANT)
async def list_seasons(
    request: Request, member: TenantCaller, window: Part, wing: Wing, base: BaseAddress, show_id: OfShow = None
) -> ListShown[SeasonShown]:
    """The tenant's seasons, by shows and numbers."""
    return listed(request, base, window, await wing.seasons.page(member.tenant, show_id, window), SeasonShown.of)


@router.post(
    "/",
    status_code=201,
    summary="Add a season",
    responses=errors(400, 401, 403, 404, 409, 413),
    openapi_extra=_new.documentation | FOR_TENANT,
)
async def add_season(
    member: TenantAdminCaller, season: Annotated[NewSeason, Depends(_new)], wing: Wing, base: BaseAddress
) -> SeasonShown:
    """Add a season to a show of the tenant; a show has each number once."""
    return SeasonShown.of(await wing.seasons.add(member.tenant, season.to_draft()), base)


@router.get("/{id}/", summary="Show a season", responses=errors(400, 401, 403, 404), openapi_extra=FOR_TENANT)
async def show_season(member: TenantCaller, season_id: SeasonId, wing: Wing, base: BaseAddress) -> SeasonShown:
    """One season of one of the tenant's shows."""
    return SeasonShown.of(await wing.seasons.get(member.tenant, season_id), base)


@router.patch(
    "/{id}/",
    summary="Change a season",
    responses=errors(400, 401, 403, 404, 409, 413),
    openapi_extra=_patch.documentation | FOR_TENANT,
)
async def change_season(
    member: TenantAdminCaller,
    season_id: SeasonId,
    patch: Annotated[SeasonPatch, Depends(_patch)],
    wing: Wing,
    base: BaseAddress,
) -> SeasonShown:
    """Change the fields that are sent; null clears `title` and `cover_image`. A season stays with its show."""
    return SeasonShown.of(await wing.seasons.change(member.tenant, season_id, patch.to_changes()), base)


@router.delete(
    "/{id}/", status_code=204, summary="Remove a season", responses=errors(400, 401, 403, 404), openapi_extra=FOR_TENANT
)
async def remove_season(member: TenantAdminCaller, season_id: SeasonId, wing: Wing) -> None:
    """Remove a season with its episodes. What was watched stays with those who watched it."""
    await wing.seasons.remove(member.tenant, season_id)

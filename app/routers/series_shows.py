"""`/api/series/shows`: the shows of a tenant."""

from typing import Annotated

from fastapi import Depends, Request

from app.models.wire.series import ListShown, NewShow, ShowPatch, ShowShown
from app.routers.base_address import BaseAddress
from app.routers.bodies import JsonBody
from app.routers.documentation import errors
from app.routers.series_parts import TAG, Part, ShowId, Wing, listed
from app.routers.slashes import SlashesRouter
from app.routers.tenants import FOR_TENANT, TenantAdminCaller, TenantCaller

router = SlashesRouter(prefix="/api/series/shows", tags=[TAG])

_new = JsonBody(NewShow)
_patch = JsonBody(ShowPatch)


@router.get("/", summary="List shows", responses=errors(400, 401, 403), openapi_extra=FOR_TENANT)
async def list_shows(
    request: Request, member: TenantCaller, window: Part, wing: Wing, base: BaseAddress
) -> ListShown[ShowShown]:
    """The tenant's shows, in the order in which they were added."""
    return listed(request, base, window, await wing.shows.page(member.tenant, window), ShowShown.of)


@router.post(
    "/",
    status_code=201,
    summary="Add a show",
    responses=errors(400, 401, 403, 413),
    openapi_extra=_new.documentation | FOR_TENANT,
)
async def add_show(
    member: TenantAdminCaller, show: Annotated[NewShow, Depends(_new)], wing: Wing, base: BaseAddress
) -> ShowShown:
    """Add a show. A `cover_image` that is a path is one of this service, and is shown as an absolute address."""
    return ShowShown.of(await wing.shows.add(member.tenant, show.to_draft()), base)


@router.get("/{id}/", summary="Show a show", responses=errors(400, 401, 403, 404), openapi_extra=FOR_TENANT)
async def show_show(member: TenantCaller, show_id: ShowId, wing: Wing, base: BaseAddress) -> ShowShown:
    """One show of the tenant, by its id."""
    return ShowShown.of(await wing.shows.get(member.tenant, show_id), base)


@router.patch(
    "/{id}/",
    summary="Change a show",
    responses=errors(400, 401, 403, 404, 413),
    openapi_extra=_patch.documentation | FOR_TENANT,
)
async def change_show(
    member: TenantAdminCaller,
    show_id: ShowId,
    patch: Annotated[ShowPatch, Depends(_patch)],
    wing: Wing,
    base: BaseAddress,
) -> ShowShown:
    """Change the fields that are sent; null clears `cover_image`."""
    return ShowShown.of(await wing.shows.change(member.tenant, show_id, patch.to_changes()), base)


@router.delete(
    "/{id}/", status_code=204, summary="Remove a show", responses=errors(400, 401, 403, 404), openapi_extra=FOR_TENANT
)
async def remove_show(member: TenantAdminCaller, show_id: ShowId, wing: Wing) -> None:
    """Remove a show with its seasons and episodes. What was watched stays with those who watched it."""
    await wing.shows.remove(member.tenant, show_id)

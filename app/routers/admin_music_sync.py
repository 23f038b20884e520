"""`/api/admin/music-licensing/sync`: ordering syncs of catalogues, and following them."""

from typing import Annotated, Literal

from fastapi import Depends, Path, Query

from app.models.licensing.providers import ProviderName
from app.models.licensing.sync import EVERYBODY, SyncFilter, SyncStatus
from app.models.wire.music_sync import SyncJobList, SyncJobShown, SyncOrder, SyncOrdered, TrackSyncOrder
from app.routers.bodies import JsonBody
from app.routers.copyright_free import Cursor, Limit
from app.routers.dependencies import AdminCaller
from app.routers.documentation import errors
from app.routers.licensing_dependencies import OfProvider, Syncs, provider_named
from app.routers.routing import Router

router = Router(prefix="/api/admin/music-licensing/sync", tags=["Music licensing"])

JobId = Annotated[str, Path(alias="jobId", description="The job's id.", examples=["0f8d2c5e9b7a4c31a6e4d9f0b1c2d3e4"])]
OfOne = Annotated[
    ProviderName | Literal["all"] | None, Query(description="Only jobs of this provider; `all`: jobs over all.")
]
Standing = Annotated[SyncStatus | None, Query(description="Only those that stand so.")]

_order = JsonBody(SyncOrder, may_be_empty=True)
_tracks = JsonBody(TrackSyncOrder)


@router.post(
    "/all",
    status_code=202,
    summary="Sync all catalogues",
    responses=errors(400, 401, 403, 409, 413),
    openapi_extra=_order.documentation,
)
async def sync_all(_admin: AdminCaller, order: Annotated[SyncOrder, Depends(_order)], syncs: Syncs) -> SyncOrdered:
    """Sync every provider that is configured and whose catalogue may be copied, side by side, in the background.

    The job's `children` are one for each; `maxTracks` holds for each of them. A catalogue that is being synced already
    is not walked twice: that job is the child. The same order again is the same job, another one meanwhile 409.
    """
    return SyncOrdered(job_id=(await syncs.start_all(order.to_options())).id)


@router.post(
    "/tracks",
    status_code=202,
    summary="Sync some tracks",
    responses=errors(400, 401, 403, 404, 409, 413),
    openapi_extra=_tracks.documentation,
)
async def sync_tracks(
    _admin: AdminCaller, order: Annotated[TrackSyncOrder, Depends(_tracks)], syncs: Syncs
) -> SyncOrdered:
    """Ask the provider for each of these tracks again, in the background. One that it does not have counts as failed,
    and is marked as vanished, if we have it."""
    return SyncOrdered(job_id=(await syncs.start_tracks(provider_named(order.provider), order.track_ids)).id)


@router.get("/jobs", summary="List syncs", responses=errors(400, 401, 403))
async def list_sync_jobs(
    _admin: AdminCaller,
    syncs: Syncs,
    provider: OfOne = None,
    status: Standing = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> SyncJobList:
    """Jobs in pages, the newest first; they are kept for 90 days after their end."""
    name = provider.value if isinstance(provider, ProviderName) else provider and EVERYBODY
    return SyncJobList.of(await syncs.page(SyncFilter(name, status, limit, cursor)))


@router.get("/jobs/{jobId}", summary="Show a sync", responses=errors(401, 403, 404))
async def show_sync_job(job_id: JobId, _admin: AdminCaller, syncs: Syncs) -> SyncJobShown:
    """How far it has come; Socket.IO tells the same in room `admin:sync`."""
    return SyncJobShown.of(await syncs.get(job_id))


@router.post("/jobs/{jobId}/cancel", summary="Cancel a sync", responses=errors(401, 403, 404, 409))
async def cancel_sync_job(job_id: JobId, _admin: AdminCaller, syncs: Syncs) -> SyncJobShown:
    """End it within a page, and its children with it; what was synced stays. To cancel it again changes nothing."""
    return SyncJobShown.of(await syncs.cancel(job_id))


@router.post(
    "/{provider}",
    status_code=202,
    summary="Sync a catalogue",
    responses=errors(400, 401, 403, 404, 409, 413),
    openapi_extra=_order.documentation,
)
async def sync_provider(
    _admin: AdminCaller, provider: OfProvider, order: Annotated[SyncOrder, Depends(_order)], syncs: Syncs
) -> SyncOrdered:
    """Sync the provider's catalogue in the background. The same order again is the same job; another one meanwhile is
    409, as is a provider that is not configured, or whose terms do not allow a copy."""
    return SyncOrdered(job_id=(await syncs.start(provider, order.to_options())).id)

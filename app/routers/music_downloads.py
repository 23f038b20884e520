"""`/api/music-licensing/downloads`: addresses of full files, for those who have a licence."""

from typing import Annotated

from fastapi import Depends, Path, Query

from app.models.licensing.downloads import DownloadState
from app.models.wire.music_downloads import DownloadList, DownloadShown, NewDownload
from app.routers.bodies import JsonBody
from app.routers.copyright_free import Cursor, Limit
from app.routers.dependencies import Caller
from app.routers.documentation import errors
from app.routers.licensing_dependencies import Downloads, OfTenant
from app.routers.routing import Router

router = Router(prefix="/api/music-licensing/downloads", tags=["Music licensing"])

DownloadId = Annotated[str, Path(alias="downloadId", description="The download's id.")]
Standing = Annotated[DownloadState | None, Query(description="Only those that stand so.")]

_new_download = JsonBody(NewDownload)


@router.post(
    "",
    status_code=202,
    summary="Order a download",
    responses=errors(400, 401, 403, 404, 409, 413, 429, 502),
    openapi_extra=_new_download.documentation,
)
async def order_download(
    caller: Caller,
    tenant_id: OfTenant,
    download: Annotated[NewDownload, Depends(_new_download)],
    downloads: Downloads,
) -> DownloadShown:
    """Have the address of a full file asked for in the background, under the provider's quotas.

    The use must be licensed now (409 `LICENSE_INVALID`), by the terms of the tenant (`X-Tenant-Id`), if there are any,
    or of everybody; and again when it is the order's turn. The same track for the same project in the same format is
    one download for as long as it is queued or ready. 409, too, for a provider without downloads, and for a 51st
    that waits.
    """
    return DownloadShown.of(await downloads.order(download.to_draft(caller.user_id, tenant_id)))


@router.get("", summary="List own downloads", responses=errors(400, 401))
async def own_downloads(
    caller: Caller, downloads: Downloads, status: Standing = None, limit: Limit = 20, cursor: Cursor = None
) -> DownloadList:
    """The caller's downloads in pages, the newest first."""
    return DownloadList.of(await downloads.page(caller.user_id, status, cursor, limit))


@router.get("/{downloadId}", summary="Show a download", responses=errors(401, 404))
async def show_download(download_id: DownloadId, caller: Caller, downloads: Downloads) -> DownloadShown:
    """One of the caller's downloads; with `url` when it is ready."""
    return DownloadShown.of(await downloads.get(caller.user_id, download_id))


@router.post(
    "/{downloadId}/refresh",
    status_code=202,
    summary="Ask for an expired address anew",
    responses=errors(401, 404, 409, 429, 502),
)
async def refresh_download(download_id: DownloadId, caller: Caller, downloads: Downloads) -> DownloadShown:
    """Queue a ready download again whose address has expired; one that is still good stays as it is."""
    return DownloadShown.of(await downloads.refresh(caller.user_id, download_id))


@router.delete("/{downloadId}", summary="Cancel a download", responses=errors(401, 404, 409))
async def cancel_download(download_id: DownloadId, caller: Caller, downloads: Downloads) -> DownloadShown:
    """Cancel a queued download; 409 when it is ready or has failed."""
    return DownloadShown.of(await downloads.cancel(caller.user_id, download_id))

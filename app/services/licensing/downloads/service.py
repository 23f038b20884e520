"""Downloads as users order, look at, refresh and cancel them."""

import asyncio
import random

from app.clock import Clock
from app.errors import Conflict, LicenseInvalid
from app.models.licensing.downloads import DownloadDraft, DownloadState, TrackDownload
from app.models.pages import Page
from app.services.licensing.downloads.ports import Downloads, Licences
from app.services.licensing.downloads.queue import DownloadQueue
from app.services.licensing.errors import NotConfigured, NotSupported
from app.services.licensing.ports import Providers, Setups

MOST_QUEUED = 50
_ATTEMPTS = 5
_APART_SECONDS = 0.2
"""Downloads of one user that may wait."""


class DownloadService:
    """Takes orders of users, for whom only their own downloads exist."""

    def __init__(
        self,
        downloads: Downloads,
        queue: DownloadQueue,
        licences: Licences,
        providers: Providers,
        setups: Setups,
        clock: Clock,
    ) -> None:
        self._downloads = downloads
        self._queue = queue
        self._licences = licences
        self._providers = providers
        self._setups = setups
        self._clock = clock

    async def order(self, draft: DownloadDraft) -> TrackDownload:
        """Have the address of a file asked for in the background.

        What is queued or ready for the same user, track, project and format is given instead of a new one; when its
        address has expired, it is asked for anew.

        Raises:
            NotSupported: the provider has no files to download, or we know of no way.
            NotConfigured: the provider is switched off, or lacks credentials.
            LicenseInvalid: the use is not licensed now.
            NotFound: there is no such track.
            Conflict: too many of the user's downloads wait.
            ProviderFailed, QuotaExceeded: the licence cannot be looked up at present.
            Unavailable: the database is away.
        """
        await self._require_offered(draft)
        await self._require_licensed(draft)
        same = await self._downloads.find_same(draft)
        if same is None:
            same = await self._add(draft)
        elif same.state is DownloadState.READY and not same.is_good(self._clock.now()):
            same = await self._queue_again(same)
        self._queue.kick()
        return same

    async def get(self, user_id: str, download_id: str) -> TrackDownload:
        """A user's download.

        Raises:
            NotFound: the user has none of this id.
            Unavailable: the database is away.
        """
        return await self._downloads.get(user_id, download_id)

    async def page(
        self, user_id: str, state: DownloadState | None, cursor: str | None, limit: int
    ) -> Page[TrackDownload]:
        """A user's downloads, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        return await self._downloads.page(user_id, state, cursor, limit)

    async def refresh(self, user_id: str, download_id: str) -> TrackDownload:
        """Have an address that has expired, or of which nobody knows when it does, asked for anew.

        One that is still good, and one that is queued, stay as they are.

        Raises:
            NotFound: the user has none of this id.
            Conflict: it has failed or was cancelled, or too many of the user's downloads wait.
            LicenseInvalid, ProviderFailed, QuotaExceeded: as `order`.
            Unavailable: the database is away.
        """
        download = await self._downloads.get(user_id, download_id)
        if download.state in {DownloadState.FAILED, DownloadState.CANCELLED}:
            raise Conflict(f"The download is {download.state.value}; order it again")
        if download.state is DownloadState.QUEUED or (download.expires_at and download.is_good(self._clock.now())):
            return download
        await self._require_licensed(download.draft)
        queued = await self._queue_again(download)
        self._queue.kick()
        return queued

    async def cancel(self, user_id: str, download_id: str) -> TrackDownload:
        """Cancel a queued download; one that is cancelled stays so.

        Raises:
            NotFound: the user has none of this id.
            Conflict: it is ready, or has failed.
            Unavailable: the database is away.
        """
        cancelled = await self._downloads.cancel(user_id, download_id, self._clock.now())
        if cancelled is not None:
            return cancelled
        download = await self._downloads.get(user_id, download_id)
        if download.state is not DownloadState.CANCELLED:
            raise Conflict(f"The download is {download.state.value} and cannot be cancelled")
        return download

    async def _require_offered(self, draft: DownloadDraft) -> None:
        policy = self._providers[draft.provider].policy
        if not policy.capabilities.can_download:
            raise NotSupported(f"{policy.title} offers no downloads that we know of")
        if not (await self._setups.get(draft.provider)).is_configured:
            raise NotConfigured(f"{policy.title} is not set up; an admin can do so")

    async def _require_licensed(self, draft: DownloadDraft) -> None:
        verdict = await self._licences.validate(draft.provider, draft.track_id, draft.tenant_id, draft.use)
        if not verdict.is_valid:
            raise LicenseInvalid(verdict.reasons)

    async def _add(self, draft: DownloadDraft) -> TrackDownload:
        for _ in range(_ATTEMPTS):
            await self._require_room(draft.user_id)
            added = await self._downloads.add(draft, self._clock.now())
            if added is None:
                # Somebody with the same token was quicker.
                return await self._downloads.find_same(draft) or await self._add(draft)
            # Looked at again with this one in it: of many orders at the same moment none goes over.
            if await self._downloads.count_queued(draft.user_id) <= MOST_QUEUED:
                return added
            await self._downloads.discard(added)
            # All of many may have stepped back; apart from each other, as many find room as there is.
            await asyncio.sleep(random.uniform(0, _APART_SECONDS))  # noqa: S311 - spreads attempts, guards nothing
        raise _too_many()

    async def _queue_again(self, download: TrackDownload) -> TrackDownload:
        await self._require_room(download.draft.user_id)
        queued = await self._downloads.queue_again(download, self._clock.now())
        return queued or await self._downloads.get(download.draft.user_id, download.id)

    async def _require_room(self, user_id: str) -> None:
        if await self._downloads.count_queued(user_id) >= MOST_QUEUED:
            raise _too_many()


def _too_many() -> Conflict:
    return Conflict(f"{MOST_QUEUED} of your downloads wait already; cancel some, or wait for them")

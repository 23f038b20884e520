"""What downloads need of their surroundings."""

from collections.abc import Collection as Container
from datetime import datetime, timedelta
from typing import Protocol

from app.models.licensing.downloads import DownloadDraft, DownloadState, TrackDownload
from app.models.licensing.licences import Verdict
from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import DownloadAddress
from app.models.licensing.usage import Use
from app.models.pages import Page


class Licences(Protocol):
    """Whether a use is licensed."""

    async def validate(self, provider: ProviderName, track_id: str, tenant_id: str | None, use: Use) -> Verdict:
        """The verdict on a use now, or `NotFound`, `UpstreamFailed`, `QuotaExceeded`, `NotConfigured`."""
        ...


class Downloads(Protocol):
    """Where downloads are kept."""

    async def find_same(self, draft: DownloadDraft) -> TrackDownload | None:
        """The one that stands of the same user, track, project and format."""
        ...

    async def add(self, draft: DownloadDraft, at: datetime) -> TrackDownload | None:
        """Queue one, unless there is one."""
        ...

    async def discard(self, download: TrackDownload) -> None:
        """Take back one that was just added."""
        ...

    async def count_queued(self, user_id: str) -> int:
        """How many of a user's wait."""
        ...

    async def get(self, user_id: str, download_id: str) -> TrackDownload:
        """A user's download, or `NotFound`."""
        ...

    async def page(
        self, user_id: str, state: DownloadState | None, cursor: str | None, limit: int
    ) -> Page[TrackDownload]:
        """A user's downloads, the newest first."""
        ...

    async def queue_again(self, download: TrackDownload, at: datetime) -> TrackDownload | None:
        """Queue a ready one, if it still is."""
        ...

    async def cancel(self, user_id: str, download_id: str, at: datetime) -> TrackDownload | None:
        """Cancel a queued one, if it still is."""
        ...

    async def count_due(self, at: datetime) -> int:
        """How many may be taken."""
        ...

    async def take(self, at: datetime, lifetime: timedelta, besides: Container[ProviderName]) -> TrackDownload | None:
        """Take one that is due, besides those of some providers, for this long."""
        ...

    async def ready(self, download: TrackDownload, address: DownloadAddress, at: datetime) -> None:
        """Its address is known."""
        ...

    async def fail(self, download: TrackDownload, at: datetime, error: str) -> None:
        """It is not tried any more."""
        ...

    async def postpone(self, download: TrackDownload, due_at: datetime, failures: int, error: str) -> None:
        """It is tried again later."""
        ...

"""Downloads: addresses of full files, asked for in the background and handed to who asked."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.models.licensing.providers import ProviderName
from app.models.licensing.usage import Use


class DownloadState(StrEnum):
    """How a download stands."""

    QUEUED = "queued"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class DownloadDraft:
    """What a user asks for; without a `format` the provider's usual one. `tenant_id` is whose contract counts."""

    user_id: str
    tenant_id: str | None
    provider: ProviderName
    track_id: str
    format: str | None
    project_id: str
    use: Use


@dataclass(frozen=True, slots=True)
class TrackDownload:
    """A download and how it stands.

    `url` and `given_format` are there when it is ready; the address is good until `expires_at`, or for as long as the
    provider likes. `failures` counts the calls that failed; `claim` is who works on it.
    """

    id: str
    draft: DownloadDraft
    state: DownloadState
    created_at: datetime
    updated_at: datetime
    failures: int = 0
    claim: str | None = None
    url: str | None = field(default=None, repr=False)
    given_format: str | None = None
    expires_at: datetime | None = None
    error: str | None = None

    def is_good(self, at: datetime) -> bool:
        """Whether its address can still be expected to work."""
        return self.state is DownloadState.READY and (self.expires_at is None or at < self.expires_at)

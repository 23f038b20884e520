"""Downloads as they are sent and shown."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field

from app.models.licensing.downloads import DownloadDraft, DownloadState, TrackDownload
from app.models.licensing.providers import ProviderName
from app.models.licensing.usage import Use
from app.models.pages import Page
from app.models.wire.base import CamelModel, Moment
from app.models.wire.music_license_terms import Territory
from app.models.wire.music_license_terms import Use as UseName
from app.models.wire.music_webhooks import TrackId

ProjectId = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00]+$", examples=["project-1"])]
Format = Annotated[str, Field(pattern=r"^[a-z0-9]{2,8}$", examples=["mp3"])]


class NewDownload(CamelModel):
    """A file that is wanted, and what for; without a `format` it is the provider's usual one."""

    model_config = ConfigDict(extra="forbid")

    provider: Annotated[ProviderName, Field(strict=False)]
    track_id: TrackId
    format: Format | None = None
    project_id: ProjectId
    usage: UseName
    territory: Territory

    def to_draft(self, user_id: str, tenant_id: str | None) -> DownloadDraft:
        """As the service takes it."""
        use = Use(self.usage, self.territory.upper())
        return DownloadDraft(user_id, tenant_id, self.provider, self.track_id, self.format, self.project_id, use)


class DownloadShown(CamelModel):
    """A download; `url` and `expiresAt` are there when it is ready, `error` when it failed or is tried again."""

    id: str
    status: DownloadState
    provider: ProviderName
    track_id: str
    format: str | None
    project_id: str
    usage: str
    territory: str
    url: str | None = Field(description="Where the file is, for whoever the licence is for; not fetched by us.")
    expires_at: Moment | None
    error: str | None
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, download: TrackDownload) -> Self:
        """Show a download."""
        draft = download.draft
        return cls(
            id=download.id,
            status=download.state,
            provider=draft.provider,
            track_id=draft.track_id,
            format=download.given_format or draft.format,
            project_id=draft.project_id,
            usage=draft.use.usage,
            territory=draft.use.territory,
            url=download.url,
            expires_at=download.expires_at,
            error=download.error,
            created_at=download.created_at,
            updated_at=download.updated_at,
        )


class DownloadList(CamelModel):
    """One page of downloads; `nextCursor` is null on the last one."""

    items: list[DownloadShown]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[TrackDownload]) -> Self:
        """Show a page."""
        return cls(items=[DownloadShown.of(one) for one in page.items], next_cursor=page.next_cursor)

"""Syncs of catalogues as they are ordered and shown."""

from typing import Annotated, Self

from pydantic import BeforeValidator, ConfigDict, Field, field_validator

from app.models.licensing.sync import EVERYBODY, MOST_TRACK_IDS, SyncJob, SyncKind, SyncOptions, SyncProgress
from app.models.licensing.tracks import FailedTrack
from app.models.pages import Page
from app.models.wire.base import CamelModel, Moment

_LONGEST_ID = 512
_MOST_TRACKS = 10_000_000


def _whole(value: object) -> object:
    """JSON has one kind of number: `1000.0` is the integer 1000."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Positive = Annotated[int, Field(ge=1, le=_MOST_TRACKS)]
Genre = Annotated[
    str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$", examples=["electronic"])
]
TrackId = Annotated[str, Field(min_length=1, max_length=_LONGEST_ID, examples=["1001"])]


class SyncOrder(CamelModel):
    """How a catalogue is to be synced; all of it may be left out."""

    model_config = ConfigDict(extra="forbid")

    max_tracks: Annotated[_Positive, BeforeValidator(_whole, json_schema_input_type=_Positive)] | None = Field(
        None, description="How many are taken at most; all, if left out."
    )
    genres: Annotated[list[Genre], Field(max_length=100)] = Field(
        [], description="Only tracks of one of these, as the provider names them."
    )
    update_existing: bool = Field(True, description="Whether tracks that we have are brought up to date.")

    @field_validator("genres")
    @classmethod
    def _tidy(cls, value: list[str]) -> list[str]:
        return sorted({" ".join(genre.split()) for genre in value})

    def to_options(self) -> SyncOptions:
        """As the service takes it."""
        return SyncOptions(self.max_tracks, tuple(self.genres), self.update_existing)


class TrackSyncOrder(CamelModel):
    """Which tracks are to be synced."""

    model_config = ConfigDict(extra="forbid")

    provider: Annotated[str, Field(min_length=1, max_length=64, examples=["soundstripe"])]
    track_ids: Annotated[list[TrackId], Field(min_length=1, max_length=MOST_TRACK_IDS)]

    @field_validator("track_ids")
    @classmethod
    def _printable(cls, value: list[str]) -> list[str]:
        if not all(track_id.isprintable() for track_id in value):
            raise ValueError("must hold printable characters only")
        return value


class SyncOrdered(CamelModel):
    """The job that does it."""

    job_id: str


class SyncProgressShown(CamelModel):
    """What came of the tracks: `fetched` is the sum of the next four; `total` is null when unknown."""

    fetched: int
    created: int
    updated: int
    unchanged: int
    failed: int
    total: int | None

    @classmethod
    def of(cls, progress: SyncProgress) -> Self:
        """Show it."""
        return cls(
            fetched=progress.fetched,
            created=progress.created,
            updated=progress.updated,
            unchanged=progress.unchanged,
            failed=progress.failed,
            total=progress.total,
        )


class SyncOptionsShown(CamelModel):
    """How it was ordered; `trackIds` is null unless single tracks were."""

    max_tracks: int | None
    genres: list[str]
    update_existing: bool
    track_ids: list[str] | None


class SyncFailureShown(CamelModel):
    """A track that could not be taken, and what was asked for it; `trackId` is null when nobody could tell."""

    track_id: str | None
    query: str
    error: str

    @classmethod
    def of(cls, failure: FailedTrack) -> Self:
        """Show it."""
        return cls(track_id=failure.track_id, query=failure.query, error=failure.error)


class SyncJobShown(CamelModel):
    """A sync and how far it has come.

    `provider` is `all` for a job over all of them; `children` are then its parts. `error` is why it failed or, while
    it runs, what it waits for. `vanished` counts tracks that the provider has no longer; `failures` are the first 100.
    """

    id: str
    provider: str
    status: str
    progress: SyncProgressShown
    vanished: int
    options: SyncOptionsShown
    failures: list[SyncFailureShown]
    children: list[str]
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    error: str | None

    @classmethod
    def of(cls, job: SyncJob) -> Self:
        """Show a job."""
        return cls(
            id=job.id,
            provider=job.provider.value if job.provider else EVERYBODY,
            status=job.status.value,
            progress=SyncProgressShown.of(job.progress),
            vanished=job.vanished,
            options=SyncOptionsShown(
                max_tracks=job.options.max_tracks,
                genres=list(job.options.genres),
                update_existing=job.options.update_existing,
                track_ids=list(job.track_ids) if job.kind is SyncKind.TRACKS else None,
            ),
            failures=[SyncFailureShown.of(failure) for failure in job.failures],
            children=list(job.children),
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            error=job.error,
        )


class SyncJobList(CamelModel):
    """One page of jobs; `nextCursor` is null on the last one."""

    items: list[SyncJobShown]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[SyncJob]) -> Self:
        """Show a page."""
        return cls(items=[SyncJobShown.of(job) for job in page.items], next_cursor=page.next_cursor)

"""Syncs of catalogues: what was ordered, how far it has come, and the single steps that it is made of."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import CataloguePage, FailedTrack, ProviderTrack

MOST_FAILURES = 100
"""Failures that a job keeps; more are only counted."""
MOST_TRACK_IDS = 1_000
"""Tracks that one job may be given by name."""
EVERYBODY = "all"
"""What stands where a provider's name does, in a job over all of them."""


class SyncKind(StrEnum):
    """What a job goes through."""

    CATALOGUE = "catalogue"
    TRACKS = "tracks"
    ALL = "all"
    """Nothing itself: its children go through the catalogues."""


class SyncStatus(StrEnum):
    """How a job stands; `RUNNING` also while it waits for a provider."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing will happen any more."""
        return self not in {SyncStatus.QUEUED, SyncStatus.RUNNING}


class SyncPhase(StrEnum):
    """What the next step does."""

    WALK = "walk"
    """Fetch a page of the catalogue."""
    CHECK = "check"
    """Ask for tracks of our copy that the walk has not met: they may have vanished."""
    LOOK_UP = "look_up"
    """Ask for tracks that were named."""


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """How a catalogue is synced.

    `max_tracks` ends the walk early; with `genres` only tracks of these are taken, as the provider names them. Without
    `update_existing` a track that we have stays as it is; what is new of its licence is kept all the same.
    """

    max_tracks: int | None = None
    genres: tuple[str, ...] = ()
    update_existing: bool = True


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """What came of the tracks so far: `fetched` is the sum of the four others. `total` is `None` when unknown."""

    fetched: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    total: int | None = None

    @classmethod
    def sum_of(cls, parts: Iterable["SyncProgress"]) -> "SyncProgress":
        """Added up; the total is known when it is of all parts."""
        parts = tuple(parts)
        totals = [part.total for part in parts]
        return cls(
            fetched=sum(part.fetched for part in parts),
            created=sum(part.created for part in parts),
            updated=sum(part.updated for part in parts),
            unchanged=sum(part.unchanged for part in parts),
            failed=sum(part.failed for part in parts),
            total=None if None in totals else sum(total or 0 for total in totals),
        )


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a job goes on. `cursor` is the provider's own in a walk, and a position in the given ids in a look-up.

    `is_blind` says that the walk has met a track without learning which it was, so what it has not met may be there
    nevertheless.
    """

    phase: SyncPhase
    cursor: str | None = None
    is_blind: bool = False


@dataclass(frozen=True, slots=True)
class SyncDraft:
    """A job to be; `provider` is `None` when it is over all of them, which `children` then are about."""

    kind: SyncKind
    provider: ProviderName | None
    options: SyncOptions = field(default_factory=SyncOptions)
    track_ids: tuple[str, ...] = ()
    children: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SyncJob:
    """A job and how far it has come.

    `step` counts what was committed: a step is taken by exactly one worker. `error` is why it failed or, while it
    runs, what it waits for, and has waited for since `waiting_since`. `vanished` counts tracks of our copy that the
    provider has no longer.
    """

    id: str
    kind: SyncKind
    provider: ProviderName | None
    status: SyncStatus
    options: SyncOptions
    created_at: datetime
    track_ids: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    progress: SyncProgress = field(default_factory=SyncProgress)
    vanished: int = 0
    failures: tuple[FailedTrack, ...] = ()
    started_at: datetime | None = None
    finished_at: datetime | None = None
    error: str | None = None
    waiting_since: datetime | None = None
    checkpoint: Checkpoint = field(default_factory=lambda: Checkpoint(SyncPhase.WALK))
    step: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing will happen any more."""
        return self.status.is_over


@dataclass(frozen=True, slots=True)
class SyncStep:
    """What one call upon the provider (or several for single tracks) gave, to be committed as one.

    It was seen at `seen_at`. `gone` are ids that the provider does not have; `present` are ids, or the first parts of
    ids before a slash, that are there without having been read. `next` is `None` when the job is done.
    """

    seen_at: datetime
    next: Checkpoint | None
    tracks: tuple[ProviderTrack, ...] = ()
    failed: tuple[FailedTrack, ...] = ()
    gone: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    total: int | None = None


@dataclass(frozen=True, slots=True)
class SparingPage:
    """A page of a walk that asks less often for what stays the same; `kept` are the items that it has not asked for."""

    page: CataloguePage
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SyncFilter:
    """Which jobs are asked for; `provider` may be `EVERYBODY`, for jobs over all."""

    provider: str | None
    status: SyncStatus | None
    limit: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class LicensedTrack:
    """A track of our copy. `seen_at` is when its provider had it last; `vanished_at` since when it has it no longer."""

    track: ProviderTrack
    created_at: datetime
    updated_at: datetime
    seen_at: datetime
    vanished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AlikeFilter:
    """Tracks with one of these genres or moods; near `bpm`, if it is given. `limit` is for each genre and mood list."""

    genres: tuple[str, ...]
    moods: tuple[str, ...]
    bpm: float | None
    limit: int

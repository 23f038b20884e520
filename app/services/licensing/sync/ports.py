"""What syncing needs from outside, in its own words."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from app.models.licensing.providers import ProviderName, ProviderSetup
from app.models.licensing.sync import (
    SparingPage,
    SyncDraft,
    SyncFilter,
    SyncJob,
    SyncStatus,
    SyncStep,
)
from app.models.pages import Page

Pause = Callable[[float], Awaitable[None]]
"""Lets so many seconds pass."""


class SyncJobs(Protocol):
    """Where jobs are kept."""

    async def add(self, draft: SyncDraft, at: datetime) -> SyncJob | None:
        """A new job; `None` when another one goes through the same catalogue already."""
        ...

    async def get(self, job_id: str) -> SyncJob:
        """The job of this id, or `NotFound`."""
        ...

    async def many(self, job_ids: Collection[str]) -> list[SyncJob]:
        """Those of these ids that there are."""
        ...

    async def page(self, wanted: SyncFilter) -> Page[SyncJob]:
        """One page of jobs, the newest first."""
        ...

    async def walking(self, provider: ProviderName | None) -> SyncJob | None:
        """The job that goes through the provider's whole catalogue at present, or, for `None`, through all."""
        ...

    async def unfinished(self) -> list[SyncJob]:
        """Jobs that are not over."""
        ...

    async def begin(self, job_id: str, at: datetime) -> SyncJob:
        """It is worked on from now on, unless it is over."""
        ...

    async def wait(self, job_id: str, since: datetime | None, error: str) -> None:
        """It waits for what `error` says; if something has failed, since then."""
        ...

    async def end(self, job_id: str, status: SyncStatus, error: str | None, at: datetime) -> bool:
        """It is over; false when it was before."""
        ...

    async def settle(self, summed: SyncJob) -> bool:
        """A job over all is over; false when it was before."""
        ...


class SyncPages(Protocol):
    """Writes what a step of a job gave."""

    async def commit(self, job: SyncJob, step: SyncStep, at: datetime) -> SyncJob | None:
        """The job afterwards; `None` when it is not where `job` says any more. Or `TransientFailure`."""
        ...


class Catalogue(Protocol):
    """Our copy of catalogues."""

    async def unmet(self, provider: ProviderName, since: datetime, limit: int) -> list[str]:
        """Ids of tracks that nobody has met since; vanished ones left out."""
        ...

    async def not_due(self, provider: ProviderName, items: Iterable[str], at: datetime) -> frozenset[str]:
        """Those of the items none of whose tracks is to be read again yet."""
        ...


class Leases(Protocol):
    """Who of many processes may do what only one may do."""

    async def acquire(self, name: str, owner: str, lifetime: timedelta) -> bool:
        """Take or keep the lease; false when somebody else holds it."""
        ...

    async def release(self, name: str, owner: str) -> None:
        """Give it back."""
        ...


NotDue = Callable[[Iterable[str]], Awaitable[frozenset[str]]]
"""Those of the items (what stands before the slash of a track's id) that need not be asked for in this walk."""


@runtime_checkable
class SparingProvider(Protocol):
    """A provider that needs a call for each item of its catalogue, and can leave out those that are not due."""

    async def walk_sparingly(
        self, setup: ProviderSetup, cursor: str | None, genres: Sequence[str], not_due: NotDue
    ) -> SparingPage:
        """As `Provider.walk`, and the items that were not asked for."""
        ...

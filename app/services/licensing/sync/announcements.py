"""Tells subscribers of syncs that have ended."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.models.licensing.sync import SyncJob, SyncStatus
from app.models.licensing.webhooks import SentKind
from app.models.privacy import Plain

_KINDS = {SyncStatus.COMPLETED: SentKind.SYNC_COMPLETED, SyncStatus.FAILED: SentKind.SYNC_FAILED}


class Untold(Protocol):
    """Jobs whose end nobody was told yet; each is, until `told`."""

    async def untold(self) -> Sequence[SyncJob]:
        """Jobs that have ended, completed or failed, and of which nobody was told."""
        ...

    async def told(self, job_id: str) -> None:
        """Everybody was told of this one."""
        ...


class Events(Protocol):
    """Hears what subscribers are to be told."""

    async def publish(self, kind: str, payload: Mapping[str, Plain], key: str | None = None) -> None:
        """Have an event told; with the same key once."""
        ...


class SyncAnnouncements:
    """An end is noted as untold in the write that ends the job, so a process that is killed in between loses none."""

    def __init__(self, jobs: Untold, events: Events) -> None:
        self._jobs = jobs
        self._events = events

    async def tell(self) -> None:
        """Tell of all ends that were not told.

        Raises:
            Unavailable: the database is away; the rest is told the next time.
        """
        for job in await self._jobs.untold():
            await self._events.publish(_KINDS[job.status].value, _payload(job), key=job.id)
            if job.vanished:
                gone: dict[str, Plain] = {"jobId": job.id, "provider": str(job.provider), "count": job.vanished}
                await self._events.publish(SentKind.TRACK_VANISHED.value, gone, key=job.id)
            await self._jobs.told(job.id)


def _payload(job: SyncJob) -> dict[str, Plain]:
    progress = job.progress
    return {
        "jobId": job.id,
        "provider": str(job.provider),
        "created": progress.created,
        "updated": progress.updated,
        "unchanged": progress.unchanged,
        "failed": progress.failed,
        "vanished": job.vanished,
        "error": job.error,
    }

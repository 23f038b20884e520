"""Syncs of provider catalogues: ordered by admins and by the schedule, done in the background by any process."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence

import structlog

from app.clock import Clock
from app.errors import Conflict, Unavailable
from app.models.jobs import Summary
from app.models.licensing.providers import ProviderName
from app.models.licensing.sync import SyncFilter, SyncJob, SyncKind, SyncOptions, SyncStatus
from app.models.pages import Page
from app.services.licensing.ports import Setups
from app.services.licensing.sync.announcements import SyncAnnouncements
from app.services.licensing.sync.orders import SyncOrders
from app.services.licensing.sync.parents import summed
from app.services.licensing.sync.ports import Pause, SyncJobs
from app.services.licensing.sync.tasks import SyncTasks
from app.services.licensing.sync.worker import SyncWorker

log = structlog.get_logger(__name__)

_POLL_SECONDS = 0.5
_NEWEST = 10


class SyncService:
    """Orders syncs and has them done; who dies is followed by another process."""

    def __init__(
        self,
        jobs: SyncJobs,
        worker: SyncWorker,
        setups: Setups,
        announcements: SyncAnnouncements,
        clock: Clock,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._announcements = announcements
        self._jobs = jobs
        self._orders = SyncOrders(jobs, setups, clock)
        self._clock = clock
        self._pause = pause
        self._tasks = SyncTasks(worker, self._ended)
        self._waking: asyncio.Task[None] | None = None

    async def start(self, provider: ProviderName, options: SyncOptions) -> SyncJob:
        """Have the provider's catalogue synced; a sync of it with the same options that is not over is the same job.

        Raises:
            NotSupported: its terms do not allow a copy.
            NotConfigured: it is switched off, or its credentials are not set.
            Conflict: it is being synced with other options.
            Unavailable: the database is away.
        """
        return self._begun(await self._orders.catalogue(provider, options))

    async def start_tracks(self, provider: ProviderName, track_ids: Sequence[str]) -> SyncJob:
        """Have these tracks of a provider synced, each once.

        Raises:
            NotSupported, NotConfigured, Unavailable: as `start`.
        """
        return self._begun(await self._orders.tracks(provider, track_ids))

    async def start_all(self, options: SyncOptions) -> SyncJob:
        """Have the catalogues of all providers synced side by side that can be, in one job with a child for each.

        Where a catalogue is being synced already, with whatever options, that job is the child: a second walk beside
        it would ask for everything twice.

        Raises:
            NotConfigured: there is no such provider.
            Conflict: all are being synced with other options.
            Unavailable: the database is away.
        """
        await self.settle()
        return self._begun(await self._orders.all(options))

    async def start_nightly(self) -> Summary:
        """Have all catalogues synced whole; none of them when none can be, or all are being synced otherwise.

        Raises:
            Unavailable: the database is away.
        """
        try:
            return {"catalogues": len((await self.start_all(SyncOptions())).children)}
        except Conflict as refusal:
            log.info("nightly_sync_left_out", reason=refusal.message)
            return {"catalogues": 0}

    async def get(self, job_id: str) -> SyncJob:
        """How far it has come.

        Raises:
            NotFound: there is none of this id.
            Unavailable: the database is away.
        """
        [job] = await self._with_sums([await self._jobs.get(job_id)])
        return job

    async def page(self, wanted: SyncFilter) -> Page[SyncJob]:
        """One page of jobs, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        page = await self._jobs.page(wanted)
        return Page(tuple(await self._with_sums(page.items)), page.next_cursor)

    async def watched(self, job_ids: Collection[str]) -> list[SyncJob]:
        """For who watches: jobs that are not over, the newest ones, and those of these ids.

        Raises:
            Unavailable: the database is away.
        """
        newest = await self._jobs.page(SyncFilter(None, None, _NEWEST, None))
        found = {job.id: job for job in (*await self._jobs.unfinished(), *newest.items)}
        missing = [job_id for job_id in job_ids if job_id not in found]
        found |= {job.id: job for job in (await self._jobs.many(missing) if missing else [])}
        return await self._with_sums(found.values())

    async def cancel(self, job_id: str) -> SyncJob:
        """End a job, and all its children; whoever works on it stops within a page, and commits no more.

        Raises:
            NotFound: there is none of this id.
            Conflict: it has ended in another way already.
            Unavailable: the database is away.
        """
        job = await self.get(job_id)
        if job.is_over and job.status is not SyncStatus.CANCELLED:
            raise Conflict(f"The sync has {job.status.value} already")
        for child_id in job.children or (job_id,):
            await self._jobs.end(child_id, SyncStatus.CANCELLED, None, self._clock.now())
        await self.settle()
        return await self.get(job_id)

    async def resume(self) -> Summary:
        """Go on, in the background, with all jobs that nobody works on; counts those that are not over.

        Raises:
            Unavailable: the database is away.
        """
        await self._ended()
        unfinished = [job for job in await self._jobs.unfinished() if job.kind is not SyncKind.ALL]
        self._tasks.begin(job.id for job in unfinished)
        return {"unfinished": len(unfinished)}

    def wake(self) -> None:
        """`resume`, without waiting for the database: for the start of a process; needs a running loop."""
        self._waking = asyncio.create_task(self._wake(), name="sync-wake")

    async def complete(self, job_id: str, progress: Callable[[SyncJob], object]) -> SyncJob:
        """Work on it here, or, while another process does, watch; `progress` hears how far it has come.

        Raises:
            NotFound: there is none of this id.
            Unavailable: the database is away; it can be gone on with.
        """
        while not (job := await self.get(job_id)).is_over:
            progress(job)
            self._tasks.begin(job.children or (job_id,))
            await self._pause(_POLL_SECONDS)
        await self.settle()
        progress(job)
        return job

    async def settle(self) -> None:
        """End jobs over all whose children have all ended.

        Raises:
            Unavailable: the database is away.
        """
        parent = await self._jobs.walking(None)
        if parent is None:
            return
        [now] = await self._with_sums([parent])
        if now.is_over:
            await self._jobs.settle(now)

    async def _ended(self) -> None:
        await self.settle()
        await self._announcements.tell()

    async def idle(self) -> None:
        """Wait until nothing is worked on here."""
        await self._tasks.idle()

    async def close(self) -> None:
        """Stop; what was committed stays, and another process goes on with the rest."""
        if self._waking is not None:
            self._waking.cancel()
            await asyncio.wait({self._waking})
        await self._tasks.close()

    def _begun(self, job: SyncJob) -> SyncJob:
        self._tasks.begin(job.children or (job.id,))
        return job

    async def _wake(self) -> None:
        try:
            await self.resume()
        except Unavailable:
            log.warning("syncs_not_resumed_yet")

    async def _with_sums(self, jobs: Iterable[SyncJob]) -> list[SyncJob]:
        jobs = list(jobs)
        wanted = {child for job in jobs if not job.is_over for child in job.children}
        children = {job.id: job for job in (await self._jobs.many(wanted) if wanted else [])}
        return [summed(job, [children[one] for one in job.children if one in children]) for job in jobs]

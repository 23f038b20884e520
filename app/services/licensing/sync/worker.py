"""Does a sync, step after step, for as long as it holds the job's lease, and waits while the provider is away."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar
from uuid import uuid4

import structlog

from app.clock import Clock
from app.errors import FailureReason, TransientFailure, Unavailable
from app.metrics import SYNC_JOBS, SYNCED_TRACKS
from app.models.licensing.sync import SyncJob, SyncStatus, SyncStep
from app.services.group_commit import Backoff
from app.services.licensing.sync.failures import Hopeless, Outage
from app.services.licensing.sync.ports import Leases, Pause, SyncJobs, SyncPages
from app.services.licensing.sync.steps import SyncSteps

log = structlog.get_logger(__name__)

T = TypeVar("T")

LEASE_LIFETIME = timedelta(seconds=15)
PATIENCE = timedelta(hours=1)
"""How long a job waits for a provider before it has failed."""

_LOOK_EVERY_SECONDS = 1.0
_SLOW_SECONDS = 10.0
_LONGEST_PAUSE_SECONDS = 60.0
_MOST_DOUBLINGS = 6
# With pauses of half a second at most: an election takes a dozen seconds, and what was fetched is kept meanwhile.
_DATABASE_ATTEMPTS = 200
_OUR_FAULT = "Something went wrong on our side; the log says what"


class SyncWorker:
    """Does jobs; many workers, in any number of processes, may try to do the same one."""

    def __init__(
        self,
        jobs: SyncJobs,
        pages: SyncPages,
        steps: SyncSteps,
        leases: Leases,
        clock: Clock,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._jobs = jobs
        self._pages = pages
        self._steps = steps
        self._leases = leases
        self._clock = clock
        self._pause = pause
        self._backoff = Backoff()

    async def work(self, job_id: str) -> bool:
        """Do the job to its end; false when another worker does.

        It is let go of as soon as somebody has cancelled it, or the lease is lost.

        Raises:
            Unavailable: the database is away for long; the job can be gone on with.
        """
        owner = uuid4().hex
        if not await self._leases.acquire(_lease(job_id), owner, LEASE_LIFETIME):
            return False
        working = asyncio.create_task(self._work_off(job_id), name="sync")
        watching = asyncio.create_task(self._watch(job_id, owner), name="sync-watch")
        try:
            await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            working.cancel()
            watching.cancel()
            await asyncio.gather(working, watching, return_exceptions=True)
            with suppress(Unavailable):
                await self._leases.release(_lease(job_id), owner)
        if not working.cancelled():
            working.result()
        return True

    async def _watch(self, job_id: str, owner: str) -> None:
        """Keep the lease; comes back when there is nothing more to do for its holder."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
            with suppress(Unavailable):
                if not await self._leases.acquire(_lease(job_id), owner, LEASE_LIFETIME):
                    log.warning("sync_lease_lost", job=job_id)
                    return
                if (await self._jobs.get(job_id)).is_over:
                    return

    async def _work_off(self, job_id: str) -> None:
        job = await self._through(lambda: self._jobs.begin(job_id, self._clock.now()))
        attempt = 0
        while not job.is_over:
            try:
                step = await self._fetch(job)
            except Outage as outage:
                attempt += 1
                job = await self._wait(job, outage, attempt)
            except Hopeless as reason:
                job = await self._fail(job, reason.message)
            except Unavailable:
                raise
            except Exception:
                log.exception("sync_failed", job=job.id)
                job = await self._fail(job, _OUR_FAULT)
            else:
                job, attempt = await self._commit(job, step), 0
        _ended(job)

    async def _fetch(self, job: SyncJob) -> SyncStep:
        fetching = asyncio.ensure_future(self._through(lambda: self._steps.next(job)))
        try:
            done, _ = await asyncio.wait({fetching}, timeout=_SLOW_SECONDS)
            if not done:
                # As background work it waits for its turn as long as it takes, hours if the quota of a day is spent.
                error = f"Waits for {job.provider}: its quota is used up, or it is slow"
                await self._through(lambda: self._jobs.wait(job.id, None, error))
            return await fetching
        finally:
            fetching.cancel()

    async def _commit(self, job: SyncJob, step: SyncStep) -> SyncJob:
        after = await self._through(lambda: self._pages.commit(job, step, self._clock.now()))
        if after is None:
            # Cancelled, or done by another worker, or by us without our learning of it.
            return await self._through(lambda: self._jobs.get(job.id))
        _count(job, after)
        return after

    async def _wait(self, job: SyncJob, outage: Outage, attempt: int) -> SyncJob:
        now = self._clock.now()
        since = job.waiting_since or now
        left = since + PATIENCE - now
        if left <= timedelta(0):
            return await self._fail(job, outage.message)
        seconds = min(max(_pause(attempt), outage.retry_after.total_seconds()), left.total_seconds())
        log.warning("sync_waits", job=job.id, provider=job.provider, seconds=round(seconds, 1), error=outage.message)
        error = f"Waits for {job.provider}: {outage.message}"
        await self._through(lambda: self._jobs.wait(job.id, since, error))
        await self._pause(seconds)
        return await self._through(lambda: self._jobs.get(job.id))

    async def _fail(self, job: SyncJob, error: str) -> SyncJob:
        await self._through(lambda: self._jobs.end(job.id, SyncStatus.FAILED, error, self._clock.now()))
        return await self._through(lambda: self._jobs.get(job.id))

    async def _through(self, call: Callable[[], Awaitable[T]]) -> T:
        """Call until the database is there; what is called must be safe to repeat."""
        for attempt in range(1, _DATABASE_ATTEMPTS):
            try:
                return await call()
            except TransientFailure as failure:
                await asyncio.sleep(self._backoff.pause(attempt, failure.reason))
            except Unavailable:
                await asyncio.sleep(self._backoff.pause(attempt, FailureReason.AWAY))
        try:
            return await call()
        except TransientFailure as failure:
            raise Unavailable("The database is away, please try again") from failure


def _pause(attempt: int) -> float:
    longest = min(_LONGEST_PAUSE_SECONDS, 2.0 ** min(attempt - 1, _MOST_DOUBLINGS))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads attempts, guards nothing


def _lease(job_id: str) -> str:
    return f"sync-{job_id}"


def _count(before: SyncJob, after: SyncJob | None) -> None:
    if after is None:
        return
    for outcome in ("created", "updated", "unchanged", "failed"):
        count = getattr(after.progress, outcome) - getattr(before.progress, outcome)
        SYNCED_TRACKS.labels(str(before.provider), outcome).inc(count)
    SYNCED_TRACKS.labels(str(before.provider), "vanished").inc(after.vanished - before.vanished)


def _ended(job: SyncJob) -> None:
    SYNC_JOBS.labels(str(job.provider), job.status.value).inc()
    log.info("sync_ended", job=job.id, provider=job.provider, status=job.status.value, error=job.error)

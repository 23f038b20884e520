"""Fires the jobs of the schedule; who of many processes runs one is decided by its slot."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from math import floor

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from app.clock import Clock
from app.models.jobs import Job
from app.services.jobs import JobService

log = structlog.get_logger(__name__)

# The default of one second would skip a run whenever the loop is busy for longer.
_MISFIRE_GRACE = timedelta(minutes=5)
_MINUTE = timedelta(minutes=1)
_TEN_SECONDS = timedelta(seconds=10)
_WITH_SECONDS = 6
_SHUTDOWN_PATIENCE = timedelta(seconds=10)


class Scheduler:
    """Runs in every process; APScheduler only tells the time, the jobs' state is in MongoDB."""

    def __init__(self, jobs: JobService, clock: Clock) -> None:
        self._jobs = jobs
        self._clock = clock
        self._running: set[asyncio.Task[None]] = set()
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    @property
    def is_running(self) -> bool:
        """Whether jobs are fired."""
        return bool(self._scheduler.running)

    def start(self) -> None:
        """Begin to fire jobs; needs a running loop."""
        for job in self._jobs.jobs:
            self._scheduler.add_job(
                self._fire(job),
                trigger_of(job),
                id=job.name,
                misfire_grace_time=int(_MISFIRE_GRACE.total_seconds()),
                coalesce=True,
            )
        self._scheduler.start()

    async def stop(self) -> None:
        """Fire no more, and wait for what runs: APScheduler itself would cancel it."""
        self._scheduler.shutdown(wait=False)
        if self._running:
            _done, late = await asyncio.wait(self._running, timeout=_SHUTDOWN_PATIENCE.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _fire(self, job: Job) -> Callable[[], Awaitable[None]]:
        async def fire() -> None:
            slot = slot_of(self._clock.now(), _step_of(job))
            task = asyncio.create_task(self._run(job, slot), name=f"job-{job.name}")
            self._running.add(task)
            task.add_done_callback(self._running.discard)

        return fire

    async def _run(self, job: Job, slot: str) -> None:
        try:
            await self._jobs.run_slot(job.name, slot)
        except Exception:
            log.exception("job_failed", job=job.name)


def trigger_of(job: Job) -> CronTrigger:
    """When a job runs: its cron of five fields, or of six with seconds in front."""
    if not _has_seconds(job):
        trigger: CronTrigger = CronTrigger.from_crontab(job.cron, timezone=UTC)
        return trigger
    second, minute, hour, day, month, day_of_week = job.cron.split()
    return CronTrigger(
        second=second, minute=minute, hour=hour, day=day, month=month, day_of_week=day_of_week, timezone=UTC
    )


def slot_of(moment: datetime, step: timedelta = _MINUTE) -> str:
    """The nearest multiple of the step: the same for all processes that fire at one time of the schedule."""
    seconds = step.total_seconds()
    nearest = datetime.fromtimestamp(floor(moment.timestamp() / seconds + 0.5) * seconds, UTC)
    return nearest.strftime("%Y-%m-%dT%H:%MZ" if step >= _MINUTE else "%Y-%m-%dT%H:%M:%SZ")


def _has_seconds(job: Job) -> bool:
    return len(job.cron.split()) == _WITH_SECONDS


def _step_of(job: Job) -> timedelta:
    return _TEN_SECONDS if _has_seconds(job) else _MINUTE

"""Runs jobs, each run in exactly one process, and remembers how it ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import uuid4

import structlog

from app.clock import Clock
from app.errors import NotFound
from app.metrics import JOB_RUNS, JOB_SECONDS
from app.models.jobs import Job, JobRun, Outcome, Summary

log = structlog.get_logger(__name__)

_SHOWN = 20


class JobRuns(Protocol):
    """Where runs are taken and remembered."""

    async def take(self, job: str, slot: str, at: datetime) -> bool:
        """Take a slot, unless another process has."""
        ...

    async def finish(
        self, job: str, slot: str, at: datetime, outcome: Outcome, summary: Summary, error: str | None
    ) -> None:
        """Note how the run ended."""
        ...

    async def latest(self, job: str, limit: int) -> list[JobRun]:
        """The last runs."""
        ...


class JobService:
    """Every job there is, by name."""

    def __init__(self, jobs: Sequence[Job], runs: JobRuns, clock: Clock) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._runs = runs
        self._clock = clock

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All jobs, in the order of the schedule."""
        return tuple(self._jobs.values())

    async def history(self, name: str) -> list[JobRun]:
        """The last runs of a job, the latest first.

        Raises:
            NotFound: there is no such job.
            Unavailable: the database is away.
        """
        return await self._runs.latest(self._get(name).name, _SHOWN)

    async def run_now(self, name: str) -> Summary:
        """Run a job at once, whatever its schedule, and return what it did.

        Raises:
            NotFound: there is no such job.
            Exception: whatever the job raised.
        """
        job = self._get(name)
        slot = f"manual-{uuid4().hex}"
        await self._runs.take(job.name, slot, self._clock.now())
        return await self._run(job, slot)

    async def run_slot(self, name: str, slot: str) -> Summary | None:
        """Run the job for this slot of its schedule; `None` when another process has taken it.

        Raises:
            NotFound: there is no such job.
            Exception: whatever the job raised.
        """
        job = self._get(name)
        if not await self._runs.take(job.name, slot, self._clock.now()):
            return None
        return await self._run(job, slot)

    def _get(self, name: str) -> Job:
        job = self._jobs.get(name)
        if job is None:
            raise NotFound(f"There is no job of this name; there are: {', '.join(self._jobs)}")
        return job

    async def _run(self, job: Job, slot: str) -> Summary:
        try:
            with JOB_SECONDS.labels(job.name).time():
                summary = await job.work()
        except Exception as error:
            await self._end(job, slot, Outcome.FAILED, {}, f"{type(error).__name__}: {error}")
            raise
        await self._end(job, slot, Outcome.DONE, summary, None)
        return summary

    async def _end(self, job: Job, slot: str, outcome: Outcome, summary: Summary, error: str | None) -> None:
        JOB_RUNS.labels(job.name, outcome.value).inc()
        log.info("job_ended", job=job.name, outcome=outcome.value, error=error, **summary)
        await self._runs.finish(job.name, slot, self._clock.now(), outcome, summary, error)

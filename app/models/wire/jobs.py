"""Jobs as they are shown."""

from typing import Self

from app.models.jobs import Job, JobRun
from app.models.wire.base import CamelModel, Moment


class RunShown(CamelModel):
    """One run of a job; `summary` is what it did, in numbers."""

    slot: str
    started_at: Moment
    finished_at: Moment | None
    outcome: str
    summary: dict[str, int]
    error: str | None

    @classmethod
    def of(cls, run: JobRun) -> Self:
        """Show a run."""
        return cls(
            slot=run.slot,
            started_at=run.started_at,
            finished_at=run.finished_at,
            outcome=run.outcome.value,
            summary=dict(run.summary),
            error=run.error,
        )


class JobShown(CamelModel):
    """A job, its schedule in UTC, and its last runs."""

    name: str
    description: str
    cron: str
    runs: list[RunShown]

    @classmethod
    def of(cls, job: Job, runs: list[JobRun]) -> Self:
        """Show a job."""
        return cls(name=job.name, description=job.description, cron=job.cron, runs=[RunShown.of(run) for run in runs])


class JobList(CamelModel):
    """All jobs, in the order of the schedule."""

    jobs: list[JobShown]


class JobDone(CamelModel):
    """What a run that was asked for did, in numbers."""

    summary: dict[str, int]

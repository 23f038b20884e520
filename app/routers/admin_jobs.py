"""`/api/admin/jobs`: what runs by itself."""

from typing import Annotated

from fastapi import Path

from app.models.wire.base import Answer
from app.models.wire.jobs import JobDone, JobList, JobShown
from app.routers.dependencies import AdminCaller, Jobs
from app.routers.documentation import errors
from app.routers.routing import Router

router = Router(prefix="/api/admin/jobs", tags=["Administration"])

JobName = Annotated[str, Path(description="The job's name.", examples=["reconcile"])]


@router.get("", summary="List jobs", responses=errors(401, 403))
async def list_jobs(_admin: AdminCaller, jobs: Jobs) -> Answer[JobList]:
    """Every job with its schedule and its last runs."""
    return Answer(data=JobList(jobs=[JobShown.of(job, await jobs.history(job.name)) for job in jobs.jobs]))


@router.post("/{name}/run", summary="Run a job now", responses=errors(401, 403, 404))
async def run_job(name: JobName, _admin: AdminCaller, jobs: Jobs) -> Answer[JobDone]:
    """Run a job at once, whatever its schedule, and wait for its end."""
    return Answer(data=JobDone(summary=dict(await jobs.run_now(name))))

"""`playledger jobs`: what runs by itself."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.table import Table

from app.cli.session import checked_services, database
from app.cli.terminal import Json, out, read_settings
from app.config import Settings
from app.jobs.schedule import jobs_of
from app.models.jobs import Job, Summary
from app.services.jobs import JobService

T = TypeVar("T")

app = typer.Typer(help="List the jobs, or run one now.", no_args_is_help=True)


@app.command("list")
def list_jobs(as_json: Json = False) -> None:
    """Show every job and its schedule, in UTC."""
    jobs: tuple[Job, ...] = _run(_all_jobs)
    if as_json:
        rows = [{"name": job.name, "cron": job.cron, "description": job.description} for job in jobs]
        out.print_json(json.dumps(rows))
        return
    table = Table("job", "cron (UTC)", "what it does")
    for job in jobs:
        table.add_row(job.name, job.cron, job.description)
    out.print(table)


@app.command("run")
def run_job(name: Annotated[str, typer.Argument(help="The job's name.")], as_json: Json = False) -> None:
    """Run a job now, whatever its schedule."""
    summary: Summary = _run(lambda jobs: jobs.run_now(name))
    if as_json:
        out.print_json(json.dumps(dict(summary)))
    else:
        numbers = ", ".join(f"{key} {value}" for key, value in summary.items())
        out.print(f"[green]✓[/] {name}: {numbers}")


async def _all_jobs(jobs: JobService) -> tuple[Job, ...]:
    return jobs.jobs


def _run(work: Callable[[JobService], Awaitable[T]]) -> T:
    settings = read_settings()
    with database(settings) as uri:
        return asyncio.run(_with_jobs(settings, uri, work))


async def _with_jobs(settings: Settings, uri: str, work: Callable[[JobService], Awaitable[T]]) -> T:
    async with checked_services(settings, uri) as house:
        await house.migrations.up()
        return await work(JobService(jobs_of(house), house.job_runs, house.clock))

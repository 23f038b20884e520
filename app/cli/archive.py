"""`playledger archive`: raw events past their time, into files."""

import asyncio
import json
from datetime import timedelta
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.cli.session import checked_services, database
from app.cli.terminal import Json, err, fail, out, read_settings
from app.config import Settings
from app.models.stats.archive import ArchiveReport

_LONGEST_DAYS = 36_500
OlderThan = Annotated[
    int | None,
    typer.Option(
        "--older-than",
        metavar="DAYS",
        min=1,
        max=_LONGEST_DAYS,
        help="Archive days that ended longer ago than this; RAW_EVENT_RETENTION_DAYS when not given.",
    ),
]


def archive(older_than: OlderThan = None, as_json: Json = False) -> None:
    """Write raw events past their time into Parquet files, read these back, and only then remove the rows."""
    settings = read_settings()
    with database(settings) as uri:
        report = asyncio.run(_archive(settings, uri, older_than))
    if as_json:
        out.print_json(json.dumps({**report.summary, "faults": report.faults}))
    else:
        _show(report, settings.raw_event_retention_days if older_than is None else older_than)
    if report.faults:
        fail(f"{len(report.faults)} archived files are damaged; their rows stay in the database")


async def _archive(settings: Settings, uri: str, older_than: int | None) -> ArchiveReport:
    age = None if older_than is None else timedelta(days=older_than)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    async with checked_services(settings, uri) as house:
        await house.migrations.up()
        with Progress(*columns, console=err, transient=True) as progress:
            task = progress.add_task("archiving", total=None)
            return await house.stats.archive.run(
                older_than=age, progress=lambda report: progress.update(task, description=_so_far(report))
            )


def _so_far(report: ArchiveReport) -> str:
    return f"{report.rows:,} events in {report.parts:,} files, {report.removed:,} rows removed"


def _show(report: ArchiveReport, days: int) -> None:
    mark = "[red]✗[/]" if report.faults else "[green]✓[/]"
    out.print(f"{mark} Events of days that ended more than {days} days ago: {_so_far(report)}")
    if report.postponed or report.held_back:
        out.print(
            f"  {report.postponed:,} days and {report.held_back:,} rows wait until they are rolled up; "
            "they come with the next run."
        )
    for fault in report.faults:
        out.print(f"  {fault}", highlight=False)

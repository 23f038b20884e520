"""`playledger rollup`, and what `playledger reconcile` shows of the statistics."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from app.cli.session import checked_services, database
from app.cli.terminal import Json, err, fail, out, read_settings
from app.clock import iso
from app.config import Settings
from app.models.stats.backfills import Backfill
from app.models.stats.drift import StatsDriftReport
from app.models.stats.periods import Interval
from app.models.stats.rollups import DAY
from app.models.wire.stats_admin import StatsDriftShown

_SHOWN = 20
_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]

From = Annotated[datetime, typer.Option("--from", formats=_FORMATS, help="The first day (UTC).")]
To = Annotated[datetime, typer.Option("--to", formats=_FORMATS, help="The last day (UTC), or a time on it.")]


def rollup(start: From, end: To, as_json: Json = False) -> None:
    """Make all buckets of a range of days anew from raw events. Cut off, it goes on where it was when called again."""
    last = _utc(end)
    interval = Interval(_utc(start), last if last.time() != datetime.min.time() else last + DAY)
    if interval.is_empty:
        raise typer.BadParameter("must not be before --from", param_hint="--to")
    settings = read_settings()
    with database(settings) as uri:
        backfill = asyncio.run(_rollup(settings, uri, interval))
    if as_json:
        out.print_json(json.dumps(_to_json(backfill)))
    elif backfill.error is None:
        out.print(f"[green]✓[/] {backfill.days} days rolled up")
    if backfill.error is not None:
        fail(backfill.error)


async def _rollup(settings: Settings, uri: str, interval: Interval) -> Backfill:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    async with checked_services(settings, uri) as house:
        await house.migrations.up()
        ordered = await house.stats.backfills.order(interval)
        with Progress(*columns, console=err, transient=True) as progress:
            task = progress.add_task("days rolled up", total=ordered.days)
            return await house.stats.backfills.complete(
                ordered.id, lambda backfill: progress.update(task, completed=backfill.days_done)
            )


def _utc(given: datetime) -> datetime:
    return given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)


def _to_json(backfill: Backfill) -> dict[str, object]:
    return {
        "jobId": backfill.id,
        "state": backfill.state.value,
        "from": iso(backfill.interval.start),
        "to": iso(backfill.interval.end),
        "days": backfill.days,
        "error": backfill.error,
    }


def show_drift(report: StatsDriftReport) -> None:
    """Print what a comparison of the statistics found; for `playledger reconcile`."""
    mark = "[green]✓[/]" if report.drift == 0 and report.drifting_buckets == 0 else "[red]✗[/]"
    out.print(f"{mark} {report.tracks} tracks compared, drift {report.drift}")
    out.print(f"  {report.buckets} buckets compared, {report.drifting_buckets} differ")
    for one in report.found[:_SHOWN]:
        out.print(f"  {one.track_id} {one.counter}: stored {one.stored}, counted {one.counted}")
    for found in report.found_in_buckets[:_SHOWN]:
        whose = "everything" if found.is_of_everything else found.track_id
        period = f"{found.period.granularity.value} {iso(found.period.start)[:10]}"
        out.print(f"  {whose} {period} {found.field}: stored {found.stored}, counted {found.counted}")


def drift_json(report: StatsDriftReport) -> dict[str, object]:
    """The same for machines, as the API shows it."""
    return StatsDriftShown.of(report).model_dump(mode="json", by_alias=True)

"""`playledger stats rescore`: past events judged by the present rules."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from app.cli.counting import counting
from app.cli.session import checked_services, database
from app.cli.terminal import Json, out, read_settings, refuse_usage
from app.config import Settings
from app.models.stats.periods import Interval
from app.models.stats.rescoring import RescoreReport
from app.services.stats.rescoring import EVERYTHING

_DAY = timedelta(days=1)

app = typer.Typer(help="What was counted before, looked at again.", no_args_is_help=True)


@app.callback()
def _stats() -> None:
    """Keep `rescore` a command of its own while it is the only one."""


@app.command()
def rescore(
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day (UTC); all if not given.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day (UTC); all if not given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Judge raw events by the present rules of bots and own plays; counters and statistics follow."""
    within = _interval(first, last)
    settings = read_settings()
    with database(settings) as uri:
        report = asyncio.run(_rescore(settings, uri, within, quiet=as_json))
    if as_json:
        out.print_json(json.dumps(dict(report.summary)))
        return
    out.print(f"[green]✓[/] {report.looked} events judged", highlight=False)
    out.print(f"  {report.newly_excluded} not counted any more, {report.restored} counted again", highlight=False)


def _interval(first: datetime | None, last: datetime | None) -> Interval:
    start = EVERYTHING.start if first is None else first.replace(tzinfo=UTC)
    end = EVERYTHING.end if last is None else min(last.replace(tzinfo=UTC), EVERYTHING.end - _DAY) + _DAY
    if start >= end:
        refuse_usage("--from lies after --to")
    return Interval(start, end)


async def _rescore(settings: Settings, uri: str, within: Interval, *, quiet: bool) -> RescoreReport:
    async with checked_services(settings, uri) as house:
        await house.migrations.up()
        with counting("events judged", quiet=quiet) as told:
            return await house.stats.rescoring.run(within, progress=told)

"""`python -m benchmarks`: measures, prints tables, writes JSON."""

from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from app.cli.session import services
from app.clock import SystemClock
from app.logs import configure_logs
from benchmarks.machine import describe
from benchmarks.ratios import BENCHMARKS, Ratio, chosen, judge, variants_of
from benchmarks.report import Report, show, write
from benchmarks.rounds import Contest, Options, prepare, token_pool
from benchmarks.stage import Stage, mongod_and_server

_RESULTS = Path(__file__).parent / "results"

app = typer.Typer(add_completion=False)


@app.command()
def bench(
    only: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(BENCHMARKS)}; all if not given.")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Length of one measurement.")] = 4.0,
    rounds: Annotated[int, typer.Option(min=1, help="Measurements of each variant.")] = 5,
    connections: Annotated[int, typer.Option(min=1, max=1000, help="Requests at once.")] = 64,
    results: Annotated[Path, typer.Option(help="Where the JSON is written.")] = _RESULTS,
    enforce: Annotated[bool, typer.Option("--enforce", help="Exit with 1 when a goal is not met.")] = False,
) -> None:
    """Compare ways to post a view, side by side in one run. Exits with 1 when a view was not counted exactly once."""
    unknown = set(only or ()) - set(BENCHMARKS)
    if unknown:
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    configure_logs(as_json=False, level="warning")
    with mongod_and_server() as stage:
        report = uvloop.run(_measure(stage, chosen(only or BENCHMARKS), Options(seconds, rounds, connections)))
    # Without a terminal rich takes 80 columns, which is too narrow for the table.
    out = Console(width=None if Console().is_terminal else 110)
    show(report, out)
    out.print(f"Written to {write(report, results)}", soft_wrap=True)
    if not report.is_exact or (enforce and not report.is_met):
        raise typer.Exit(1)


async def _measure(stage: Stage, ratios: list[Ratio], options: Options) -> Report:
    tokens = token_pool(stage)
    with Console(stderr=True).status("adding songs") as status:
        async with services(stage.settings, stage.mongodb_uri) as house:
            machine = await describe(house.mongo)
            contest = Contest(stage, await prepare(house, variants_of(ratios), tokens), tokens)
            measured = await contest.run(options, status.update)
            tallies = await contest.tallies(house)
    return Report(SystemClock().now(), machine, options, measured, judge(ratios, measured), tallies)


if __name__ == "__main__":
    app()

"""`python -m benchmarks`: measures, prints tables, writes JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.clock import SystemClock
from app.logs import configure_logs
from benchmarks.analytics.contest import AnalyticsContest
from benchmarks.contests import Contest, Outcome
from benchmarks.fanout.contest import Fanout
from benchmarks.heartbeats.contest import Heartbeats
from benchmarks.ingest.contest import Ingest
from benchmarks.measured import Options
from benchmarks.report import Report, show, write
from benchmarks.search.contest import SearchContest
from benchmarks.views import Views

_FULL = 5_000_000
_RESULTS = Path(__file__).parent / "results"
_CONTESTS: tuple[Contest, ...] = (Views(), Ingest(), AnalyticsContest(), SearchContest(), Heartbeats(), Fanout())
BENCHMARKS = tuple(name for contest in _CONTESTS for name in contest.names)

app = typer.Typer(add_completion=False)


@app.command()
def bench(
    only: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(BENCHMARKS)}; all if not given.")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Length of one measurement.")] = 4.0,
    rounds: Annotated[int, typer.Option(min=1, help="Measurements of each variant.")] = 5,
    connections: Annotated[int, typer.Option(min=1, max=1000, help="Views on their way at once.")] = 64,
    stored: Annotated[int, typer.Option(min=1000, help="Events that ingest and analytics run over.")] = 500_000,
    full: Annotated[bool, typer.Option("--full", help=f"The same as --stored {_FULL}.")] = False,
    results: Annotated[Path, typer.Option(help="Where the JSON is written.")] = _RESULTS,
    enforce: Annotated[bool, typer.Option("--enforce", help="Exit with 1 when a goal is not met.")] = False,
) -> None:
    """Measure, always two things side by side in one run. Exits with 1 when anything was not counted exactly once."""
    unknown = set(only or ()) - set(BENCHMARKS)
    if unknown:
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    configure_logs(as_json=False, level="warning")
    report = _measure(only or BENCHMARKS, Options(seconds, rounds, connections, _FULL if full else stored))
    # Without a terminal rich takes 80 columns, which is too narrow for the table.
    out = Console(width=None if Console().is_terminal else 120)
    show(report, out)
    out.print(f"Written to {write(report, results)}", soft_wrap=True)
    if not report.is_exact or (enforce and not report.is_met):
        raise typer.Exit(1)


def _measure(wanted: Sequence[str], options: Options) -> Report:
    outcomes: list[Outcome] = []
    with Console(stderr=True).status("starting") as status:
        for contest in _CONTESTS:
            names = [name for name in contest.names if name in wanted]
            if names:
                outcomes.append(contest.run(names, options, status.update))
    return Report(
        SystemClock().now(),
        outcomes[0].machine,
        options,
        [one for outcome in outcomes for one in outcome.measured],
        [one for outcome in outcomes for one in outcome.findings],
        [one for outcome in outcomes for one in outcome.tallies],
    )


if __name__ == "__main__":
    app()

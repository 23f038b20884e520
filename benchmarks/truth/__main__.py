"""`python -m benchmarks.truth`: sends events whose sums are known through kills, and compares every number."""

import asyncio
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from app.logs import configure_logs
from benchmarks.rolling_up import opened
from benchmarks.stage import Ground, mongod
from benchmarks.truth.comparison import Comparison
from benchmarks.truth.findings import Findings
from benchmarks.truth.generator import Size, arrival_of
from benchmarks.truth.moving_clock import ClockHand
from benchmarks.truth.report import MOST_MIB, show
from benchmarks.truth.run import Plan, Run, Sent, check_receipts, open_session
from benchmarks.truth.sending import Clients
from benchmarks.truth.service import KillableService, ended
from benchmarks.truth.setting import accounts_of, create
from benchmarks.truth.world import World

_DATABASE = "playledger-truth"

app = typer.Typer(add_completion=False)


@app.command()
def truth(
    events: Annotated[int, typer.Option(min=100, help="How many are sent.")] = 2_000_000,
    tracks: Annotated[int, typer.Option(min=10, help="Ten of each artist.")] = 1_000,
    days: Annotated[int, typer.Option(min=2, help="Over how many days.")] = 60,
    clients: Annotated[int, typer.Option(min=1, help="How many send at once.")] = 8,
    kills: Annotated[int, typer.Option(min=0, help="How often the service is killed; at most once a day.")] = 5,
    seed: Annotated[int, typer.Option(help="The same seed makes the same events.")] = 1,
) -> None:
    """Exits with 1 when any number differs from the truth, or the service needed too much memory."""
    if kills > days:
        raise typer.BadParameter("There is at most one kill a day")
    configure_logs(as_json=False, level="warning")
    plan = Plan(Size(events, tracks, days), clients, kills, seed)
    with mongod() as ground, _progress() as progress:
        hand = ClockHand(ground.folder / "clock")
        service = KillableService(ground.mongodb_uri, _DATABASE, ground.secret, ground.folder, ground.folder / "clock")
        with ended(service):
            sent, findings = asyncio.run(_run(plan, ground, service, hand, progress))
    out = Console(width=None if Console().is_terminal else 130)
    show(findings, sent, service.kills, service.peak_mib, out)
    if not findings.is_right or service.peak_mib >= MOST_MIB:
        raise typer.Exit(1)
    out.print("[green]Every number is right.[/]")


async def _run(
    plan: Plan, ground: Ground, service: KillableService, hand: ClockHand, progress: Progress
) -> tuple[Sent, Findings]:
    world, findings = World(plan.size.tracks), Findings()
    async with open_session(service.address) as http:
        hand.set(arrival_of(0) - timedelta(days=1))
        await _migrate(ground, hand)
        await asyncio.to_thread(service.start)
        accounts = accounts_of(world, ground.secret, hand)
        await create(world, http, accounts.admin)
        run = Run(plan, world, service, hand, Clients(http, world.senders, accounts.tokens))
        sending = progress.add_task("sending", total=plan.size.events)
        now = await run.send(lambda done: progress.update(sending, completed=done))
        progress.update(sending, total=run.sent.receipts.sent)
        check_receipts(run.sent, run.truth, findings)
        comparison = Comparison(run.truth, now, http, accounts, findings)
        await comparison.run(ground.settings(_DATABASE), ground.mongodb_uri, hand, progress)
    return run.sent, findings


async def _migrate(ground: Ground, hand: ClockHand) -> None:
    async with opened(ground.settings(_DATABASE), ground.mongodb_uri, hand) as house:
        await house.migrations.up()


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
        console=Console(stderr=True),
    )  # fmt: skip


if __name__ == "__main__":
    app()

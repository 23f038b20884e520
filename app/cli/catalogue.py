"""`playledger seed-demo` and `playledger reconcile`: the catalogue and its counters."""

import asyncio
import json
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.cli.demo_listening import seed_demo_listening
from app.cli.demo_watching import seed_demo_watching
from app.cli.episodes import episode_drift_json, show_episode_drift
from app.cli.session import checked_services, database
from app.cli.stats import drift_json, show_drift
from app.cli.terminal import Json, err, out, read_settings
from app.config import Settings
from app.container import Container
from app.demo.artist import seed_demo_artist
from app.demo.catalogue import DEMO_SONGS, seed_demo
from app.demo.series import seed_demo_series
from app.models.drift import DriftReport
from app.models.episodes.drift import EpisodeDriftReport
from app.models.stats.drift import StatsDriftReport

_SHOWN = 20


def seed() -> None:
    """Load the demo catalogue: a few songs with audio made by this program. Doing it twice changes nothing."""
    settings = read_settings()
    with database(settings) as uri:
        added = asyncio.run(_seed(settings, uri))
    out.print(f"[green]✓[/] {added} of {len(DEMO_SONGS)} demo songs added")


async def _seed(settings: Settings, uri: str) -> int:
    async with checked_services(settings, uri) as house:
        await house.migrations.up()
        return await seed_services(house)


async def seed_services(house: Container) -> int:
    """Add songs, their artist, the show of a tenant, some weeks of listeners and viewers; how many songs are new."""
    await seed_demo_artist(house.stats.artists)
    await seed_demo_series(house.episodes.shows, house.episodes.seasons, house.episodes.episodes)
    added = await seed_demo(house.copyright_free.catalogue, house.settings.data_dir)
    await seed_demo_listening(house)
    await seed_demo_watching(house.episodes, house.clock.now())
    return added


def reconcile(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look, repair nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Compare every counter with the rows that it counts, and repair what differs. Zero drift is the promise."""
    settings = read_settings()
    with database(settings) as uri:
        songs, statistics, episodes = asyncio.run(_reconcile(settings, uri, repair=not dry_run))
    if as_json:
        others = {"statistics": drift_json(statistics), "episodes": episode_drift_json(episodes)}
        out.print_json(json.dumps(_to_json(songs) | others))
    else:
        _show(songs)
        show_drift(statistics)
        show_episode_drift(episodes)


async def _reconcile(
    settings: Settings, uri: str, *, repair: bool
) -> tuple[DriftReport, StatsDriftReport, EpisodeDriftReport]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed}"), TimeElapsedColumn())
    async with checked_services(settings, uri) as house:
        with Progress(*columns, console=err, transient=True) as progress:
            task = progress.add_task("songs compared", total=None)
            compared = await house.copyright_free.reconciliation.run(
                repair=repair, progress=lambda songs: progress.update(task, completed=songs)
            )
            tracks = progress.add_task("tracks and buckets compared", total=None)
            statistics = await house.stats.reconciliation.run(
                repair=repair, progress=lambda done: progress.update(tracks, completed=done)
            )
            views = progress.add_task("viewers and buckets of episodes compared", total=None)
            return (
                compared,
                statistics,
                await house.episodes.reconciliation.run(
                    repair=repair, progress=lambda done: progress.update(views, completed=done)
                ),
            )


def _show(report: DriftReport) -> None:
    mark = "[green]✓[/]" if report.drift == 0 else "[red]✗[/]"
    out.print(f"{mark} {report.songs} songs compared, drift {report.drift}")
    for one in report.found[:_SHOWN]:
        out.print(f"  {one.song_id} {one.counter}: stored {one.stored}, counted {one.counted}")
    if len(report.found) > _SHOWN:
        out.print(f"  and {len(report.found) - _SHOWN} more")
    if report.found:
        out.print("  Repaired." if report.is_repaired else "  Not repaired: run it without --dry-run.")


def _to_json(report: DriftReport) -> dict[str, object]:
    found = [
        {"songId": one.song_id, "counter": one.counter, "stored": one.stored, "counted": one.counted}
        for one in report.found
    ]
    return {"songs": report.songs, "drift": report.drift, "repaired": report.is_repaired, "found": found}

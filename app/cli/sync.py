"""`playledger sync`: a catalogue, or all of them, copied while somebody watches."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.cli.session import checked_services, database
from app.cli.terminal import FAILED, Json, err, fail, out, read_settings, refuse_usage
from app.config import Settings
from app.models.licensing.providers import ProviderName
from app.models.licensing.sync import EVERYBODY, SyncJob, SyncOptions, SyncStatus
from app.models.wire.music_sync import SyncJobShown

_WATCHED_NO_MORE = (
    "No longer watched, and not cancelled: a running service goes on with it within a minute, "
    "and so does this command when it is called again."
)
_NAMES = (*(name.value for name in ProviderName), EVERYBODY)

Which = Annotated[str, typer.Argument(metavar="PROVIDER|all", help=f"One of {', '.join(_NAMES)}.", show_default=False)]
MaxTracks = Annotated[int | None, typer.Option("--max-tracks", min=1, help="How many are taken at most, of each.")]
Genres = Annotated[list[str] | None, typer.Option("--genre", help="Only tracks of this genre; may be repeated.")]
UpdateExisting = Annotated[
    bool, typer.Option("--update-existing/--no-update-existing", help="Bring tracks that we have up to date.")
]


def sync(
    provider: Which,
    max_tracks: MaxTracks = None,
    genre: Genres = None,
    update_existing: UpdateExisting = True,
    as_json: Json = False,
) -> None:
    """Copy a provider's catalogue, or all of them. Ctrl-C ends only the watching, the sync goes on elsewhere."""
    if provider not in _NAMES:
        refuse_usage(f"There is no provider of this name; there are: {', '.join(_NAMES)}")
    options = SyncOptions(max_tracks, tuple(sorted({" ".join(one.split()) for one in genre or ()})), update_existing)
    settings = read_settings()
    with database(settings) as uri:
        try:
            job = asyncio.run(_sync(settings, uri, provider, options, quiet=as_json))
        except KeyboardInterrupt:
            err.print(f"[yellow]![/] {_WATCHED_NO_MORE}", highlight=False)
            raise typer.Exit(FAILED) from None
    _report(job, as_json=as_json)


async def _sync(settings: Settings, uri: str, provider: str, options: SyncOptions, *, quiet: bool) -> SyncJob:
    async with checked_services(settings, uri) as house:
        await house.migrations.up()
        syncs = house.licensing.syncs
        if provider == EVERYBODY:
            ordered = await syncs.start_all(options)
        else:
            ordered = await syncs.start(ProviderName(provider), options)
        with _shown(provider, quiet=quiet) as told:
            return await syncs.complete(ordered.id, told)


@contextmanager
def _shown(provider: str, *, quiet: bool) -> Iterator[Callable[[SyncJob], None]]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[yellow]{task.fields[waits]}[/]"),
    )
    with Progress(*columns, console=err, transient=True, disable=quiet) as progress:
        task = progress.add_task(f"tracks of {provider}", total=None, waits="")
        yield lambda job: progress.update(
            task, completed=job.progress.fetched, total=job.progress.total, waits=job.error or ""
        )


def _report(job: SyncJob, *, as_json: bool) -> None:
    if as_json:
        out.print_json(json.dumps(SyncJobShown.of(job).model_dump(mode="json", by_alias=True)))
    else:
        _print(job)
    if job.status is SyncStatus.FAILED:
        fail(job.error or "The sync failed")
    if job.status is SyncStatus.CANCELLED:
        fail("The sync was cancelled")


def _print(job: SyncJob) -> None:
    progress = job.progress
    mark = "[green]✓[/]" if job.status is SyncStatus.COMPLETED else "[red]✗[/]"
    out.print(
        f"{mark} {progress.fetched} tracks: {progress.created} created, {progress.updated} updated, "
        f"{progress.unchanged} unchanged, {progress.failed} failed; {job.vanished} vanished",
        highlight=False,
    )
    for failure in job.failures:
        out.print(f"  {failure.query}: {failure.error}", highlight=False, markup=False)

"""`playledger migrate`: the shape of stored data."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.table import Table

from app.cli.session import checked_services, database
from app.cli.terminal import Json, out, read_settings
from app.clock import iso
from app.config import Settings
from app.models.migrations import MigrationState
from app.services.migrations import MigrationService

T = TypeVar("T")

app = typer.Typer(help="Bring stored data to the shape that this version expects.", no_args_is_help=True)


@app.command()
def up(as_json: Json = False) -> None:
    """Apply what is pending; many processes may do this at once."""
    _show("applied", _run(lambda migrations: migrations.up()), as_json)


@app.command()
def down(steps: Annotated[int, typer.Option(min=1, help="How many to take back.")] = 1, as_json: Json = False) -> None:
    """Take back the last migrations; this removes what they created."""
    _show("taken back", _run(lambda migrations: migrations.down(steps)), as_json)


@app.command()
def status(as_json: Json = False) -> None:
    """Show every migration and when it was applied."""
    states: list[MigrationState] = _run(lambda migrations: migrations.status())
    if as_json:
        out.print_json(json.dumps([_to_row(state) for state in states]))
        return
    table = Table("migration", "applied", "")
    for state in states:
        applied = iso(state.applied_at) if state.applied_at else "[yellow]pending[/]"
        table.add_row(state.name, applied, "[red]changed since[/]" if state.is_changed else "")
    out.print(table)


def _run(work: Callable[[MigrationService], Awaitable[T]]) -> T:
    settings = read_settings()
    with database(settings) as uri:
        return asyncio.run(_with_migrations(settings, uri, work))


async def _with_migrations(settings: Settings, uri: str, work: Callable[[MigrationService], Awaitable[T]]) -> T:
    async with checked_services(settings, uri) as house:
        return await work(house.migrations)


def _show(done: str, names: list[str], as_json: bool) -> None:
    if as_json:
        out.print_json(json.dumps({done.replace(" ", "_"): names}))
        return
    for name in names:
        out.print(f"[green]✓[/] {name} {done}")
    if not names:
        out.print("Nothing to do")


def _to_row(state: MigrationState) -> dict[str, object]:
    applied_at = iso(state.applied_at) if state.applied_at else None
    return {"name": state.name, "appliedAt": applied_at, "isChanged": state.is_changed}

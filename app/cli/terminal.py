"""How a command talks: what it prints, how it ends, and the settings it reads first."""

from typing import Annotated, NoReturn

import typer
from rich.console import Console

from app.config import Settings, SettingsError, load_settings
from app.logs import configure_logs

FAILED = 1
BAD_USAGE = 2

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def read_settings() -> Settings:
    """The settings, or an exit with one line per fault; from then on logs go where they say."""
    try:
        settings = load_settings()
    except SettingsError as error:
        refuse_usage(*error.lines)
    configure_logs(as_json=settings.logs_are_json, level=settings.log_level)
    return settings


def refuse_usage(*lines: str) -> NoReturn:
    """End the command because of how it was called or set up, one line per fault."""
    for line in lines:
        err.print(f"[red]✗[/] {line}", highlight=False)
    raise typer.Exit(BAD_USAGE)


def fail(message: str) -> NoReturn:
    """End the command with a sentence."""
    err.print(f"[red]✗[/] {message}", highlight=False)
    raise typer.Exit(FAILED)

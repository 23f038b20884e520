"""Every command, by name; a command is loaded when it is called."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from app.cli.loading import uncollected

_COMMANDS = {
    "serve": (
        "serve:serve",
        "Serve until SIGTERM or Ctrl-C; with an embedded MongoDB when MONGODB_URI is not set.",
    ),
    "seed-demo": (
        "catalogue:seed",
        "Load the demo catalogue: a few songs with audio made by this program. Doing it twice changes nothing.",
    ),
    "token": (
        "token:mint",
        "Print a token signed with JWT_SECRET, or with the secret generated for development.",
    ),
    "reconcile": (
        "catalogue:reconcile",
        "Compare every counter with the rows that it counts, and repair what differs. Zero drift is the promise.",
    ),
    "rollup": (
        "stats:rollup",
        "Make all buckets of a range of days anew from raw events. Cut off, it goes on where it was when called again.",
    ),
    "archive": (
        "archive:archive",
        "Write raw events past their time into Parquet files, read these back, and only then remove the rows.",
    ),
    "sync": (
        "sync:sync",
        "Copy a provider's catalogue, or all of them. Ctrl-C ends only the watching, the sync goes on elsewhere.",
    ),
    "sandbox": (
        "sandbox:sandbox",
        "Serve stand-ins for all music providers, with faults on demand, until SIGTERM or Ctrl-C. Never in production.",
    ),
    "migrate": ("migrate:app", "Bring stored data to the shape that this version expects."),
    "licenses": ("licenses:app", "Look for licences that end."),
    "stats": ("stats_rescore:app", "What was counted before, looked at again."),
    "jobs": ("jobs:app", "List the jobs, or run one now."),
    "privacy": ("privacy:app", "Give a user a copy of their data, or erase it."),
}
"""Where each is (module of this package, and name in it), and what the list of commands says of it.

The whole application takes seconds to load on a small machine; who asks for help or a token does not wait for it.
"""


class _Later(TyperCommand):
    """A command that is loaded when it is called."""

    def __init__(self, name: str, place: str, help_: str) -> None:
        super().__init__(name, help=help_)
        self._place = place

    def make_context(self, *arguments: Any, **settings: Any) -> Any:
        """The context of the real command."""
        return self.load().make_context(*arguments, **settings)

    def load(self) -> Any:
        """The real command."""
        module, _, name = self._place.partition(":")
        with uncollected():
            found = getattr(import_module(f"app.cli.{module}"), name)
        commands = typer.Typer()
        if isinstance(found, typer.Typer):
            commands.add_typer(found, name=self.name)
        else:
            commands.command(self.name)(found)
        return get_group(commands).commands[str(self.name)]


class _Commands(TyperGroup):
    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {name: _Later(name, place, help_) for name, (place, help_) in _COMMANDS.items()}


app = typer.Typer(
    name="playledger",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def _playledger() -> None:
    """Counts plays exactly once: views, play events, licences and watch time, live."""

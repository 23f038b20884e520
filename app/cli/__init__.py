"""The `playledger` command."""

from app.cli.commands import app


def main() -> None:
    """Run the command line."""
    app()

"""The `playledger` command."""

import signal

from app.cli.commands import app


def main() -> None:
    """Run the command line."""
    try:
        app()
    finally:
        # All is stopped. While the interpreter ends it takes our handlers away, and a second SIGTERM would then make
        # an orderly end look like a crash.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)

"""The service under test: the app as it is served, but with a clock that the driver moves."""

import os
from pathlib import Path

from starlette.types import ASGIApp

from app.cli.server import run
from app.config import load_settings
from app.logs import configure_logs
from app.main import assemble, tune_process
from app.parent import end_with_parent
from benchmarks.truth.moving_clock import MovingClock

CLOCK_FILE = "TRUTH_CLOCK"


def create_app() -> ASGIApp:
    """The app out of the environment; what uvicorn's `--factory` calls."""
    settings = load_settings()
    configure_logs(as_json=settings.logs_are_json, level=settings.log_level)
    end_with_parent()
    tune_process()
    return assemble(settings, MovingClock(Path(os.environ[CLOCK_FILE])))


if __name__ == "__main__":
    run(load_settings(), "benchmarks.truth.server:create_app")

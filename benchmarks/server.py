"""The process that is measured: the same app, served as `playledger serve` does, with the benchmark's routes added."""

from starlette.types import ASGIApp

from app.cli.server import run
from app.clock import SystemClock
from app.config import load_settings
from app.logs import configure_logs
from app.main import assemble, tune_process
from app.parent import end_with_parent
from benchmarks.routes import router


def create_app() -> ASGIApp:
    """The app out of the environment; what uvicorn's `--factory` calls."""
    settings = load_settings()
    configure_logs(as_json=settings.logs_are_json, level=settings.log_level)
    end_with_parent()
    tune_process()
    return assemble(settings, SystemClock(), extra_routers=(router,))


def main() -> None:
    """Serve until SIGTERM, just as `playledger serve` does."""
    run(load_settings(), "benchmarks.server:create_app")


if __name__ == "__main__":
    main()

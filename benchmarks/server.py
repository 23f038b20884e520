"""The process that is measured: the same app, served as `playledger serve` does, with the benchmark's routes added."""

import os

import uvicorn
from starlette.types import ASGIApp

from app.cli.http_protocol import BoundedHttp
from app.clock import SystemClock
from app.config import load_settings
from app.logs import configure_logs
from app.main import assemble, take_short_turns
from app.parent import end_with_parent
from benchmarks.routes import router


def create_app() -> ASGIApp:
    """The app out of the environment; what uvicorn's `--factory` calls."""
    settings = load_settings()
    configure_logs(as_json=settings.logs_are_json, level=settings.log_level)
    end_with_parent()
    take_short_turns()
    return assemble(settings, SystemClock(), extra_routers=(router,))


def main() -> None:
    """Serve on HOST and PORT with one worker until SIGTERM; the options are those of `app.cli.serve`."""
    uvicorn.run(
        "benchmarks.server:create_app",
        factory=True,
        host=os.environ["HOST"],
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http=BoundedHttp,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )


if __name__ == "__main__":
    main()

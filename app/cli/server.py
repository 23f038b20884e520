"""uvicorn, told to let the app say goodbye to its live connections before it cuts them."""

import gc
import socket
from typing import Protocol, runtime_checkable

import uvicorn
from uvicorn.importer import import_from_string
from uvicorn.supervisors import multiprocess

from app.cli.http_protocol import BoundedHttp
from app.cli.loading import uncollected
from app.config import Settings

DRAIN_SECONDS = 10
_MAX_MESSAGE_BYTES = 64 * 1024
# Longer than balancers keep a connection (60 s is usual), or they would send a request on one that we close.
_IDLE_SECONDS = 75
# A worker that does not answer its parent for so long is ended and made anew. One that begins does not answer at once:
# with the usual 5 s, two that took 20 s to begin beside other work were made anew 12 times in 75 s, and never there.
_WORKER_ANSWERS_SECONDS = 30
# Objects made and not freed again before the collector looks at the young ones. With the usual 700 it ran eighteen
# times a second at 667 requests a second and found nothing; what is not in a cycle is freed without it.
_COLLECT_AFTER = 10_000


@runtime_checkable
class Drained(Protocol):
    """An app with live connections, which it can end in order."""

    async def drain(self) -> None:
        """Tell live listeners the last values and close their connections."""
        ...


class DrainingServer(uvicorn.Server):
    """Listeners hear the last values, and nobody's long poll is waited for."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End in order: live connections, requests, the app."""
        app = self.config.loaded_app
        if isinstance(app, Drained):
            await app.drain()
        await super().shutdown(sockets)


class _ProcessServer(DrainingServer):
    """The server of a process that does nothing else."""

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Load the app, and serve it; a parent of several workers never loads it."""
        with uncollected():
            import_from_string(self.config.app)
        super().run(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin, and let the garbage collector look seldom, and no more at what is there now.

        Routes, models and libraries are a million objects that live as long as the process; each full collection
        went through them all, in the middle of requests (the p99 of heartbeats was 440 ms with it, 190 without).
        """
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER)


class _Worker(multiprocess.Process):
    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            self._server = _ProcessServer(self.config)
        return self._server


def run(settings: Settings, factory: str = "app.main:create_app") -> None:
    """Serve until a signal ends it, in one process or in several behind one socket.

    Another `factory` is for benchmarks, which measure the same server with routes of their own.
    """
    config = uvicorn.Config(
        factory,
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.web_concurrency,
        loop="uvloop",
        http=BoundedHttp,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=_MAX_MESSAGE_BYTES,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_worker_healthcheck=_WORKER_ANSWERS_SECONDS,
    )
    if settings.web_concurrency == 1:
        _ProcessServer(config).run()
        return
    # The supervisor makes its workers by this name, and offers no other way to give them a server.
    multiprocess.Process = _Worker  # type: ignore[misc]
    multiprocess.Multiprocess(config, sockets=[config.bind_socket()]).run()

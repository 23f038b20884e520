"""Puts the application together: the ASGI app that a server runs."""

import ctypes
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import structlog
from fastapi import APIRouter, FastAPI
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from app import __version__
from app.clock import Clock, SystemClock
from app.config import Settings, load_settings
from app.container import Container
from app.demo.catalogue import AUDIO_PATH, audio_folder
from app.errors import Unavailable
from app.jobs.schedule import jobs_of
from app.jobs.scheduler import Scheduler
from app.logs import configure_logs
from app.parent import end_with_parent
from app.realtime import EpisodeViewerRooms, LiveCounts, LiveListeners, RealtimeServer, SyncProgress, bus_for
from app.repositories.mongo import Mongo
from app.routers import DEMO_ROUTERS, ROUTERS
from app.routers.allowances import RATE_LIMIT_HEADERS
from app.routers.assets import mount_assets
from app.routers.cors import Cors
from app.routers.error_handlers import install_error_handlers
from app.routers.openapi import DESCRIPTION, TAGS, describe
from app.routers.proxies import Proxies
from app.routers.request_context import RequestContext
from app.routers.routing import Direct
from app.services.identity.demo_tokens import demo_tokens
from app.services.identity.factory import build_verifier
from app.services.identity.secrets import token_secret
from app.services.identity.verifier import JoseTokenVerifier
from app.services.jobs import JobService
from app.services.readiness import ReadinessService

log = structlog.get_logger(__name__)

NO_DATABASE = (
    "MONGODB_URI is not set. `playledger serve` starts an embedded MongoDB; any other server needs MONGODB_URI."
)


_TURN_SECONDS = 0.0001
_MALLOC_ARENAS = -8  # M_ARENA_MAX of malloc.h


def take_short_turns() -> None:
    """Let the thread of a transaction wait 0.1 ms for the interpreter, and not the usual 5 ms, after each operation.

    The loop is busy with requests whenever speed matters; a commit has five operations (docs/decisions/0009).
    """
    sys.setswitchinterval(_TURN_SECONDS)


def share_memory_between_threads() -> None:
    """Let glibc keep two pools of memory, and not eight for each core.

    Each of our thirty threads would fill a pool of its own with what one rollup or answer needs for a moment, and
    keep it: 312 MiB after two million events, 234 MiB with two pools and smaller rollups.
    """
    with suppress(AttributeError, OSError):  # other systems have no such thing
        ctypes.CDLL(None).mallopt(_MALLOC_ARENAS, 2)


def tune_process() -> None:
    """What a process that serves sets for itself, before it does anything."""
    take_short_turns()
    share_memory_between_threads()


class Application:
    """The ASGI app, and what its server may ask of it besides."""

    def __init__(self, asgi: ASGIApp, realtime: RealtimeServer) -> None:
        self._asgi = asgi
        self._realtime = realtime

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or the lifespan."""
        await self._asgi(scope, receive, send)

    async def drain(self) -> None:
        """Tell live listeners the last values and close their connections; for the moment before the end."""
        await self._realtime.drain()


def create_app() -> Application:
    """The whole of Playledger as one ASGI app, out of the environment; what uvicorn's `--factory` calls."""
    settings = load_settings()
    configure_logs(as_json=settings.logs_are_json, level=settings.log_level)
    end_with_parent()
    tune_process()
    return assemble(settings, SystemClock())


def assemble(settings: Settings, clock: Clock, extra_routers: Sequence[APIRouter] = ()) -> Application:
    """Put everything together; nothing is connected before the app's lifespan begins.

    `extra_routers` are for benchmarks and tests, which measure or break the same app that is served.
    """
    if settings.mongodb_uri is None:
        raise RuntimeError(NO_DATABASE)
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
    live_counts = LiveCounts(bus_for(redis_url, settings.mongodb_database))
    mongo = Mongo(settings.mongodb_uri.get_secret_value(), settings.mongodb_database)
    verifier = build_verifier(settings, clock, token_secret(settings))
    house = Container(settings, mongo, verifier, live_counts, clock)
    realtime = RealtimeServer(
        verifier,
        house.copyright_free.catalogue,
        live_counts,
        others=(
            LiveListeners(house.stats.live_listeners),
            SyncProgress(house.licensing.syncs),
            EpisodeViewerRooms(house.episodes.live_viewers),
        ),
        cors_origins=settings.cors_origins,
        redis_url=redis_url,
        name=settings.mongodb_database,
        clock=clock,
        # Long polling needs the same process every time, and several behind one port cannot promise that.
        websocket_only=settings.web_concurrency > 1,
    )
    api = _build_api(house, realtime, verifier, extra_routers)
    direct = Direct(api, api.state.routers)
    outward = RequestContext(_with_cors(_behind_proxies(direct, settings), settings))
    return Application(realtime.wrap(outward), realtime)


def _build_api(
    house: Container, realtime: RealtimeServer, verifier: JoseTokenVerifier, extra_routers: Sequence[APIRouter]
) -> FastAPI:
    jobs = JobService(jobs_of(house), house.job_runs, house.clock)
    scheduler = Scheduler(jobs, house.clock)
    app = FastAPI(
        title="Playledger",
        version=__version__,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Metrics and logs are our own; FastAPI's would look for their receivers at every request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        lifespan=_lifespan(house, realtime, verifier, scheduler),
    )
    app.state.container = house
    app.state.jobs = jobs
    app.state.readiness = _readiness(house, scheduler)
    install_error_handlers(app)
    describe(app)
    app.state.demo_tokens = demo_tokens(house.settings, house.clock)
    app.state.routers = (*ROUTERS, *(DEMO_ROUTERS if app.state.demo_tokens else ()), *extra_routers)
    for router in app.state.routers:
        app.include_router(router)
    mount_assets(app)
    if not house.settings.is_production:
        _mount_demo_audio(app, audio_folder(house.settings.data_dir))
    return app


def _lifespan(
    house: Container, realtime: RealtimeServer, verifier: JoseTokenVerifier, scheduler: Scheduler
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What is started, and let go of in the opposite order."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as unwinding:
            unwinding.callback(house.mongo.close)
            unwinding.push_async_callback(house.limiter.close)
            unwinding.push_async_callback(verifier.aclose)
            # After the last commits, so that those are told to the other processes too.
            unwinding.push_async_callback(realtime.stop)
            unwinding.push_async_callback(house.drain)
            with suppress(Unavailable):
                # A database that is away does not keep us from starting; an unsuitable one does.
                await house.mongo.require_transactions()
            await realtime.start()
            unwinding.push_async_callback(realtime.drain)
            scheduler.start()
            unwinding.push_async_callback(scheduler.stop)
            house.licensing.syncs.wake()
            log.info("started", version=__version__)
            yield
            log.info("stopping")

    return lifespan


def _mount_demo_audio(app: FastAPI, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app.mount(AUDIO_PATH, StaticFiles(directory=folder))


def _readiness(house: Container, scheduler: Scheduler) -> ReadinessService:
    async def database() -> bool:
        await house.mongo.ping()
        return True

    async def migrations() -> bool:
        return not any(state.is_pending or state.is_changed for state in await house.migrations.status())

    async def fires() -> bool:
        return scheduler.is_running

    return ReadinessService({"database": database, "migrations": migrations, "scheduler": fires})


def _behind_proxies(app: ASGIApp, settings: Settings) -> ASGIApp:
    return Proxies(app, settings.trusted_networks) if settings.trusted_proxies else app


def _with_cors(app: ASGIApp, settings: Settings) -> ASGIApp:
    if not settings.cors_origins:
        return app
    return Cors(
        app,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "X-Request-Id", "X-Tenant-Id"],
        expose_headers=["X-Request-Id", "Retry-After", "ETag", *RATE_LIMIT_HEADERS],
        max_age=600,
    )

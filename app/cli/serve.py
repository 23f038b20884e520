"""`playledger serve`: everything that is needed, started and ended in order."""

import asyncio
import errno
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from app.cli import server
from app.cli.catalogue import seed_services
from app.cli.session import database, services
from app.cli.terminal import err, fail, out, read_settings
from app.cli.token import development_token
from app.config import Settings
from app.container import Container
from app.demo.providers import DemoSandbox, SandboxFailed, demo_sandbox, set_up_demo_providers
from app.demo.users import DEMO_USERS
from app.errors import Unavailable
from app.models.licensing.providers import ProviderName
from app.parent import announce_parent
from app.services.identity.secrets import token_secret

_DATABASE_PATIENCE = timedelta(seconds=60)
_PORT_PATIENCE = timedelta(seconds=5)
_TOKEN_LIFETIME = timedelta(days=30)

_PAGES = (
    ("player", "/"),
    ("dashboard", "/dashboard"),
    ("admin", "/admin"),
    ("watch", "/watch"),
    ("reference", "/docs"),
)


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on; HOST if not given.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port; PORT if not given.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Load a small demo catalogue once, and print tokens.")] = False,
) -> None:
    """Serve until SIGTERM or Ctrl-C; with an embedded MongoDB when MONGODB_URI is not set."""
    _take_from_options(host, port)
    settings = read_settings()
    # uvicorn raises the signal again after its own shutdown; without a handler that would end us before the
    # embedded database is shut down.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    _require_free_port(settings)
    try:
        with database(settings) as uri, _music_providers(settings, demo) as sandbox:
            asyncio.run(_prepare(settings, uri, demo, sandbox))
            _greet(settings, demo, sandbox)
            _run(settings)
    except KeyboardInterrupt:
        err.print("Stopped")


def _take_from_options(host: str | None, port: int | None) -> None:
    """Options become environment, which is where the worker processes read their settings."""
    if host is not None:
        os.environ["HOST"] = host
    if port is not None:
        os.environ["PORT"] = str(port)


def _require_free_port(settings: Settings) -> None:
    """Fail before anything is started; workers of a killed parent are given a moment to let go of the port."""
    give_up_at = time.monotonic() + _PORT_PATIENCE.total_seconds()
    while not _is_free(settings.host, settings.port):
        if time.monotonic() > give_up_at:
            fail(f"Port {settings.port} is in use. End what listens there, or choose another with PORT or --port.")
        time.sleep(0.1)


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                fail(f"Cannot listen on {host}: {error.strerror or error}. Choose another address with HOST or --host.")
            return False
        return True


@contextmanager
def _music_providers(settings: Settings, demo: bool) -> Iterator[DemoSandbox | None]:
    """Those of the demo, where they may be asked: not in production, and not where private addresses are refused."""
    if not demo or settings.is_production or not settings.private_provider_urls_are_allowed:
        yield None
        return
    try:
        with demo_sandbox() as sandbox:
            yield sandbox
    except SandboxFailed:
        fail("The music providers of the demo did not start")


async def _prepare(settings: Settings, uri: str, demo: bool, sandbox: DemoSandbox | None) -> None:
    async with services(settings, uri) as house:
        await _wait_for(house.mongo.require_transactions)
        applied = await house.migrations.up()
        seeded = await seed_services(house) if demo else 0
        providers = await _set_up(house, sandbox) if sandbox else []
    if applied:
        out.print(f"[green]✓[/] {len(applied)} migrations applied")
    if seeded:
        out.print(f"[green]✓[/] {seeded} demo songs added")
    if providers:
        out.print(f"[green]✓[/] {len(providers)} music providers set up to ask the sandbox")


async def _set_up(house: Container, sandbox: DemoSandbox) -> Sequence[ProviderName]:
    licensing = house.licensing
    return await set_up_demo_providers(licensing.setups, licensing.license_terms, sandbox, house.clock.now())


async def _wait_for(check: Callable[[], Awaitable[None]]) -> None:
    """A database that starts beside us may need a moment longer than we do."""
    give_up_at = time.monotonic() + _DATABASE_PATIENCE.total_seconds()
    while True:
        try:
            return await check()
        except Unavailable:
            if time.monotonic() > give_up_at:
                raise
            err.print("[yellow]![/] The database does not answer yet, waiting", highlight=False)
            await asyncio.sleep(1)


def _greet(settings: Settings, demo: bool, sandbox: DemoSandbox | None) -> None:
    address = f"http://{settings.host}:{settings.port}"
    out.print(f"\n[bold]Playledger[/] on {address}")
    for name, path in _PAGES:
        out.print(f"  {name:<9}  {address}{path}")
    if sandbox is not None:
        out.print(f"  sandbox    {sandbox.address}/control (music providers, made up)")
    if not demo or settings.is_production or token_secret(settings) is None:
        return
    out.print("\nTokens to try it with, valid for 30 days:")
    for user in DEMO_USERS:
        token = development_token(settings, user.user_id, user.roles, user.tenants, _TOKEN_LIFETIME)
        out.print(f"  {user.name:<9}  {token}", highlight=False)
    out.print("\nEnd with Ctrl-C.\n")


def _run(settings: Settings) -> None:
    if settings.web_concurrency > 1:
        _prepare_shared_metrics(settings.data_dir)
        announce_parent()
    server.run(settings)


def _prepare_shared_metrics(data_dir: Path) -> None:
    """The folder in which worker processes share their metrics; numbers of an earlier start are wiped."""
    folder = data_dir / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder.resolve())

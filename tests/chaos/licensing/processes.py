"""The service in processes of its own, or by a clock of its own, with providers that are the sandbox."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.clock import Clock
from app.main import assemble
from app.models.identity import Role
from app.models.licensing.providers import ProviderName
from tests.chaos.licensing.syncing import SECRETS_KEY
from tests.licensing.sandbox import Sandbox
from tests.service import Service
from tests.serving import bearer, served, settings_for
from tests.waiting import eventually

ADMIN = bearer("admin-1", Role.ADMIN)
PROVIDERS = "/api/admin/music-licensing/providers"
SYNC = "/api/admin/music-licensing/sync"
WING = "/api/music-licensing"
SEARCH = f"{WING}/search"
TRACKS = f"{WING}/tracks"
ANALYTICS = f"{WING}/analytics"

Measured = Callable[[str, object], None]
"""Takes what a number is of, and the number; all are shown at the end of a run."""


@asynccontextmanager
async def processes(
    count: int, mongodb_uri: str, database: str, folder: Path, **environment: str
) -> AsyncIterator[list[Service]]:
    """So many `playledger serve` over one database; the first one migrates it."""
    given = {"MONGODB_URI": mongodb_uri, "MONGODB_DATABASE": database, "PROVIDER_SECRETS_KEY": SECRETS_KEY}
    services = [Service(_made(folder / f"process-{number}"), **(given | environment)) for number in range(count)]
    try:
        await asyncio.to_thread(services[0].start().wait_until_ready)
        for service in services[1:]:
            service.start()
        await asyncio.gather(*(asyncio.to_thread(service.wait_until_ready) for service in services[1:]))
        yield services
    finally:
        await asyncio.gather(*(asyncio.to_thread(service.stop) for service in services))


@asynccontextmanager
async def clients(
    services: Sequence[Service], headers: dict[str, str] = ADMIN
) -> AsyncIterator[list[httpx.AsyncClient]]:
    """A client for each process, with as many connections as it likes."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                httpx.AsyncClient(
                    base_url=service.address,
                    headers=headers,
                    timeout=60,
                    limits=httpx.Limits(max_connections=None),
                    trust_env=False,
                )
            )
            for service in services
        ]


async def set_up(
    apis: Sequence[httpx.AsyncClient], sandbox: Sandbox, name: ProviderName, **body: Any
) -> dict[str, Any]:
    """Point the provider at the sandbox; comes back when all processes know."""
    known = {"enabled": True, "baseUrl": sandbox.base_urls[name], "credentials": sandbox.credentials[name]}
    return await change(apis, name, **(known | body))


async def change(apis: Sequence[httpx.AsyncClient], name: ProviderName, **body: Any) -> dict[str, Any]:
    """Change a provider at the first process, as an admin does; comes back when all processes know."""
    answer = await apis[0].put(f"{PROVIDERS}/{name}", json=body)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    for api in apis:
        await eventually(partial(_knows, api, name, shown["version"]))
    return shown


async def _knows(api: httpx.AsyncClient, name: ProviderName, version: object) -> bool:
    return bool((await api.get(f"{PROVIDERS}/{name}")).json()["version"] == version)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@asynccontextmanager
async def app_at(clock: Clock, mongodb_uri: str, database: str, folder: Path) -> AsyncIterator[str]:
    """The address of the app in this process, by another clock, on a real port; its schedule rests."""
    settings = settings_for(mongodb_uri, database, data_dir=folder, provider_secrets_key=SECRETS_KEY)
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr("app.main.jobs_of", lambda _: [])
        app = assemble(settings, clock)
    async with served(app) as address:
        yield address

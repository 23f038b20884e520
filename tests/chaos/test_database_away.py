"""The database is away: callers hear so within five seconds, and all is well again by itself when it is back."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from app.clock import SystemClock
from app.embedded import EmbeddedMongo
from app.main import assemble
from app.models.identity import Role
from app.repositories.leases import LeaseRepository
from app.repositories.migrations import MigrationRepository
from app.repositories.mongo import Mongo
from app.services.migrations import MigrationService, find_migrations
from tests.serving import bearer, served, settings_for
from tests.stalls import Stalls, stalls_noted
from tests.waiting import eventually

SONGS = "/api/audio/copyright-free"
EVENTS = "/api/stats/events"
EVENT = {"type": "play", "trackId": "s", "sessionId": "one"}


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EmbeddedMongo]:
    server = EmbeddedMongo(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def api(embedded: EmbeddedMongo, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    mongo = Mongo(embedded.uri, "away")
    await MigrationService(MigrationRepository(mongo), LeaseRepository(mongo), SystemClock(), find_migrations()).up()
    await mongo.db["songs"].insert_one({"_id": "s", "slug": "slug"})
    mongo.close()
    app = assemble(settings_for(embedded.uri, "away", data_dir=tmp_path), SystemClock())
    async with served(app) as address, httpx.AsyncClient(base_url=address, timeout=30) as client:
        yield client


CALLS = [
    ("POST", f"{SONGS}/s/view"),
    ("POST", f"{SONGS}/never-asked-before/view"),
    ("PUT", f"{SONGS}/s/like"),
    ("GET", f"{SONGS}/slug"),
    ("GET", SONGS),
    ("GET", "/api/me/views"),
    ("GET", "/health/ready"),
    ("PATCH", "/api/admin/copyright-free/s"),
    ("DELETE", "/api/admin/copyright-free/s"),
    ("POST", EVENTS),
    ("GET", "/api/stats/analytics"),
    ("GET", "/api/stats/analytics/timeseries?timeRange=1y&bots=include"),
]


async def all_are_unavailable(api: httpx.AsyncClient, number: int) -> None:
    async def call(method: str, path: str, stalls: Stalls) -> tuple[httpx.Response, float]:
        loop = asyncio.get_running_loop()
        began, stalled = loop.time(), stalls.seconds
        body = {"title": "New"} if method == "PATCH" else [EVENT] if path == EVENTS else None
        headers = bearer(f"away-{number}", Role.ADMIN, Role.ARTIST)
        answer = await api.request(method, path, json=body, headers=headers)
        return answer, loop.time() - began - (stalls.seconds - stalled)

    async with stalls_noted() as stalls:
        answers = await asyncio.gather(*(call(*one, stalls) for one in CALLS))
    for answer, seconds in answers:
        assert answer.status_code == 503, answer.request.url
        assert (answer.json()["success"], answer.json()["code"]) == (False, "UNAVAILABLE")
        assert int(answer.headers["Retry-After"]) >= 1
        assert seconds < 5, answer.request.url
    assert (await api.get("/health/live")).status_code == 200


async def works_again(api: httpx.AsyncClient, user: str) -> None:
    async def is_viewed() -> bool:
        return (await api.post(f"{SONGS}/s/view", headers=bearer(user))).status_code == 200

    await eventually(is_viewed)
    assert (await api.get("/health/ready")).status_code == 200


async def test_a_server_that_is_gone(api: httpx.AsyncClient, embedded: EmbeddedMongo) -> None:
    await works_again(api, "before")
    await asyncio.to_thread(embedded.stop)
    await all_are_unavailable(api, 1)
    await all_are_unavailable(api, 2)
    await asyncio.to_thread(embedded.start)
    await works_again(api, "after")


async def test_a_server_that_hangs(api: httpx.AsyncClient, embedded: EmbeddedMongo) -> None:
    await works_again(api, "before")
    os.kill(embedded.pid, signal.SIGSTOP)
    try:
        await all_are_unavailable(api, 3)
        await all_are_unavailable(api, 4)
    finally:
        os.kill(embedded.pid, signal.SIGCONT)
    await works_again(api, "after")

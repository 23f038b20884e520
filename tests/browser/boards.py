"""Boards with something to show: the demo's weeks of listeners, and providers that were asked."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from app.cli.catalogue import seed_services
from app.clock import SystemClock
from app.container import Container
from app.models.identity import Role
from app.models.licensing.providers import ProviderName
from app.models.songs import SongCounts
from app.repositories.mongo import Mongo
from app.services.identity.factory import build_verifier
from app.services.identity.secrets import token_secret
from tests.browser.conftest import USER_AGENT
from tests.conftest import DATABASE
from tests.licensing.sandbox import Sandbox
from tests.serving import bearer, settings_for
from tests.thorough import usually

LICENSING = "/api/admin/music-licensing"
# All of the demo is what pictures show; to look at a page, the month that it opens with is enough.
DAYS = 63 if "PLAYLEDGER_PICTURES" in os.environ else usually(31, thoroughly=63)


class Nobody:
    """Hears of no counts."""

    def publish(self, counts: SongCounts) -> None: ...


async def load_demo(mongod: str, data_dir: Path) -> None:
    """What `make run` puts into an empty database, rolled up and compared once, as after a night."""
    settings = settings_for(mongod, DATABASE, data_dir=data_dir)
    clock = SystemClock()
    mongo = Mongo(mongod, DATABASE, timeout=timedelta(minutes=1))
    house = Container(settings, mongo, build_verifier(settings, clock, token_secret(settings)), Nobody(), clock)
    try:
        with pytest.MonkeyPatch.context() as patches:
            patches.setattr("app.demo.listening._DAYS", DAYS)
            await seed_services(house)
        await house.stats.rollups.run()
    finally:
        await house.close()


async def ask_providers(api: httpx.AsyncClient, sandbox: Sandbox) -> None:
    """Set all providers up, search some words twice, and order two syncs."""
    admin, listener = bearer("demo-admin", Role.ADMIN), bearer("demo-listener")
    for name in ProviderName:
        setup = {"enabled": True, "baseUrl": sandbox.base_urls[name], "credentials": sandbox.credentials[name]}
        await api.put(f"{LICENSING}/providers/{name.value}", json=setup, headers=admin)
    for word in ("calm", "bright", "calm", "dark", "calm", "bright"):
        await api.get("/api/music-licensing/search", params={"query": word, "limit": 5}, headers=listener)
    await api.post(f"{LICENSING}/sync/hooksounds", json={"maxTracks": 800}, headers=admin)
    await api.post(f"{LICENSING}/sync/soundstripe", json={}, headers=admin)
    terms = {"type": "single-project", "expiresAt": (datetime.now(UTC) + timedelta(days=20)).isoformat()}
    await api.put(f"{LICENSING}/providers/hooksounds/license-terms", json=terms, headers=admin)


async def listen_on(api: httpx.AsyncClient) -> None:
    """Listeners come and go, for as long as the page's rates look back."""
    for number in range(12):
        plays = [heard(number, place) for place in range(6 + 5 * (number % 4))]
        await api.post("/api/stats/events", json=plays, headers={"User-Agent": USER_AGENT})
        await asyncio.sleep(1)


def heard(number: int, place: int) -> dict[str, object]:
    """A play of a moment ago."""
    track = ("paper-boats", "northern-tram", "first-light")[place % 3]
    name = {"eventId": f"now-{number}-{place}", "type": "play", "trackId": track, "sessionId": f"now-{place}"}
    return name | {"source": "playlist", "duration": 18, "completionRate": 90, "skipped": False}

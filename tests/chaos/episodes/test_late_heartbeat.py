"""A heartbeat of a view that began yesterday: in the answers at once, in yesterday's buckets within a minute."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pymongo
import pytest

from app.clock import SystemClock
from app.config import Settings
from app.container.episodes import EpisodesWing
from app.models.episodes.watching import Origin
from app.models.identity import Role
from app.repositories.mongo import Mongo
from tests.chaos.test_kills import mongodb_of
from tests.chaos.watched_episode import service_with_episode
from tests.service import Service
from tests.serving import bearer, member

HERE = Origin("", None, "test")
WITHIN_SECONDS = 60
SECONDS = 90


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with service_with_episode(tmp_path, duration=1_000) as service:
        yield service


@pytest.fixture
async def api(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=service.address, headers=member("ada", "acme"), timeout=20) as api:
        yield api


async def begun_yesterday(service: Service) -> dict[str, Any]:
    """What a player of a view that began just before midnight says with each report."""
    mongo = Mongo(mongodb_of(service), "playledger")
    wing = EpisodesWing(Settings(_env_file=None), mongo, SystemClock())
    before_midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(seconds=1)
    token = (await wing.playback.play("acme", "ada", 1)).token
    view_id = await wing.watching.start("acme", "ada", 1, token, HERE, None, at=before_midnight)
    await wing.drain()
    mongo.close()
    return {"view_id": view_id, "playback_token": token}


@pytest.mark.slow
async def test_yesterday_is_corrected(
    service: Service, api: httpx.AsyncClient, record_testsuite_property: Callable[[str, object], None]
) -> None:
    view = await begun_yesterday(service)
    day = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    run = await api.post("/api/admin/jobs/episode-rollups/run", headers=bearer("admin", Role.ADMIN))
    assert run.status_code == 200, run.text
    with pymongo.MongoClient(mongodb_of(service)) as client:
        buckets = client["playledger"]["episode_buckets"]
        wanted = {"day": day, "view_count": 1}
        assert buckets.count_documents(wanted | {"total_seconds": 0}) == 3  # of the episode, the season and the show

        began = time.monotonic()
        beat = view | {"seconds_watched": SECONDS, "player_state": "playing", "position_seconds": SECONDS}
        answer = await api.post("/api/series/views/heartbeat", json=beat)
        assert answer.status_code == 200, answer.text
        shown = (await api.get("/api/series/episodes/1/metrics/", params={"from": day, "to": day})).json()
        assert (shown["total_watch_time"], shown["days"][0]["unique_seconds"]) == (SECONDS, SECONDS)

        while buckets.count_documents(wanted | {"total_seconds": SECONDS, "unique_seconds": SECONDS}) < 3:
            assert time.monotonic() - began < WITHIN_SECONDS, list(buckets.find({}))
            await asyncio.sleep(0.1)
    record_testsuite_property("seconds_until_rolled_up", round(time.monotonic() - began, 1))

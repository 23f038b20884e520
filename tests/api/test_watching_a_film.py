"""A whole audience from play to complete, over HTTP and at a time of the test's choosing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from app.jobs.schedule import jobs_of
from app.main import assemble
from app.repositories.mongo import Mongo
from app.services.identity.minting import mint_token
from tests.api.conftest import NEVER
from tests.conftest import DATABASE
from tests.integration.episodes.watching_house import SetClock, episode
from tests.serving import SECRET, served, settings_for

SERIES = "/api/series"
VIEWERS = 51


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def film(
    mongod: str, mongo: Mongo, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app in which a film of two hours is shown."""
    await mongo.db["episodes"].insert_one(episode(1))
    monkeypatch.setattr("app.main.jobs_of", lambda house: [replace(job, cron=NEVER) for job in jobs_of(house)])
    # The limit counts by the real clock, in which all of this is over at once.
    settings = settings_for(mongod, DATABASE, heartbeat_rate_limit="100/minute")
    async with (
        served(assemble(settings, clock)) as address,
        httpx.AsyncClient(base_url=address, timeout=20) as client,
    ):
        yield client


class Viewer:
    """One player."""

    def __init__(self, client: httpx.AsyncClient, clock: SetClock, number: int) -> None:
        self._client = client
        user = f"viewer-{number}"
        token = mint_token(SECRET, user_id=user, clock=clock, lifetime=timedelta(hours=6), tenants=["acme"])
        self._headers = {"Authorization": f"Bearer {token}", "X-Tenant-Id": "acme"}
        self._view: dict[str, object] = {}

    async def begin(self) -> None:
        played = await self._client.get(f"{SERIES}/episodes/1/play/", headers=self._headers)
        said = {"playback_token": played.json()["playback_token"]}
        body = said | {"episode_id": 1, "started_at": "2001-01-01T00:00:00Z"}
        self._view = said | {"view_id": (await self._post("start", body))["view_id"]}

    async def beat(self, seconds: float, position: float) -> None:
        body = self._view | {"seconds_watched": seconds, "position_seconds": position, "player_state": "playing"}
        assert await self._post("heartbeat", body) == {"ok": True}

    async def complete(self, total: float, *, completed: bool) -> None:
        body = self._view | {"total_seconds": total, "completed": completed}
        assert await self._post("complete", body) == {"ok": True}

    async def _post(self, name: str, body: dict[str, object]) -> dict[str, object]:
        answer = await self._client.post(f"{SERIES}/views/{name}", json=body, headers=self._headers)
        assert answer.status_code in {200, 201}, answer.text
        shown: dict[str, object] = answer.json()
        return shown


@pytest.mark.slow
async def test_ninety_seconds_each_of_a_long_film_are_ninety_seconds_each(
    film: httpx.AsyncClient, mongo: Mongo, clock: SetClock
) -> None:
    viewers = [Viewer(film, clock, number) for number in range(VIEWERS)]
    await asyncio.gather(*(viewer.begin() for viewer in viewers))
    for beat in range(1, 7):
        clock.pass_by(15)
        await asyncio.gather(*(viewer.beat(15, 15 * beat) for viewer in viewers))
    await asyncio.gather(*(viewer.complete(90, completed=False) for viewer in viewers))
    rows = await mongo.db["episode_views"].find({}).to_list(None)
    assert sum(row["total_seconds"] for row in rows) == VIEWERS * 90
    # The grid of a film of two hours has cells of 7.2 s.
    assert [row["unique_seconds"] for row in rows] == [pytest.approx(90, abs=3.6)] * VIEWERS
    assert (len(rows), any(row["completed"] for row in rows)) == (VIEWERS, False)


async def test_a_player_that_claims_the_whole_film_at_once_is_not_believed(
    film: httpx.AsyncClient, mongo: Mongo, clock: SetClock
) -> None:
    viewer = Viewer(film, clock, 1)
    await viewer.begin()
    clock.pass_by(10)
    await viewer.beat(7_200, 7_200)
    await viewer.complete(7_200, completed=True)
    row = await mongo.db["episode_views"].find_one({})
    assert row is not None
    assert (row["total_seconds"], row["unique_seconds"], row["completed"]) == (25.0, 25.0, True)

"""`kill -9` of the service under heartbeats: every beat that was acknowledged is in its view."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pymongo
import pytest

from app.clock import SystemClock
from app.services.identity.minting import mint_token
from tests.chaos.test_kills import mongodb_of
from tests.chaos.watched_episode import service_with_episode
from tests.service import Service
from tests.serving import SECRET
from tests.thorough import usually
from tests.waiting import eventually

KILLS = usually(2, thoroughly=3)
PLAYERS = 16
SERIES = "/api/series"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with service_with_episode(tmp_path, duration=100_000) as service:
        yield service


class Player:
    """Beats, each of which covers a cell of its own, again and again until it is acknowledged."""

    def __init__(self, client: httpx.AsyncClient, number: int) -> None:
        self._client = client
        user = f"player-{number}"
        token = mint_token(SECRET, user_id=user, clock=SystemClock(), lifetime=timedelta(hours=1), tenants=["acme"])
        self._headers = {"Authorization": f"Bearer {token}", "X-Tenant-Id": "acme"}
        self._token = ""
        self.view_id = 0
        self.beaten: set[int] = set()

    async def begin(self) -> None:
        played = await self._client.get(f"{SERIES}/episodes/1/play/", headers=self._headers)
        self._token = played.json()["playback_token"]
        start = {"episode_id": 1, "playback_token": self._token, "started_at": "2026-11-28T19:00:00Z"}
        began = await self._client.post(f"{SERIES}/views/start", json=start, headers=self._headers)
        self.view_id = began.json()["view_id"]

    async def play(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._beat(len(self.beaten) % 499)

    async def _beat(self, number: int) -> None:
        # Every other cell of 100 s, so that none is merged with another.
        body = {"view_id": self.view_id, "playback_token": self._token, "seconds_watched": 100}
        body |= {"position_seconds": 200 * number + 100, "player_state": "playing"}
        try:
            answer = await self._client.post(f"{SERIES}/views/heartbeat", json=body, headers=self._headers)
        except httpx.TransportError:
            await asyncio.sleep(0.2)
            return
        if answer.status_code == 200:
            self.beaten.add(number)


def beaten(players: list[Player]) -> int:
    """All beats that were acknowledged."""
    return sum(len(player.beaten) for player in players)


@pytest.mark.slow
async def test_no_acknowledged_beat_is_lost(service: Service) -> None:
    stop = asyncio.Event()
    async with httpx.AsyncClient(base_url=service.address, timeout=60) as client:
        players = [Player(client, number) for number in range(PLAYERS)]
        await asyncio.gather(*(player.begin() for player in players))
        load = [asyncio.create_task(player.play(stop)) for player in players]
        await eventually(lambda: beaten(players) > 2 * PLAYERS)
        for kill in range(KILLS):
            await asyncio.sleep(kill / 10)
            before = beaten(players)
            service.kill()
            await asyncio.to_thread(lambda: service.start().wait_until_ready())
            await eventually(lambda before=before: beaten(players) > before + 2 * PLAYERS)
        stop.set()
        await asyncio.gather(*load)
    with pymongo.MongoClient(mongodb_of(service)) as found:
        rows = {row["_id"]: row for row in found["playledger"]["episode_views"].find({})}
        audiences = {row["_id"]: row["viewers"] for row in found["playledger"]["episode_audiences"].find({})}
    assert audiences == {"episode:1": PLAYERS, "season:1": PLAYERS, "show:1": PLAYERS}
    for player in players:
        covered = {tuple(stretch) for stretch in rows[player.view_id]["covered"]}
        assert {(2 * number, 2 * number + 1) for number in player.beaten} - covered == set()

"""`/api/stats/tracks/{trackId}/live`, and the same over Socket.IO."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx

from app.repositories.mongo import Mongo
from tests.realtime.raw_client import RawClient


def play(session: str, track: str, age: float = 0, **more: object) -> dict[str, object]:
    moment = datetime.now(UTC) - timedelta(seconds=age)
    return {"trackId": track, "sessionId": session, "timestamp": moment, **more}


async def test_unknown_tracks_are_404(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/stats/tracks/none/live")
    assert (answer.status_code, answer.json()["error"]) == (404, "Track not found")


async def test_nobody_listens(api: httpx.AsyncClient, song: dict) -> None:
    answer = await api.get(f"/api/stats/tracks/{song['slug']}/live")
    assert answer.json() == {"success": True, "data": {"trackId": song["id"], "listeners": 0, "windowSeconds": 120}}


async def test_distinct_sessions_of_the_last_two_minutes(api: httpx.AsyncClient, mongo: Mongo, song: dict) -> None:
    track = str(song["id"])
    excluded = {"kind": "bot", "reason": "agent", "ruleVersion": "1"}
    await mongo.db["play_events"].insert_many(
        [
            play("a", track),
            play("a", track, 60),
            play("b", track, 100),
            play("late", track, 125),
            play("bot", track, excluded=excluded),
            play("elsewhere", "other"),
        ]
    )
    for name in (song["id"], song["slug"]):
        assert (await api.get(f"/api/stats/tracks/{name}/live")).json()["data"]["listeners"] == 2


async def test_a_play_is_told_to_who_watches(api: httpx.AsyncClient, song: dict, address: str) -> None:
    def watch() -> tuple[str, str]:
        with RawClient(urlsplit(address).port or 0) as client:
            client.call("subscribe", {"trackId": song["slug"]})
            joined = client.texts[-1]
            loop.call_soon_threadsafe(is_joined.set)
            return joined, client.read_until("42")

    loop, is_joined = asyncio.get_running_loop(), asyncio.Event()
    watching = asyncio.create_task(asyncio.to_thread(watch))
    await is_joined.wait()
    event = {"eventId": "e1", "type": "play", "trackId": song["id"], "sessionId": "s1"}
    assert (await api.post("/api/stats/events", json=[event])).json()["accepted"] == 1
    joined, heard = await watching
    assert json.loads(joined[3:]) == [{"ok": True, "room": f"stats:track:{song['slug']}", "listeners": 0}]
    assert json.loads(heard[2:]) == ["track-listeners-updated", {"trackId": song["slug"], "listeners": 1}]

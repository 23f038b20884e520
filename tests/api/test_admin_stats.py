"""`/api/admin/stats`: who may roll up and compare, and what is told of it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from bson import ObjectId

from app.models.identity import Role
from app.repositories.mongo import Mongo
from tests.serving import bearer

STATS = "/api/admin/stats"
CALLS = [("POST", f"{STATS}/rollups"), ("GET", f"{STATS}/rollups/some-job"), ("GET", f"{STATS}/drift")]
DAY = timedelta(days=1)
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def play(moment: datetime) -> dict[str, Any]:
    return {"_id": ObjectId(), "trackId": "track-1", "sessionId": "ann", "timestamp": moment, "source": "player"}


async def finished(api: httpx.AsyncClient, admin: dict[str, str], job_id: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            shown: dict[str, Any] = (await api.get(f"{STATS}/rollups/{job_id}", headers=admin)).json()["data"]
            if shown["state"] in {"done", "failed"}:
                return shown
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_without_a_token_it_is_401(api: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await api.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("roles", [(), (Role.ARTIST,)])
async def test_for_others_than_admins_it_is_403(
    api: httpx.AsyncClient, method: str, path: str, roles: tuple[Role, ...]
) -> None:
    answer = await api.request(method, path, headers=bearer("ann", *roles))
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"from": "2026-01-01"},
        {"from": "2026-01-02", "to": "2026-01-01"},
        {"from": "2026-01-01T10:00:00Z", "to": "2026-01-01T10:00:00Z"},
        {"from": "2026-01-01T10:00:00", "to": "2026-01-02"},
        {"from": "yesterday", "to": "today"},
        {"from": "2026-02-30", "to": "2026-03-01"},
        {"from": 1, "to": 2},
        {"from": None, "to": None},
        {"from": "0001-01-01", "to": "0001-01-02"},
        {"from": "9999-12-31", "to": "9999-12-31"},
        {"from": "2026-01-01", "to": "9999-12-31T23:59:59-23:59"},
        [],
    ],
)
async def test_a_bad_range_is_400(api: httpx.AsyncClient, admin: dict[str, str], body: object) -> None:
    answer = await api.post(f"{STATS}/rollups", json=body, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), answer.text
    assert answer.json()["errors"]


async def test_an_unknown_job_is_404(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    answer = await api.get(f"{STATS}/rollups/nonsense", headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_a_range_is_rolled_up(api: httpx.AsyncClient, admin: dict[str, str], mongo: Mongo) -> None:
    await mongo.db["play_events"].insert_many([play(TODAY - 3 * DAY), play(TODAY - 2 * DAY), play(TODAY)])
    first, last = (f"{TODAY - days * DAY:%Y-%m-%d}" for days in (3, 2))
    ordered = await api.post(f"{STATS}/rollups", json={"from": first, "to": last}, headers=admin)
    assert ordered.status_code == 202
    assert ordered.json()["success"] is True
    shown = await finished(api, admin, ordered.json()["data"]["jobId"])
    assert (shown["state"], shown["days"], shown["daysDone"], shown["error"]) == ("done", 2, 2, None)
    assert (shown["from"], shown["to"]) == (f"{first}T00:00:00.000Z", f"{TODAY - DAY:%Y-%m-%d}T00:00:00.000Z")
    assert await mongo.db["daily_stats"].count_documents({"totalPlays": 1}) == 2


async def test_times_are_taken_as_well(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    body = {"from": "2026-01-01T23:30:00-01:00", "to": "2026-01-03T00:00:00Z"}
    ordered = await api.post(f"{STATS}/rollups", json=body, headers=admin)
    shown = await finished(api, admin, ordered.json()["data"]["jobId"])
    assert (shown["from"], shown["to"]) == ("2026-01-02T00:00:00.000Z", "2026-01-03T00:00:00.000Z")


async def test_without_drift_there_is_none(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    data = (await api.get(f"{STATS}/drift", headers=admin)).json()["data"]
    assert data.pop("checkedAt").endswith("Z")
    rollups = {"buckets": 0, "drift": 0, "found": []}
    assert data == {"complete": True, "tracks": 0, "drift": 0, "found": [], "rollups": rollups}


async def test_drift_is_shown_and_left_alone(api: httpx.AsyncClient, admin: dict[str, str], mongo: Mongo) -> None:
    await mongo.db["tracks"].insert_many({"_id": f"track-{number}", "playCount": 3} for number in range(150))
    await mongo.db["play_events"].insert_one(play(TODAY))
    await mongo.db["rollup_state"].insert_one({"_id": "coverage", "from": TODAY - DAY})
    data = (await api.get(f"{STATS}/drift", headers=admin)).json()["data"]
    assert (data["tracks"], data["drift"], len(data["found"])) == (150, 449, 100)
    assert {"trackId": "track-1", "counter": "playCount", "stored": 3, "counted": 1} in data["found"]
    assert (data["rollups"]["buckets"] >= 2, data["rollups"]["drift"]) == (True, 1)
    place = {"trackId": "track-1", "granularity": "day", "date": f"{TODAY:%Y-%m-%d}"}
    assert place | {"field": "totalPlays", "stored": 0, "counted": 1} in data["rollups"]["found"]
    assert await mongo.db["tracks"].count_documents({"playCount": 3}) == 150
    assert await mongo.db["daily_stats"].count_documents({}) == 0

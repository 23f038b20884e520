"""The service with its own schedule: what changes the past is in the answers at once, and rolled up in a minute."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pymongo
import pytest

from app.models.identity import Role
from tests.chaos.counted_once import Database, assert_counters_are_right
from tests.chaos.players import EVENTS, Event
from tests.chaos.test_kills import mongodb_of
from tests.service import Service
from tests.serving import bearer

DAY = timedelta(days=1)
TRACKS = ("late", "erased", "judged")
# All plays of a user; those of one session in one minute; those of nobody in particular.
OF_A_USER, TOO_FAST, OF_ANYBODY = 7, 30, 5
MOST_A_MINUTE = 10
WITHIN_SECONDS = 60


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path).start().wait_until_ready()
    yield service
    service.stop()


@pytest.fixture
def db(service: Service) -> Iterator[Database]:
    with pymongo.MongoClient(mongodb_of(service), tz_aware=True) as client:
        db = client["playledger"]
        db["tracks"].insert_many({"_id": one, "artistId": "artist-1"} for one in TRACKS)
        yield db


@pytest.fixture
async def api(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    headers = bearer("admin", Role.ADMIN)
    async with httpx.AsyncClient(base_url=service.address, headers=headers, timeout=20) as api:
        yield api


def plays(track: str, count: int, moment: datetime, session: str = "") -> list[Event]:
    return [
        {
            "eventId": f"{track}-{session}-{number}",
            "type": "play",
            "trackId": track,
            "sessionId": session or f"session-{number}",
            "timestamp": moment.isoformat(),
        }
        for number in range(count)
    ]


async def report(api: httpx.AsyncClient, events: list[Event], user: str) -> None:
    answer = await api.post(EVENTS, json=events, headers=bearer(user))
    assert answer.json()["accepted"] == len(events), answer.text


async def answered(api: httpx.AsyncClient) -> dict[str, int]:
    """Plays by track, as the analytics say."""
    found = {}
    for track in TRACKS:
        answer = await api.get("/api/stats/analytics", params={"trackId": track, "timeRange": "7d"})
        found[track] = answer.json()["data"]["plays"]["totalPlays"]
    return found


def rolled_up(db: Database, day: datetime) -> dict[str, int]:
    """Plays by track, as the buckets of a day say."""
    return {bucket["trackId"]: bucket["totalPlays"] for bucket in db["daily_stats"].find({"date": day})}


def platform(db: Database, day: datetime) -> Any:
    return (db["platform_stats"].find_one({"granularity": "day", "start": day}) or {}).get("totalPlays")


@pytest.mark.slow
async def test_late_erased_and_judged_events(
    service: Service, db: Database, api: httpx.AsyncClient, record_testsuite_property: Callable[[str, object], None]
) -> None:
    yesterday = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - DAY
    noon = yesterday + DAY / 2
    await report(api, plays("erased", OF_A_USER, noon), "leaving")
    await report(api, plays("erased", OF_ANYBODY, noon, "staying"), "staying")
    await report(api, plays("judged", TOO_FAST, noon, "fast"), "fast")
    await report(api, plays("judged", OF_ANYBODY, noon), "slow")
    assert (await api.post("/api/admin/jobs/rollups/run")).status_code == 200
    before = {"erased": OF_A_USER + OF_ANYBODY, "judged": TOO_FAST + OF_ANYBODY}
    assert rolled_up(db, yesterday) == before

    began = time.monotonic()
    await report(api, plays("late", OF_ANYBODY, noon), "late")
    assert await answered(api) == before | {"late": OF_ANYBODY}
    assert (await api.delete("/api/me/data", headers=bearer("leaving"))).status_code == 200
    service.environment["BOT_PLAYS_PER_MINUTE"] = str(MOST_A_MINUTE)
    judged = json.loads(await asyncio.to_thread(service.run, "stats", "rescore", "--json"))
    assert judged["newlyExcluded"] == TOO_FAST, judged
    after = dict.fromkeys(TRACKS, OF_ANYBODY)
    assert await answered(api) == after
    assert {track["_id"]: track["playCount"] for track in db["tracks"].find({})} == after
    assert_counters_are_right(db)

    while rolled_up(db, yesterday) != after or platform(db, yesterday) != sum(after.values()):
        assert time.monotonic() - began < WITHIN_SECONDS, rolled_up(db, yesterday)
        await asyncio.sleep(0.1)
    record_testsuite_property("seconds_until_rolled_up", round(time.monotonic() - began, 1))
    assert await answered(api) == after
    statistics = json.loads(await asyncio.to_thread(service.run, "reconcile", "--dry-run", "--json"))["statistics"]
    assert (statistics["drift"], statistics["found"]) == (0, [])

"""Four worker processes on one port, and still every view and every event is counted once."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator

import aiohttp
import psutil
import pymongo
import pytest

from tests.chaos.counted_once import assert_counted_once
from tests.chaos.players import Event, Players, batches, event
from tests.chaos.test_kills import mongodb_of
from tests.redis_server import RedisServer
from tests.service import Service
from tests.serving import token

SONGS = "/api/audio/copyright-free"
TRACKS = [f"track-{number}" for number in range(20)]
CLIENTS, SHARED, BATCH = 8, 300, 100


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    redis = RedisServer()
    redis.start()
    service = Service(
        tmp_path_factory.mktemp("four"),
        REDIS_URL=redis.url,
        WEB_CONCURRENCY="4",
        RATE_LIMIT_ENABLED="true",
        VIEW_RATE_LIMIT="300/15minutes",
    )
    service.start("--demo").wait_until_ready()
    yield service
    service.stop()
    redis.kill()


async def post_all(service: Service, users: list[str], song: str) -> Counter[tuple[int, bool]]:
    """One view of the song by each of the users, all at once, over 64 connections that reach all workers."""
    outcomes: Counter[tuple[int, bool]] = Counter()
    connector = aiohttp.TCPConnector(limit=64, force_close=False)
    async with aiohttp.ClientSession(service.address, connector=connector) as session:

        async def post(user: str) -> None:
            headers = {"Authorization": f"Bearer {token(user)}"}
            async with session.post(f"{SONGS}/{song}/view", headers=headers) as answer:
                content = await answer.json()
                outcomes[answer.status, content.get("data", {}).get("hasViewed")] += 1

        await asyncio.gather(*(post(user) for user in users))
    return outcomes


def stored(service: Service, song: str) -> tuple[int, int]:
    with pymongo.MongoClient(mongodb_of(service)) as client:
        db = client["playledger"]
        document = db["songs"].find_one({"slug": song})
        return document["viewCount"], db["views"].count_documents({"songId": document["_id"]})


async def test_one_user_two_hundred_times_at_once(service: Service) -> None:
    assert await post_all(service, ["ann"] * 200, "first-light") == {(200, True): 200}
    assert stored(service, "first-light") == (1, 1)


async def test_five_thousand_users_on_one_song(service: Service) -> None:
    outcomes = await post_all(service, [f"user-{number}" for number in range(5_000)], "paper-boats")
    assert outcomes == {(200, True): 5_000}
    assert stored(service, "paper-boats") == (5_000, 5_000)


async def test_the_rate_limit_is_one_for_all_processes(service: Service) -> None:
    outcomes = await post_all(service, ["eve"] * 400, "count-me-in")
    assert outcomes == {(200, True): 300, (429, None): 100}


def work_of(client: int, shared: list[Event]) -> list[list[Event]]:
    """The shared events, cut into batches as one other client does it, and twice; in between events of their own."""
    order = random.Random(client // 2).sample(shared, len(shared))
    cut = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    own = batches(f"client-{client}", TRACKS, BATCH)
    return [batch for of_shared in cut for batch in (of_shared, next(own), of_shared)]


async def test_the_same_events_from_eight_clients(service: Service) -> None:
    source = random.Random(1)
    shared = [event(source, TRACKS) for _ in range(SHARED)]
    players = Players(service.address, [iter(work_of(number, shared)) for number in range(CLIENTS)])
    with pymongo.MongoClient(mongodb_of(service), tz_aware=True) as client:
        db = client["playledger"]
        db["tracks"].insert_many({"_id": name, "artistId": "artist-1"} for name in TRACKS)
        await players.play()
        assert set(players.statuses) == {200}
        assert_counted_once(db, players.acknowledged)
    repeats = (2 * CLIENTS - 1) * SHARED
    assert players.told == {"accepted": len(players.sent), "duplicates": repeats, "rejected": 0}


async def test_metrics_are_of_all_processes(service: Service) -> None:
    async with aiohttp.ClientSession(service.address) as session, session.get("/metrics") as answer:
        lines = (await answer.text()).splitlines()
    views = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if "_views_total{" in line}
    assert views['playledger_views_total{outcome="new"}'] == 5_002
    assert views['playledger_views_total{outcome="repeat"}'] == 199 + 299
    events = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if "_events_total{" in line}
    new = SHARED + CLIENTS * SHARED
    assert events['playledger_stats_events_total{outcome="accepted"}'] == new
    assert events['playledger_stats_events_total{outcome="duplicate"}'] == (2 * CLIENTS - 1) * SHARED


async def test_no_worker_outlives_a_killed_parent(service: Service) -> None:
    parent = psutil.Process(service.pid)
    workers = [child for child in parent.children(recursive=True) if "mongod" not in child.name()]
    assert len(workers) >= 4
    service.kill_parent()
    give_up_at = time.monotonic() + 60
    while any(worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE for worker in workers):
        assert time.monotonic() < give_up_at, workers
        await asyncio.sleep(0.1)
    service.start().wait_until_ready()

"""Four worker processes on one port, and still every view and every event is counted once."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

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
from tests.thorough import usually
from tests.waiting import eventually

SONGS = "/api/audio/copyright-free"
TRACKS = [f"track-{number}" for number in range(20)]
USERS = usually(2_000, thoroughly=5_000)
CLIENTS, SHARED, BATCH = 8, 300, 100
SLOW_WORKERS = "import sys, time; time.sleep(8 * any('spawn_main' in one for one in sys.orig_argv))"
AWAY, AWAY_SECONDS = "rate_limit_redis_away", 5.0


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
    service.start().wait_until_ready()
    with pymongo.MongoClient(mongodb_of(service)) as client:
        names = ("first-light", "paper-boats", "count-me-in")
        client["playledger"]["songs"].insert_many({"_id": name, "slug": name} for name in names)
    yield service
    service.stop()
    redis.kill()


@pytest.fixture(scope="module")
def statuses() -> Counter[int]:
    """Of all answers to views, through all tests."""
    return Counter()


async def post_all(
    service: Service, statuses: Counter[int], users: list[str], song: str
) -> Counter[tuple[int, bool | None]]:
    """One view of the song by each of the users, all at once, over 64 connections that reach all workers.

    A busy database may be told of (503); then it is sent again.
    """
    outcomes: Counter[tuple[int, bool | None]] = Counter()
    connector = aiohttp.TCPConnector(limit=64, force_close=False)
    async with aiohttp.ClientSession(service.address, connector=connector) as session:

        async def post(user: str) -> None:
            headers, status = {"Authorization": f"Bearer {token(user)}"}, 503
            while status == 503:
                async with session.post(f"{SONGS}/{song}/view", headers=headers) as answer:
                    content, status = await answer.json(), answer.status
                    statuses[status] += 1
            outcomes[status, content.get("data", {}).get("hasViewed")] += 1

        await asyncio.gather(*(post(user) for user in users))
    return outcomes


def stored(service: Service, song: str) -> tuple[int, int]:
    with pymongo.MongoClient(mongodb_of(service)) as client:
        db = client["playledger"]
        document = db["songs"].find_one({"slug": song})
        return document["viewCount"], db["views"].count_documents({"songId": document["_id"]})


async def test_one_user_two_hundred_times_at_once(service: Service, statuses: Counter[int]) -> None:
    assert await post_all(service, statuses, ["ann"] * 200, "first-light") == {(200, True): 200}
    assert stored(service, "first-light") == (1, 1)


async def test_thousands_of_users_on_one_song(service: Service, statuses: Counter[int]) -> None:
    outcomes = await post_all(service, statuses, [f"user-{number}" for number in range(USERS)], "paper-boats")
    assert outcomes == {(200, True): USERS}
    assert stored(service, "paper-boats") == (USERS, USERS)


async def test_the_rate_limit_is_one_for_all_processes(service: Service, statuses: Counter[int]) -> None:
    for number in range(10):
        away, refused = service.log.count(AWAY), statuses[503]
        if away:
            # Whoever found Redis silent, be it because all stood still, counts for itself for so long.
            await asyncio.sleep(AWAY_SECONDS)
        outcomes = await post_all(service, statuses, [f"eve-{number}"] * 400, "count-me-in")
        if (service.log.count(AWAY), statuses[503]) == (away, refused):
            break
    assert (service.log.count(AWAY), statuses[503]) == (away, refused), "there was no round without a fault"
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
        assert set(players.statuses) <= {200, 503}, players.statuses
        assert_counted_once(db, players.acknowledged)
    assert players.reported == len(players.sent) + (2 * CLIENTS - 1) * SHARED
    players.assert_told(new=len(players.sent))


async def test_metrics_are_of_all_processes(service: Service, statuses: Counter[int]) -> None:
    async with aiohttp.ClientSession(service.address) as session, session.get("/metrics") as answer:
        lines = (await answer.text()).splitlines()
    views = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if "_views_total{" in line}
    new, repeats = (views[f'playledger_views_total{{outcome="{one}"}}'] for one in ("new", "repeat"))
    with pymongo.MongoClient(mongodb_of(service)) as client:
        rows = client["playledger"]["views"].count_documents({})
    # One that was refused in doubt (503) may be there all the same.
    assert new <= rows if statuses[503] else new == rows
    assert statuses[200] <= new + repeats <= statuses[200] + statuses[503]
    assert rows >= USERS + 2
    assert repeats >= 199 + 299
    events = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if "_events_total{" in line}
    accepted, duplicates = (
        events[f'playledger_stats_events_total{{outcome="{one}"}}'] for one in ("accepted", "duplicate")
    )
    assert accepted + duplicates == 3 * CLIENTS * SHARED
    assert duplicates >= (2 * CLIENTS - 1) * SHARED


def is_alive(worker: psutil.Process) -> bool:
    try:
        return worker.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_no_worker_outlives_a_killed_parent(service: Service) -> None:
    parent = psutil.Process(service.pid)
    workers = [child for child in parent.children(recursive=True) if "mongod" not in child.name()]
    assert len(workers) >= 4
    service.kill_parent()
    await eventually(lambda: not any(map(is_alive, workers)))
    # One is enough to show that nothing is in its way.
    service.environment["WEB_CONCURRENCY"] = "1"
    await asyncio.to_thread(service.start().wait_until_ready)


def workers_of(service: Service) -> set[int]:
    children = psutil.Process(service.pid).children(recursive=True)
    return {child.pid for child in children if "spawn_main" in " ".join(child.cmdline())}


async def test_workers_that_begin_slowly_are_waited_for(service: Service, tmp_path: Path) -> None:
    """Beside other work they take longer than usual; ended for that and made anew, they would never be there."""
    service.stop()
    (tmp_path / "sitecustomize.py").write_text(SLOW_WORKERS)
    service.environment |= {"WEB_CONCURRENCY": "2", "PYTHONPATH": str(tmp_path)}
    ready = asyncio.create_task(asyncio.to_thread(service.start().wait_until_ready))
    seen: set[int] = set()
    while not ready.done():
        with suppress(psutil.NoSuchProcess):
            seen |= workers_of(service)
        await asyncio.sleep(0.1)
    await ready
    assert len(seen) == 2

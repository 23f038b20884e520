"""`kill -9` under load, of us and of mongod: what was acknowledged is there, and every count equals its rows."""

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import Iterator

import psutil
import pymongo
import pytest

from tests.chaos.listeners import Crowd
from tests.chaos.players import MOST_SECONDS
from tests.service import Service
from tests.thorough import usually

KILLS = usually(2, thoroughly=10)
SONGS = [f"song-{number}" for number in range(12)]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("killed")).start().wait_until_ready()
    with pymongo.MongoClient(mongodb_of(service)) as client:
        client["playledger"]["songs"].insert_many({"_id": name, "slug": name} for name in SONGS)
    yield service
    service.stop()


def mongod_of(service: Service) -> psutil.Process:
    folder = str(service.data_dir)
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "mongod" and any(folder in part for part in process.info["cmdline"] or ()):
            return process
    raise AssertionError("there is no mongod")


def mongodb_of(service: Service) -> str:
    record = json.loads((service.data_dir / "mongo" / "server.json").read_text())
    return f"mongodb://127.0.0.1:{record['port']}/?directConnection=true"


def assert_nothing_is_lost_or_doubled(service: Service, crowd: Crowd) -> None:
    with pymongo.MongoClient(mongodb_of(service)) as client:
        db = client["playledger"]
        rows = [(row["userId"], row["songId"]) for row in db["views"].find({}, {"userId": 1, "songId": 1})]
        counts = {song["_id"]: song.get("viewCount", 0) for song in db["songs"].find({}, {"viewCount": 1})}
    assert len(rows) == len(set(rows))
    assert crowd.acknowledged <= set(rows)
    assert counts == {name: Counter(song for _, song in rows)[name] for name in SONGS}
    report = json.loads(service.run("reconcile", "--dry-run", "--json"))
    assert (report["drift"], report["found"]) == (0, [])


@pytest.mark.slow
async def test_killing_the_service(service: Service) -> None:
    mongod = mongod_of(service).pid
    crowd = Crowd(service.address, SONGS, name="ann")
    load = asyncio.create_task(crowd.listen())
    await crowd.progress()
    for kill in range(KILLS):
        await asyncio.sleep(kill / 20)
        service.kill()
        await asyncio.to_thread(lambda: service.start().wait_until_ready())
        await crowd.progress()
    crowd.stopping = True
    await load
    assert mongod_of(service).pid == mongod, "the orphaned server is found again, and not started twice"
    assert_nothing_is_lost_or_doubled(service, crowd)


@pytest.mark.slow
async def test_killing_mongod(service: Service) -> None:
    crowd = Crowd(service.address, SONGS, name="ben")
    load = asyncio.create_task(crowd.listen())
    await crowd.progress()
    for kill in range(KILLS):
        await asyncio.sleep(kill / 20)
        os.kill(mongod_of(service).pid, signal.SIGKILL)
        await crowd.progress()
    crowd.stopping = True
    await load
    assert set(crowd.statuses) <= {200, 503}, crowd.statuses
    assert crowd.slowest < MOST_SECONDS
    assert_nothing_is_lost_or_doubled(service, crowd)

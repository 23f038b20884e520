"""`kill -9` of mongod and of the service while batches arrive: what was acknowledged is there, each event once."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pymongo
import pytest

from tests.chaos.counted_once import assert_counted_once
from tests.chaos.players import MOST_SECONDS, Players, batches
from tests.chaos.test_kills import mongod_of, mongodb_of
from tests.service import Service
from tests.thorough import usually

KILLS_OF_MONGOD = usually(2, thoroughly=4)
KILLS_OF_THE_SERVICE = usually(1, thoroughly=2)
TRACKS = [f"track-{number}" for number in range(40)]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path).start().wait_until_ready()
    with pymongo.MongoClient(mongodb_of(service)) as client:
        client["playledger"]["tracks"].insert_many({"_id": name, "artistId": "artist-1"} for name in TRACKS)
    yield service
    service.stop()


def assert_nothing_is_lost_or_doubled(service: Service, players: Players) -> None:
    assert players.acknowledged == players.sent
    assert sum(players.told.values()) == players.reported
    assert players.told["rejected"] == 0
    with pymongo.MongoClient(mongodb_of(service), tz_aware=True) as client:
        assert_counted_once(client["playledger"], players.acknowledged)
    statistics = json.loads(service.run("reconcile", "--dry-run", "--json"))["statistics"]
    assert (statistics["drift"], statistics["found"]) == (0, [])


@pytest.mark.slow
async def test_killing_mongod_and_the_service(service: Service) -> None:
    players = Players(service.address, [batches(f"p{number}", TRACKS, 100) for number in range(6)], pause=0.02)
    # More than could have been on their way.
    enough = 2 * len(players.work) + 1
    async with players.playing():
        await players.progress(1)
        for kill in range(KILLS_OF_MONGOD):
            await asyncio.sleep(0.3 + kill / 20)
            os.kill(mongod_of(service).pid, signal.SIGKILL)
            await players.progress(enough)
        assert set(players.statuses) <= {200, 503}, players.statuses
        assert players.slowest < MOST_SECONDS
        for kill in range(KILLS_OF_THE_SERVICE):
            await asyncio.sleep(0.3 + kill / 20)
            service.kill()
            await asyncio.to_thread(lambda: service.start().wait_until_ready())
            await players.progress(enough)
    # 0: the connection broke off.
    assert set(players.statuses) <= {0, 200, 503}, players.statuses
    assert_nothing_is_lost_or_doubled(service, players)

"""The primary of a replica set steps down, is killed, stands still, and still each event of a batch counts once."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pymongo
import pytest

from app.clock import SystemClock
from app.repositories.mongo import Mongo
from tests.chaos.counted_once import assert_counted_once
from tests.chaos.players import MOST_SECONDS, Players, batches
from tests.chaos.questions import Questions
from tests.chaos.replica_set import ReplicaSet
from tests.integration.stats.rollup_house import assert_right, close_all, house
from tests.service import Service

DATABASE = "playledger"
# Batches that are acknowledged after each failover; more than could have been on their way.
ENOUGH = 20
TRACKS = [f"track-{number}" for number in range(40)]


@pytest.fixture
def replica_set(tmp_path: Path) -> Iterator[ReplicaSet]:
    replica_set = ReplicaSet(tmp_path)
    try:
        replica_set.start()
        yield replica_set
    finally:
        replica_set.stop()


@pytest.fixture
def service(replica_set: ReplicaSet, tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path, MONGODB_URI=replica_set.uri).start().wait_until_ready()
    with pymongo.MongoClient(replica_set.uri) as client:
        client[DATABASE]["tracks"].insert_many({"_id": name, "artistId": "artist-1"} for name in TRACKS)
        client[DATABASE]["artists"].insert_one({"_id": "artist-1", "name": "One"})
    yield service
    service.stop()


async def roll_up(uri: str) -> None:
    mongo = Mongo(uri, DATABASE)
    try:
        at_house = house(mongo, SystemClock())
        await at_house.rollups.run()
        assert await at_house.is_clean()
        await assert_right(mongo)
    finally:
        await close_all()
        mongo.close()


@pytest.mark.slow
async def test_failovers_in_the_middle_of_batches(service: Service, replica_set: ReplicaSet) -> None:
    # Paced, so that the recount in Python at the end takes seconds.
    players = Players(service.address, [batches(f"p{number}", TRACKS, 40) for number in range(6)], pause=0.15)
    questions = Questions(service.address, pause=0.1)
    async with questions.asked(), players.playing():
        await players.progress(ENOUGH)
        await asyncio.to_thread(replica_set.step_down)
        await players.progress(ENOUGH)
        killed = await asyncio.to_thread(replica_set.kill_primary)
        await players.progress(ENOUGH)
        killed.start()
        await asyncio.to_thread(replica_set.wait_until_all_follow)
        paused = await asyncio.to_thread(replica_set.primary)
        paused.pause()
        await asyncio.to_thread(replica_set.wait_for_another_primary, paused)
        # For a moment there are two who take themselves for the primary. Had it stayed silent, the driver would have
        # noticed after 14 s, four of which the election takes.
        paused.go_on()
        await players.progress(ENOUGH)
    assert set(players.statuses) <= {200, 503}, players.statuses
    assert players.slowest < MOST_SECONDS
    assert set(questions.statuses) <= {200, 503}, questions.unexpected
    assert questions.slowest < MOST_SECONDS
    assert players.acknowledged == players.sent
    assert players.told["rejected"] == 0
    with pymongo.MongoClient(replica_set.uri, tz_aware=True) as client:
        assert_counted_once(client[DATABASE], players.acknowledged)
    await roll_up(replica_set.uri)

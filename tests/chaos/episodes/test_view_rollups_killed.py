"""`kill -9` in the middle of rolling up views: answers stay exact, and the next run ends with the same buckets."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.repositories.mongo import Mongo
from tests.conftest import DATABASE
from tests.integration.episodes.metrics_house import MetricsHouse
from tests.integration.episodes.test_rollups import assert_answers, assert_buckets
from tests.integration.episodes.views_made import insert, random_views

ROOT = Path(__file__).parents[3]


def kill_midway(mongo: Mongo, mongod: str, pause: float) -> None:
    """After its first buckets, before its last."""
    command = [sys.executable, "-m", "tests.chaos.episodes.rolling_up_views", mongod, DATABASE]
    running = subprocess.Popen(command, cwd=ROOT)
    try:
        while mongo.in_thread["episode_buckets"].find_one({}) is None:
            assert running.poll() is None, "it was done before it could be killed"
        time.sleep(pause)
    finally:
        running.kill()
        running.wait()


@pytest.mark.parametrize("pause", [0, 0.03, 0.1])
async def test_a_killed_rollup_is_harmless(mongo: Mongo, mongod: str, pause: float) -> None:
    house = MetricsHouse(mongo)
    await insert(mongo, random_views(31, 4_000, episodes=27, days=20, users=100))
    kill_midway(mongo, mongod, pause)
    assert not await house.is_clean()
    await assert_answers(house)
    await house.rollups.run()
    assert await house.is_clean()
    await assert_buckets(mongo)
    await assert_answers(house)

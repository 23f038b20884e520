"""`kill -9` in the middle of rolling up views: answers stay exact, and the next run ends with the same buckets."""

import asyncio

import pytest

from app.repositories.mongo import Mongo
from tests.chaos.dying import assert_dies
from tests.conftest import DATABASE
from tests.integration.episodes.metrics_house import MetricsHouse
from tests.integration.episodes.test_rollups import assert_answers, assert_buckets
from tests.integration.episodes.views_made import insert, random_views
from tests.thorough import usually

VIEWS = usually(1_500, thoroughly=4_000)


@pytest.mark.parametrize("writes", [1, 2, 3])
async def test_a_killed_rollup_is_harmless(mongo: Mongo, mongod: str, writes: int) -> None:
    house = MetricsHouse(mongo)
    await insert(mongo, random_views(31, VIEWS, episodes=27, days=20, users=100))
    await asyncio.to_thread(assert_dies, "tests.chaos.episodes.rolling_up_views", mongod, DATABASE, writes)
    assert await mongo.db["episode_buckets"].count_documents({}) > 0
    assert not await house.is_clean()
    await assert_answers(house)
    await house.rollups.run()
    assert await house.is_clean()
    await assert_buckets(mongo)
    await assert_answers(house)

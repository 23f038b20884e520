"""`kill -9` in the middle of rolling up: whoever comes next ends with the same numbers."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.models.stats.backfills import BackfillState
from app.models.stats.periods import Interval
from app.repositories.mongo import Mongo
from tests.chaos.dying import assert_dies
from tests.conftest import DATABASE
from tests.integration.stats.rollup_house import (
    DAY,
    NOW,
    add_tracks,
    assert_right,
    close_all,
    house,
    insert,
    places_of,
    random_rows,
)
from tests.thorough import usually

TODAY = NOW.replace(hour=0)
START = TODAY - 40 * DAY
TRACKS = [f"track-{number}" for number in range(60)]
ROWS = usually(1_500, thoroughly=3_000)


@pytest.fixture(autouse=True)
async def _houses_are_closed() -> AsyncIterator[None]:
    yield
    await close_all()


async def killed(mongod: str, what: str, collection: str, writes: int) -> None:
    """A process that has done a part of it."""
    await asyncio.to_thread(assert_dies, "tests.chaos.rolling_up", mongod, DATABASE, what, collection, writes)


@pytest.mark.parametrize("collection", ["daily_stats", "weekly_stats", "yearly_stats", "platform_stats"])
async def test_a_run_that_is_killed_is_made_good_by_the_next(mongo: Mongo, mongod: str, collection: str) -> None:
    await add_tracks(mongo, *TRACKS)
    rows = random_rows(11, TRACKS, START, 40, ROWS)
    await insert(mongo, rows)
    at_house = house(mongo)
    await at_house.coverage.extend(START)
    await at_house.mark(*places_of(rows))
    await killed(mongod, "marks", collection, 1)
    assert await mongo.db[collection].count_documents({}) > 0
    assert not await at_house.is_clean()
    await at_house.rollups.run()
    assert await at_house.is_clean()
    await assert_right(mongo)


async def test_a_backfill_that_is_killed_is_gone_on_with_by_another_process(mongo: Mongo, mongod: str) -> None:
    await add_tracks(mongo, *TRACKS)
    await insert(mongo, random_rows(12, TRACKS, START, 40, ROWS))
    at_house = house(mongo)
    await at_house.coverage.extend(START)
    ordered = await at_house.backfills.order(Interval(START, TODAY))
    await killed(mongod, "backfills", "rollup_backfills", 6)
    at_the_kill = await at_house.backfills.get(ordered.id)
    assert at_the_kill.state is BackfillState.RUNNING
    assert START < at_the_kill.done_from < TODAY - 5 * DAY
    # Its lease is over after half a minute; that is not waited for.
    await mongo.db["leases"].update_many({}, {"$set": {"expiresAt": NOW - timedelta(days=365)}})
    await mongo.db["daily_stats"].update_many({"date": {"$gte": at_the_kill.done_from}}, {"$set": {"updatedAt": NOW}})
    at_house.clock.time += DAY
    await at_house.rollups.run()
    await at_house.backfills.idle()
    assert (await at_house.backfills.get(ordered.id)).state is BackfillState.DONE
    made_again = {"updatedAt": {"$gt": NOW}, "date": {"$gte": at_the_kill.done_from}}
    assert await mongo.db["daily_stats"].count_documents(made_again) == 0
    await assert_right(mongo)

"""`kill -9` in the middle of rolling up: whoever comes next ends with the same numbers."""

import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from app.models.stats.backfills import BackfillState
from app.models.stats.periods import Interval
from app.repositories.mongo import Mongo
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

TODAY = NOW.replace(hour=0)
START = TODAY - 40 * DAY
TRACKS = [f"track-{number}" for number in range(60)]
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
async def _houses_are_closed() -> AsyncIterator[None]:
    yield
    await close_all()


@contextmanager
def process(mongod: str, what: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.chaos.rolling_up", mongod, DATABASE, what]
    started = subprocess.Popen(command, cwd=ROOT)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def kill_when(running: subprocess.Popen[bytes], is_far_enough: Callable[[], bool]) -> None:
    """`kill -9` as soon as it is so far, and before it is done."""
    give_up_at = time.monotonic() + 30
    while not is_far_enough():
        assert running.poll() is None, "it was done before it could be killed"
        assert time.monotonic() < give_up_at
        time.sleep(0.001)
    running.kill()
    running.wait()


@pytest.mark.parametrize("collection", ["daily_stats", "weekly_stats", "yearly_stats", "platform_stats"])
async def test_a_run_that_is_killed_is_made_good_by_the_next(mongo: Mongo, mongod: str, collection: str) -> None:
    await add_tracks(mongo, *TRACKS)
    rows = random_rows(11, TRACKS, START, 40, 3_000)
    await insert(mongo, rows)
    at_house = house(mongo)
    await at_house.coverage.extend(START)
    await at_house.mark(*places_of(rows))
    with process(mongod, "marks") as running:
        kill_when(running, lambda: mongo.in_thread[collection].find_one({}) is not None)
    assert not await at_house.is_clean()
    await at_house.rollups.run()
    assert await at_house.is_clean()
    await assert_right(mongo)


async def test_a_backfill_that_is_killed_is_gone_on_with_by_another_process(mongo: Mongo, mongod: str) -> None:
    await add_tracks(mongo, *TRACKS)
    await insert(mongo, random_rows(12, TRACKS, START, 40, 3_000))
    at_house = house(mongo)
    await at_house.coverage.extend(START)
    ordered = await at_house.backfills.order(Interval(START, TODAY))
    far = {"_id": ordered.id, "doneFrom": {"$lt": TODAY - 5 * DAY}}
    with process(mongod, "backfills") as running:
        kill_when(running, lambda: mongo.in_thread["rollup_backfills"].find_one(far) is not None)
    at_the_kill = await at_house.backfills.get(ordered.id)
    assert at_the_kill.state is BackfillState.RUNNING
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

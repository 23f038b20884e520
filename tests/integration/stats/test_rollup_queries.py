"""Every query of rolling up and comparing finds what it wants by an index."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.models.stats.periods import Interval
from app.repositories.mongo import Mongo
from tests.conftest import DATABASE
from tests.integration.explained import RecordedMongo, plans_of
from tests.integration.stats.rollup_house import (
    DAY,
    NOW,
    House,
    add_tracks,
    close_all,
    house,
    insert,
    places_of,
    random_rows,
)

TODAY = NOW.replace(hour=0)
TRACKS = [f"track-{number}" for number in range(40)]


@pytest.fixture
async def recorded(mongo: Mongo, mongod: str) -> AsyncIterator[House]:
    await add_tracks(mongo, *TRACKS)
    rows = random_rows(1, TRACKS[:30], TODAY - 30 * DAY, 30, 1_500)
    await insert(mongo, rows)
    at_house = house(mongo)
    await at_house.mark(*places_of(rows))
    await at_house.rollups.run()
    await at_house.backfills.idle()
    recorded = RecordedMongo(mongod, DATABASE)
    yield house(recorded)
    await close_all()
    recorded.close()


async def assert_indexed(mongo: Mongo) -> None:
    assert isinstance(mongo, RecordedMongo)
    plans = await plans_of(mongo)
    assert plans
    scans = [plan.command for plan in plans if "COLLSCAN" in plan.stages]
    assert scans == []


@pytest.mark.slow
async def test_a_run_with_nothing_to_do_asks_little(recorded: House) -> None:
    await recorded.rollups.run()
    await recorded.rollups.run()
    mongo = recorded.mongo
    assert isinstance(mongo, RecordedMongo)
    mongo.recorder.commands = []
    await recorded.rollups.run()
    asked = [next(iter(command.values())) for command in mongo.recorder.commands]
    assert asked == ["rollup_backfills", "tracks"]
    await assert_indexed(recorded.mongo)


@pytest.mark.slow
async def test_a_run_uses_indexes(recorded: House) -> None:
    await recorded.mark(*((one, TODAY - n * DAY) for one in TRACKS[:3] for n in (1, 9)))
    await recorded.rollups.run()
    await assert_indexed(recorded.mongo)


@pytest.mark.slow
async def test_a_rebuild_and_the_night_use_indexes(recorded: House) -> None:
    await recorded.rollups.rebuild(Interval(TODAY - 3 * DAY, TODAY))
    await recorded.rollups.close()
    await assert_indexed(recorded.mongo)


@pytest.mark.slow
async def test_a_backfill_uses_indexes(recorded: House) -> None:
    recorded.clock.time += timedelta(days=30)
    await recorded.backfills.start(Interval(TODAY - 2 * DAY, TODAY))
    await recorded.backfills.idle()
    await assert_indexed(recorded.mongo)


@pytest.mark.slow
async def test_a_comparison_uses_indexes(recorded: House) -> None:
    await recorded.mongo.db["tracks"].update_one({"_id": "track-1"}, {"$inc": {"playCount": 1}})
    await recorded.mongo.db["daily_stats"].update_one({"trackId": "track-1"}, {"$inc": {"totalPlays": 1}})
    await recorded.reconciliation.run()
    await assert_indexed(recorded.mongo)

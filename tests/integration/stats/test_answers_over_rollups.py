"""Answers equal a recount while the real rollups work: before, between and after events that come late."""

import random
from collections.abc import AsyncIterator

import pytest

from app.models.stats.analytics import Bots
from app.models.stats.periods import Granularity, TimeRange
from app.repositories.mongo import Mongo
from tests.integration.stats import test_analytics, test_dashboard, test_timeseries
from tests.integration.stats.recounting import ARTISTS, BUSY_FROM, NOW, World, random_row
from tests.integration.stats.rollup_house import Clock, House, close_all, house
from tests.integration.stats.test_analytics import SCOPES


@pytest.fixture
async def rollups(mongo: Mongo) -> AsyncIterator[House]:
    yield house(mongo, Clock(NOW), busy_from=BUSY_FROM)
    await close_all()


async def assert_all_right(world: World, bots: Bots) -> None:
    for scope, tracks in SCOPES.items():
        for time_range in TimeRange:
            found = await test_analytics.analytics(world.mongo).analyse(scope, time_range, bots)
            test_analytics.assert_equal(found, world, tracks, bots)
        series = test_timeseries.service(world.mongo)
        weeks = await series.series(scope, TimeRange.QUARTER, Granularity.WEEK, bots)
        test_timeseries.assert_equal(weeks, world, tracks, bots)
        hours = await series.series(scope, TimeRange.DAY, Granularity.HOUR, bots)
        test_timeseries.assert_equal(hours, world, tracks, bots)
    for artist in ARTISTS:
        found = await test_dashboard.dashboards(world.mongo).show(f"user-of-{artist}", TimeRange.MONTH)
        test_dashboard.assert_equal(found, world, artist)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
async def test_every_number_is_right_at_every_moment(mongo: Mongo, rollups: House, seed: int) -> None:
    rng, world = random.Random(seed), World(mongo)
    await world.add_catalogue()
    for step in range(3):
        rows = [random_row(rng, days=rng.choice([1, 30, 70])) for _ in range(150)]
        await world.add(rows)
        await world.mark(rows)
        if step % 2:
            await assert_all_right(world, Bots.EXCLUDE)
        await rollups.rollups.run()
        if step:
            await rollups.rollups.close()
        await assert_all_right(world, list(Bots)[step % 2])

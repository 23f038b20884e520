"""200,000 views: rollups and answers equal a recount, and a rollup that is repeated reads nothing."""

from itertools import islice

import pytest

from app.models.episodes.metrics import DayRange, DayWatched, ScopeKind
from app.repositories.mongo import Mongo
from tests.integration.episodes.metrics_house import MetricsHouse
from tests.integration.episodes.test_rollups import assert_day
from tests.integration.episodes.views_made import TODAY, Recount, days_before, random_views

VIEWS = 200_000
AT_ONCE = 10_000


async def insert_and_count(mongo: Mongo) -> Recount:
    recount, views = Recount(()), random_views(9, VIEWS, episodes=27, days=10, users=5_000)
    while rows := list(islice(views, AT_ONCE)):
        await mongo.db["episode_views"].insert_many(rows, ordered=False)
        recount.add(rows)
    audiences = [
        {"_id": f"{kind}:{scope}", "tenant": "tenant", "viewers": len(counted["users"])}
        for (kind, scope), counted in recount.all.items()
    ]
    await mongo.db["episode_audiences"].insert_many(audiences)
    return recount


async def assert_equal(house: MetricsHouse, recount: Recount) -> None:
    for (kind, scope_id), counted in recount.all.items():
        answer = await house.of(kind, scope_id)
        assert_day(DayWatched(answer.watched, answer.unique_viewers), counted)
        for day, found in answer.days.items():
            assert_day(found, recount.days[kind, scope_id, day.isoformat()])


@pytest.mark.slow
async def test_rollups_of_200_000_views_equal_a_recount(mongo: Mongo) -> None:
    house = MetricsHouse(mongo)
    recount = await insert_and_count(mongo)
    raw = await house.of("show", 1)
    assert_day(DayWatched(raw.watched, raw.unique_viewers), recount.all["show", 1])
    assert (await house.rollups.run())["views"] == VIEWS
    assert await house.is_clean()
    await assert_equal(house, recount)
    stored = await mongo.db["episode_buckets"].count_documents({})
    assert stored == len({key for key, counted in recount.days.items() if counted["views"]})
    scope = await house.places.scope("tenant-1", ScopeKind.SHOW, 1)
    read = await house.reader.read(scope, DayRange(days_before(9), TODAY))
    assert (read.raw, len(read.stored), read.past.view_count) == ({}, 10, recount.all["show", 1]["views"])

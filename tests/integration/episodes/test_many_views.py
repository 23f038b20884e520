"""Many views: rollups and answers equal a recount, and a rollup that is repeated reads nothing."""

from collections.abc import AsyncIterator
from itertools import islice

import pytest
from pymongo import IndexModel

from app.models.episodes.metrics import DayRange, DayWatched, ScopeKind
from app.repositories.mongo import Mongo
from tests.integration.episodes.metrics_house import MetricsHouse
from tests.integration.episodes.test_rollups import assert_day
from tests.integration.episodes.views_made import KINDS, TODAY, Recount, days_before, random_views
from tests.thorough import usually

VIEWS = usually(40_000, thoroughly=200_000)
AT_ONCE = 10_000


@pytest.fixture
async def fresh(mongod: str) -> AsyncIterator[Mongo]:
    """A database without indexes: it takes a fifth of the time to make them afterwards."""
    mongo = Mongo(mongod, "many-views")
    yield mongo
    await mongo.client.drop_database("many-views")
    mongo.close()


async def index(mongo: Mongo) -> None:
    used = [IndexModel([(kind, 1), ("day", 1)]) for kind in KINDS]
    dirty = IndexModel([("show", 1), ("season", 1), ("day", 1)], partialFilterExpression={"dirty": True})
    with mongo.patiently():
        await mongo.db["episode_views"].create_indexes([*used, dirty])
        await mongo.db["episode_buckets"].create_index([("kind", 1), ("scope", 1), ("day", 1)])


async def insert_and_count(mongo: Mongo) -> Recount:
    recount, views = Recount(()), random_views(9, VIEWS, episodes=27, days=10, users=5_000)
    # One of ten says that its day is out of date; the day is made from all ten.
    while rows := list(islice(views, AT_ONCE)):
        recount.add(rows)
        for row in rows:
            if row["_id"] % 10:
                del row["dirty"]
        await mongo.db["episode_views"].insert_many(rows, ordered=False)
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
async def test_rollups_of_many_views_equal_a_recount(fresh: Mongo) -> None:
    house = MetricsHouse(fresh)
    recount = await insert_and_count(fresh)
    await index(fresh)
    raw = await house.of("show", 1)
    assert_day(DayWatched(raw.watched, raw.unique_viewers), recount.all["show", 1])
    assert (await house.rollups.run())["views"] == VIEWS // 10
    assert await house.is_clean()
    await assert_equal(house, recount)
    stored = await fresh.db["episode_buckets"].count_documents({})
    assert stored == len({key for key, counted in recount.days.items() if counted["views"]})
    scope = await house.places.scope("tenant-1", ScopeKind.SHOW, 1)
    read = await house.reader.read(scope, DayRange(days_before(9), TODAY))
    assert (read.raw, len(read.stored), read.past.view_count) == ({}, 10, recount.all["show", 1]["views"])

"""Reconciliation of the episodes wing: what was changed behind its back is found, published, and set right."""

import pytest

from app.metrics import EPISODE_DRIFT
from app.repositories.episode_audience_audit import AudienceAuditRepository
from app.repositories.episode_bucket_audit import EpisodeBucketAuditRepository
from app.repositories.mongo import Mongo
from app.services.episodes.reconciliation import EpisodeReconciliationService
from tests.integration.episodes.metrics_house import MetricsHouse
from tests.integration.episodes.test_rollups import assert_answers, assert_buckets
from tests.integration.episodes.views_made import NOW, TODAY, insert, random_views, view

DAY = TODAY.isoformat()


@pytest.fixture
async def house(mongo: Mongo) -> MetricsHouse:
    house = MetricsHouse(mongo)
    await insert(mongo, random_views(21, 200, episodes=12, days=3, users=15))
    await insert(mongo, [view(1_000, 1, "ann", NOW)])
    await house.rollups.run()
    return house


def reconciliation(house: MetricsHouse) -> EpisodeReconciliationService:
    buckets = EpisodeBucketAuditRepository(house.mongo, house.buckets, house.watched, house.dirt)
    return EpisodeReconciliationService(AudienceAuditRepository(house.mongo), buckets, house.watched, house.rollups)


async def test_nothing_drifts_by_itself(house: MetricsHouse) -> None:
    progress: list[int] = []
    report = await reconciliation(house).run(progress=progress.append)
    assert report.summary == {
        "audiences": 12 + 4 + 2,
        "drift": 0,
        "buckets": await house.mongo.db["episode_buckets"].count_documents({}),
        "driftingBuckets": 0,
    }
    assert progress[-1] == report.audiences + report.buckets


async def test_audiences_are_set_right(house: MetricsHouse) -> None:
    audiences = house.mongo.db["episode_audiences"]
    await audiences.update_one({"_id": "episode:1"}, {"$inc": {"viewers": 7}})
    await audiences.delete_one({"_id": "show:1"})
    await audiences.insert_one({"_id": "season:99", "tenant": "tenant-1", "viewers": 2})
    only_looked = await reconciliation(house).run(repair=False)
    assert {one.key for one in only_looked.found_in_audiences} == {"episode:1", "show:1", "season:99"}
    report = await reconciliation(house).run()
    assert report.drift == only_looked.drift == 7 + 16 + 2
    assert EPISODE_DRIFT.labels("viewers")._value.get() == report.drift
    assert (await reconciliation(house).run()).drift == 0
    restored = await audiences.find_one({"_id": "show:1"})
    assert restored
    assert restored["tenant"] == "tenant-1"
    await assert_answers(house)


async def test_buckets_are_set_right(house: MetricsHouse) -> None:
    buckets = house.mongo.db["episode_buckets"]
    await buckets.delete_one({"_id": f"episode:1:{DAY}"})
    await buckets.update_one({"_id": f"season:1:{DAY}"}, {"$inc": {"completed": 1}})
    await buckets.update_one({"_id": f"show:2:{DAY}"}, {"$inc": {"total_seconds": 0.5}})
    await buckets.update_one({"_id": f"episode:12:{DAY}"}, {"$inc": {"reach.50": 1}})
    report = await reconciliation(house).run()
    assert report.drifting_buckets == 4
    assert EPISODE_DRIFT.labels("buckets")._value.get() == 4
    assert (await reconciliation(house).run()).drifting_buckets == 0
    await assert_buckets(house.mongo)
    await assert_answers(house)


async def test_views_that_went_without_a_word_are_missed(house: MetricsHouse) -> None:
    await house.mongo.db["episode_views"].delete_many({"episode": {"$gt": 9}, "day": DAY})
    report = await reconciliation(house).run()
    assert report.drifting_buckets > 1
    assert {one.counted for one in report.found_in_buckets if one.field == "view_count"} == {0}
    assert (await reconciliation(house).run()).drifting_buckets == 0


async def test_what_is_out_of_date_is_no_drift(house: MetricsHouse) -> None:
    beat = {"$set": {"total_seconds": 15.0, "dirty": True}, "$inc": {"revision": 1}}
    await house.mongo.db["episode_views"].update_one({"_id": 1_000}, beat)
    assert (await reconciliation(house).run(repair=False)).drifting_buckets == 0

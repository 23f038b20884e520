"""Every query of metrics, rollups, live viewers and reconciliation is answered from an index."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.repositories.episode_audience_audit import AudienceAuditRepository
from app.repositories.episode_bucket_audit import EpisodeBucketAuditRepository
from app.repositories.episode_live_viewers import LiveViewerRepository
from app.repositories.mongo import Mongo
from app.services.episodes.reconciliation import EpisodeReconciliationService
from tests.conftest import DATABASE
from tests.integration.episodes.metrics_house import MetricsHouse
from tests.integration.episodes.views_made import KINDS, NOW, insert, random_views
from tests.integration.explained import Plan, RecordedMongo, plans_of

VIEWS = 2_000


@pytest.fixture
async def recorded(mongod: str, mongo: Mongo) -> AsyncIterator[RecordedMongo]:
    await insert(mongo, random_views(41, VIEWS, episodes=27, days=10, users=200))
    await MetricsHouse(mongo).rollups.run()
    await mongo.db["episode_views"].update_many(
        {"_id": {"$lt": 20}}, {"$set": {"dirty": True}, "$inc": {"revision": 1}}
    )
    recorded = RecordedMongo(mongod, DATABASE)
    yield recorded
    recorded.close()


def assert_indexed(plans: list[Plan], most: int) -> None:
    assert plans
    for plan in plans:
        assert "COLLSCAN" not in plan.stages, plan
        assert plan.documents_examined <= most, plan


async def test_answers(recorded: RecordedMongo) -> None:
    house = MetricsHouse(recorded)
    for kind in KINDS:
        await house.of(kind, 1)
    await house.retention.of("tenant-1", 1)
    assert_indexed(await plans_of(recorded), VIEWS // 3)
    viewers = LiveViewerRepository(recorded)
    await viewers.of_episodes([1, 2], NOW - timedelta(hours=1))
    await viewers.of_tenant("tenant-1", NOW - timedelta(hours=1), 20)
    assert_indexed(await plans_of(recorded), VIEWS // 20)


async def test_rollups(recorded: RecordedMongo) -> None:
    house = MetricsHouse(recorded)
    await house.dirt.days(1_000)
    assert_indexed(await plans_of(recorded), 20)
    await house.rollups.run()
    marks = [plan for plan in await plans_of(recorded) if plan.collection != "episode_dirty_days"]
    assert_indexed(marks, VIEWS // 2)


@pytest.mark.slow
async def test_reconciliation(recorded: RecordedMongo) -> None:
    house = MetricsHouse(recorded)
    buckets = EpisodeBucketAuditRepository(recorded, house.buckets, house.watched, house.dirt)
    audiences = AudienceAuditRepository(recorded)
    await EpisodeReconciliationService(audiences, buckets, house.watched, house.rollups).run()
    of_views = [plan for plan in await plans_of(recorded) if plan.collection in ("episode_views", "episode_buckets")]
    assert_indexed(of_views, VIEWS // 3)

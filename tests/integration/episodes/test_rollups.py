"""Rollups of views: equal to a recount, at any moment, whatever comes in between."""

import asyncio
from datetime import timedelta

import pytest

from app.models.episodes.metrics import DayWatched, ScopeKind
from app.repositories.mongo import Mongo
from tests.conftest import DATABASE
from tests.integration.episodes.metrics_house import MetricsHouse
from tests.integration.episodes.views_made import (
    KINDS,
    NOW,
    TODAY,
    Recount,
    Row,
    days_before,
    insert,
    points_reached,
    random_views,
    rows_of,
    view,
)

YESTERDAY = days_before(1)
SILENT = timedelta(minutes=1, seconds=1)


@pytest.fixture
def house(mongo: Mongo) -> MetricsHouse:
    return MetricsHouse(mongo)


def assert_day(found: DayWatched, counted: Row) -> None:
    assert (found.watched.view_count, found.watched.completed) == (counted["views"], counted["completed"])
    assert found.unique_viewers == len(counted["users"])
    assert found.watched.total_seconds == pytest.approx(counted["total"])
    assert found.watched.unique_seconds == pytest.approx(counted["unique"])


async def assert_answers(house: MetricsHouse) -> None:
    """Every answer, whole and by day, equals a recount of the rows as they are."""
    recount = Recount(await rows_of(house.mongo))
    for (kind, scope_id), counted in recount.all.items():
        answer = await house.of(kind, scope_id)
        assert_day(DayWatched(answer.watched, answer.unique_viewers), counted)
        assert len(answer.days) == 30
        for day, found in answer.days.items():
            assert_day(found, recount.days[kind, scope_id, day.isoformat()])


async def assert_buckets(mongo: Mongo) -> None:
    """Every stored bucket equals a recount, and there is one for each day with views."""
    recount = Recount(await rows_of(mongo))
    stored = {
        (row["kind"], row["scope"], row["day"]): row for row in await mongo.db["episode_buckets"].find().to_list(None)
    }
    assert stored.keys() == recount.days.keys()
    for key, counted in recount.days.items():
        bucket = stored[key]
        assert (bucket["view_count"], bucket["completed"]) == (counted["views"], counted["completed"])
        assert bucket["unique_viewers"] == len(counted["users"])
        assert bucket["total_seconds"] == pytest.approx(counted["total"])
        assert bucket["unique_seconds"] == pytest.approx(counted["unique"])


async def test_answers_are_exact_before_any_rollup_and_after(house: MetricsHouse) -> None:
    await insert(house.mongo, random_views(1, 600, episodes=18, days=4, users=40))
    await assert_answers(house)
    summary = await house.rollups.run()
    assert (summary["views"], await house.is_clean()) == (600, True)
    await assert_answers(house)
    await assert_buckets(house.mongo)
    assert await house.rollups.run() == {"days": 0, "buckets": 0, "views": 0}


async def test_half_rolled_up_is_exact_too(house: MetricsHouse) -> None:
    await insert(house.mongo, random_views(2, 300, episodes=9, days=3, users=20))
    await house.rollups.run()
    await insert(house.mongo, random_views(3, 200, episodes=4, days=2, users=20, first_id=1_001))
    changed = {"$set": {"total_seconds": 77.5, "dirty": True}, "$inc": {"revision": 1}}
    await house.mongo.db["episode_views"].update_many({"_id": {"$lt": 60}}, changed)
    await assert_answers(house)
    await house.rollups.run()
    await assert_answers(house)
    await assert_buckets(house.mongo)


async def test_a_late_heartbeat_corrects_yesterday(house: MetricsHouse) -> None:
    await insert(house.mongo, [view(1, 1, "ann", NOW - timedelta(hours=13), total_seconds=60.0)])
    await house.rollups.run()
    late = {"$set": {"total_seconds": 75.0, "dirty": True}, "$inc": {"revision": 1}}
    await house.mongo.db["episode_views"].update_one({"_id": 1}, late)
    for kind in KINDS:
        assert (await house.of(kind, 1)).days[YESTERDAY].watched.total_seconds == 75.0
        bucket = await house.bucket(kind, 1, YESTERDAY.isoformat())
        assert bucket
        assert bucket["total_seconds"] == 60.0
    await house.rollups.run()
    for kind in KINDS:
        bucket = await house.bucket(kind, 1, YESTERDAY.isoformat())
        assert bucket
        assert bucket["total_seconds"] == 75.0


async def test_a_heartbeat_during_a_rollup_keeps_its_day_dirty(house: MetricsHouse) -> None:
    await insert(house.mongo, [view(1, 1, "ann", NOW), view(2, 1, "bob", NOW)])
    computed = await house.buckets.compute(await house.dirt.days(10))
    beat = {"$set": {"total_seconds": 15.0, "dirty": True}, "$inc": {"revision": 1}}
    await house.mongo.db["episode_views"].update_one({"_id": 1}, beat)
    await house.buckets.replace(computed, NOW)
    await house.buckets.clear(computed)
    assert [row["_id"] for row in await rows_of(house.mongo) if row.get("dirty")] == [1]
    await assert_answers(house)
    await house.rollups.run()
    await assert_buckets(house.mongo)


async def test_an_older_rollup_that_ends_last_changes_nothing(house: MetricsHouse) -> None:
    await insert(house.mongo, [view(1, 1, "ann", NOW)])
    older = await house.buckets.compute(await house.dirt.days(10))
    beat = {"$set": {"total_seconds": 15.0, "dirty": True}, "$inc": {"revision": 1}}
    await house.mongo.db["episode_views"].update_one({"_id": 1}, beat)
    await house.rollups.run()
    await house.buckets.replace(older, NOW)
    await house.buckets.clear(older)
    await assert_answers(house)
    await assert_buckets(house.mongo)


async def test_killed_at_any_line_the_next_run_makes_it_good(house: MetricsHouse) -> None:
    await insert(house.mongo, random_views(4, 200, episodes=9, days=2, users=20))
    computed = await house.buckets.compute(await house.dirt.days(1_000))
    computed.buckets[7:] = []
    await house.buckets.replace(computed, NOW)
    await assert_answers(house)
    await house.rollups.run()
    assert await house.is_clean()
    await assert_buckets(house.mongo)


async def test_several_processes_at_once_end_with_the_same(mongod: str, house: MetricsHouse) -> None:
    await insert(house.mongo, random_views(5, 500, episodes=18, days=3, users=50))
    clients = [Mongo(mongod, DATABASE) for _ in range(3)]
    await asyncio.gather(*(MetricsHouse(client).rollups.run() for client in clients))
    for client in clients:
        client.close()
    assert await house.is_clean()
    await assert_answers(house)
    await assert_buckets(house.mongo)


async def test_removed_views_are_told_by_marks(house: MetricsHouse) -> None:
    await insert(house.mongo, [view(1, 1, "ann", NOW, total_seconds=9.0), view(2, 1, "bob", NOW, total_seconds=5.0)])
    await house.rollups.run()
    (day,) = [one for one in await _days(house) if one.episode == 1]
    await house.mongo.db["episode_views"].delete_one({"_id": 1})
    await house.dirt.mark([day])
    for kind in KINDS:
        today = (await house.of(kind, 1)).days[TODAY]
        assert (today.watched.view_count, today.unique_viewers, today.watched.total_seconds) == (1, 1, 5.0)
    await house.mongo.db["episode_views"].delete_one({"_id": 2})
    await house.dirt.mark([day])
    await house.rollups.run()
    assert await house.is_clean()
    for kind in KINDS:
        bucket = await house.bucket(kind, 1, TODAY.isoformat())
        assert bucket
        assert (bucket["view_count"], bucket["unique_viewers"], bucket["total_seconds"]) == (0, 0, 0)


async def test_a_mark_that_is_put_during_a_rollup_stays(house: MetricsHouse) -> None:
    await insert(house.mongo, [view(1, 1, "ann", NOW)])
    await house.rollups.run()
    (day,) = await _days(house)
    await house.dirt.mark([day])
    computed = await house.buckets.compute([day])
    await house.dirt.mark([day])
    await house.buckets.clear(computed)
    assert await house.dirt.days(10) == [day]


async def test_more_views_than_are_cleared_at_once(mongo: Mongo) -> None:
    house = MetricsHouse(mongo, views_at_once=30)
    await insert(mongo, random_views(6, 100, episodes=2, days=1, users=20))
    assert (await house.rollups.run())["views"] == 100
    assert await house.is_clean()
    await assert_buckets(mongo)


async def test_the_night_makes_the_last_days_anew(house: MetricsHouse) -> None:
    await insert(house.mongo, random_views(7, 200, episodes=9, days=6, users=20))
    await house.rollups.run()
    wrong = {"$set": {"view_count": 1_000, "total_seconds": 1.0, "unique_viewers": 0}}
    await house.mongo.db["episode_buckets"].update_many({}, wrong)
    await house.rollups.remake()
    await assert_buckets(house.mongo)


async def test_curves_equal_a_recount(house: MetricsHouse) -> None:
    await insert(house.mongo, random_views(8, 400, episodes=5, days=3, users=30))
    await house.rollups.run()
    rows = await rows_of(house.mongo)
    for episode in range(1, 6):
        of_episode = [row for row in rows if row["episode"] == episode]
        found = await house.retention.of("tenant-1", episode)
        assert (found.views, found.computed_at) == (len(of_episode), NOW)
        reached = [points_reached(row) for row in of_episode]
        for point, shown in enumerate(found.points):
            heat = sum(row["heat"].get(str(point), 0) for row in of_episode) / (found.duration_seconds / 100)
            assert shown.at_seconds == point * found.duration_seconds / 100
            assert shown.retention == pytest.approx(sum(point in points for points in reached) / found.views)
            assert shown.heat == pytest.approx(heat / found.views)


async def _days(house: MetricsHouse) -> list:
    return await house.mongo.snapshot(lambda session: house.watched.of_day(session, 1, TODAY))


async def test_nothing_was_watched(house: MetricsHouse) -> None:
    answer = await house.metrics.of("tenant-1", ScopeKind.EPISODE, 1)
    assert (answer.watched.view_count, answer.watched.completion_rate, answer.unique_viewers) == (0, 0, 0)
    assert (min(answer.days), max(answer.days), len(answer.days)) == (days_before(29), TODAY, 30)
    curve = await house.retention.of("tenant-1", 1)
    assert (curve.views, curve.computed_at, {point.retention for point in curve.points}) == (0, None, {0})


async def test_today_rests_after_it_has_cost_much_and_yesterday_does_not(house: MetricsHouse) -> None:
    async def dirty_after(seconds: float) -> set[int]:
        house.seconds += seconds
        await house.mongo.db["episode_views"].update_many({}, {"$set": {"dirty": True}, "$inc": {"revision": 1}})
        await house.rollups.advance()
        return {row["_id"] for row in await rows_of(house.mongo) if row.get("dirty")}

    await insert(house.mongo, [view(1, 1, "ann", NOW - SILENT), view(2, 1, "ann", NOW - timedelta(days=1))])
    assert [await dirty_after(0), await dirty_after(50), await dirty_after(40), await dirty_after(10)] == [
        set(), {1}, {1}, set(),
    ]  # fmt: skip


async def test_who_watches_today_is_rolled_up_and_stays_dirty(house: MetricsHouse) -> None:
    watching = NOW - SILENT + timedelta(seconds=1)
    await insert(house.mongo, [view(1, 1, "ann", NOW - SILENT), view(2, 1, "bob", watching), view(3, 2, "ann", NOW)])
    await house.rollups.advance()
    await assert_buckets(house.mongo)
    assert {row["_id"] for row in await rows_of(house.mongo) if row.get("dirty")} == {2, 3}
    await house.mongo.db["episode_views"].update_one({"_id": 2}, {"$inc": {"total_seconds": 5.0, "revision": 1}})
    await assert_answers(house)

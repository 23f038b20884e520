"""Counters and buckets against raw events: drift is found, told, repaired, and never invented."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from prometheus_client import REGISTRY

from app.errors import FailureReason, TransientFailure, Unavailable
from app.models.stats.drift import TrackDrift
from app.models.stats.periods import Interval
from app.repositories import stats_audit
from app.repositories.mongo import Mongo, Session
from app.repositories.stats_audit import StatsAuditRepository
from tests.integration.stats.rollup_house import (
    DAY,
    NOW,
    House,
    add_tracks,
    assert_right,
    close_all,
    house,
    insert,
    places_of,
    play,
    random_rows,
)

TODAY = NOW.replace(hour=0)
# Of three tracks and of everything: five days, and the week that is covered from its beginning.
BUCKETS = (3 + 1) * (5 + 1)


@pytest.fixture(autouse=True)
async def _houses_are_closed() -> AsyncIterator[None]:
    yield
    await close_all()


def shown(counter: str) -> float | None:
    return REGISTRY.get_sample_value("playledger_stats_drift", {"counter": counter})


async def count(mongo: Mongo, track_id: Any) -> dict[str, int]:
    """The counters that a track should have, counted one by one."""
    which = {"trackId": {"$in": [track_id, str(track_id)]}, "excluded": {"$exists": False}}
    db = mongo.db
    likes = await db["like_events"].count_documents(which | {"action": "like"})
    return {
        "playCount": await db["play_events"].count_documents(which),
        "likeCount": likes - await db["like_events"].count_documents(which | {"action": "unlike"}),
        "shareCount": await db["share_events"].count_documents(which),
        "downloadCount": await db["download_events"].count_documents(which),
    }


@pytest.fixture
async def right(mongo: Mongo) -> House:
    """Three tracks with events, counters and buckets that are right."""
    keys = ["track-1", "track-2", ObjectId("665f1f77bcf86cd799439011")]
    await add_tracks(mongo, *keys)
    rows = random_rows(5, keys, TODAY - 5 * DAY, 5, 500)
    await insert(mongo, rows)
    for key in keys:
        await mongo.db["tracks"].update_one({"_id": key}, {"$set": await count(mongo, key)})
    at_house = house(mongo)
    await at_house.mark(*places_of(rows))
    await at_house.rollups.run()
    await at_house.backfills.idle()
    return at_house


async def test_nothing_at_all_has_no_drift(mongo: Mongo) -> None:
    report = await house(mongo).reconciliation.run()
    assert report.summary == {"tracks": 0, "drift": 0, "buckets": 0, "driftingBuckets": 0}


async def test_what_is_right_has_no_drift(right: House) -> None:
    heard: list[int] = []
    report = await right.reconciliation.run(progress=heard.append)
    assert (report.found, report.found_in_buckets, report.tracks, report.buckets) == ((), (), 3, BUCKETS)
    assert (heard[0], heard[-1]) == (3, 3 + BUCKETS)
    assert (shown("playCount"), shown("buckets")) == (0, 0)


@pytest.mark.parametrize("counter", ["playCount", "likeCount", "shareCount", "downloadCount"])
async def test_a_counter_that_was_changed_is_found_and_repaired(right: House, mongo: Mongo, counter: str) -> None:
    should = await count(mongo, "track-1")
    await mongo.db["tracks"].update_one({"_id": "track-1"}, {"$inc": {counter: 7}})
    looked = await right.reconciliation.drift()
    report = await right.reconciliation.run()
    expected = (TrackDrift("track-1", counter, should[counter] + 7, should[counter]),)
    assert (looked.found, report.found) == (expected, expected)
    assert (shown(counter), report.drift) == (7, 7)
    assert (await right.reconciliation.run()).found == ()
    assert shown(counter) == 0
    track = await mongo.db["tracks"].find_one({"_id": "track-1"})
    assert track is not None
    assert {name: track[name] for name in should} == should


@pytest.mark.parametrize("stored", [None, "3", {}, [], True, float("nan"), float("inf"), 2.5])
async def test_a_counter_that_is_no_count_becomes_one(right: House, mongo: Mongo, stored: object) -> None:
    key = ObjectId("665f1f77bcf86cd799439011")
    await mongo.db["tracks"].update_one({"_id": key}, {"$set": {"playCount": stored}})
    report = await right.reconciliation.run()
    assert [(one.track_id, one.counter) for one in report.found] == [(str(key), "playCount")]
    track = await mongo.db["tracks"].find_one({"_id": key})
    assert track is not None
    assert track["playCount"] == (await count(mongo, key))["playCount"]


async def test_a_dry_run_changes_nothing(right: House, mongo: Mongo) -> None:
    await mongo.db["tracks"].update_one({"_id": "track-1"}, {"$inc": {"playCount": 7}})
    await mongo.db["daily_stats"].update_one({"trackId": "track-1"}, {"$inc": {"totalPlays": 1}})
    before = await mongo.db["tracks"].find({}).to_list(None), await mongo.db["daily_stats"].find({}).to_list(None)
    report = await right.reconciliation.run(repair=False)
    assert (report.drift, report.drifting_buckets > 0, report.is_repaired) == (7, True, False)
    after = await mongo.db["tracks"].find({}).to_list(None), await mongo.db["daily_stats"].find({}).to_list(None)
    assert before == after


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"$inc": {"totalPlays": -1}},
        {"$inc": {"uniquePlays": 3}},
        {"$inc": {"sourceBreakdown.player": 2}},
        {"$set": {"sourceBreakdown.nowhere": 2}},
        {"$inc": {"durationSum": 0.5}},
        {"$unset": {"totalLikes": 1, "totalPlays": 1}},
    ],
)
async def test_a_bucket_that_was_changed_is_found_and_repaired(right: House, mongo: Mongo, change: Any) -> None:
    await mongo.db["daily_stats"].update_one({"trackId": "track-2", "date": TODAY - DAY}, change)
    report = await right.reconciliation.run()
    of_days = {(one.track_id, one.period.start) for one in report.found_in_buckets if one.is_of_a_day}
    assert of_days == {("track-2", TODAY - DAY)}
    assert shown("buckets") >= 1
    assert (await right.reconciliation.run()).found_in_buckets == ()
    assert shown("buckets") == 0
    await assert_right(mongo)


async def test_a_bucket_that_is_gone_is_found_and_repaired(right: House, mongo: Mongo) -> None:
    await mongo.db["daily_stats"].delete_one({"trackId": "track-2", "date": TODAY - DAY})
    report = await right.reconciliation.run()
    assert {(one.track_id, one.period.start) for one in report.found_in_buckets if one.is_of_a_day} == {
        ("track-2", TODAY - DAY)
    }
    await assert_right(mongo)


@pytest.mark.slow
@pytest.mark.parametrize("collection", ["weekly_stats", "monthly_stats", "yearly_stats", "platform_stats"])
async def test_longer_periods_and_everything_are_compared_as_well(right: House, mongo: Mongo, collection: str) -> None:
    await right.rollups.rebuild(Interval(datetime(2026, 1, 1, tzinfo=UTC), TODAY))
    await right.coverage.extend(datetime(2026, 1, 1, tzinfo=UTC))
    async for bucket in mongo.db[collection].find({}):
        await mongo.db[collection].update_one({"_id": bucket["_id"]}, {"$inc": {"totalPlays": 1, "totalShares": -1}})
    report = await right.reconciliation.run()
    assert {one.field for one in report.found_in_buckets} >= {"totalPlays", "totalShares"}
    assert all(one.is_of_everything == (collection == "platform_stats") for one in report.found_in_buckets)
    assert (await right.reconciliation.run()).found_in_buckets == ()
    await assert_right(mongo)


async def test_rows_that_were_put_into_a_covered_day_are_found_also_of_unknown_tracks(
    right: House, mongo: Mongo
) -> None:
    await insert(mongo, {"play_events": [play("nobody", TODAY - DAY), play("track-1", TODAY - DAY)]})
    report = await right.reconciliation.run()
    assert {one.track_id for one in report.found_in_buckets if one.is_of_a_day} == {"nobody", "track-1"}
    assert await right.is_clean()
    await assert_right(mongo)


async def test_what_is_marked_is_no_drift(right: House, mongo: Mongo) -> None:
    await insert(mongo, {"like_events": [play("track-1", TODAY - DAY, action="save")]})
    await mongo.db["daily_stats"].update_one({"trackId": "track-1", "date": TODAY - DAY}, {"$inc": {"totalPlays": 1}})
    await right.mark(("track-1", TODAY - DAY))
    assert (await right.reconciliation.run(repair=False)).found_in_buckets == ()


async def test_what_is_not_covered_is_no_drift(mongo: Mongo) -> None:
    await insert(mongo, {"play_events": [play("track-1", TODAY - 30 * DAY)]})
    at_house = house(mongo)
    await at_house.coverage.extend(TODAY - 8 * DAY)
    assert (await at_house.reconciliation.run()).found_in_buckets == ()


async def test_what_the_archive_has_taken_is_counted(right: House, mongo: Mongo) -> None:
    await mongo.db["play_events"].delete_many({"trackId": "track-1"})
    for stored in await mongo.db["daily_stats"].find({"trackId": "track-1"}).to_list(None):
        names = ("totalPlays", "skippedPlays", "replayedPlays", "durationSum", "durationCount", "completionSum")
        counted = {name: stored[name] for name in (*names, "completionCount", "sourceBreakdown", "countryBreakdown")}
        archived = {"counted": counted}
        if "bots" in stored:
            archived["bots"] = {name: stored["bots"][name] for name in counted}
        if "own" in stored:
            archived["own"] = {name: stored["own"][name] for name in counted}
        await mongo.db["daily_stats"].update_one({"_id": stored["_id"]}, {"$set": {"archived": archived}})
    report = await right.reconciliation.run()
    assert (report.found, report.found_in_buckets) == ((), ())


async def test_all_batches_are_looked_at(mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stats_audit, "_TRACKS_AT_ONCE", 3)
    await mongo.db["tracks"].insert_many({"_id": f"track-{number}", "playCount": 1} for number in range(7))
    assert [len(batch) for batch in await StatsAuditRepository(mongo).batches()] == [3, 3, 1]
    report = await house(mongo).reconciliation.run()
    assert (report.tracks, report.drift) == (7, 7)


async def test_events_that_are_counted_meanwhile_are_no_drift(mongo: Mongo) -> None:
    """Row and counter change in one transaction, all the time, while counters are compared."""
    await add_tracks(mongo, "busy")
    at_house, is_over = house(mongo), asyncio.Event()

    def add(session: Session) -> None:
        mongo.in_thread["play_events"].insert_one(play("busy", NOW), session=session)
        mongo.in_thread["tracks"].update_one({"_id": "busy"}, {"$inc": {"playCount": 1}}, session=session)

    async def keep_adding() -> None:
        while not is_over.is_set():
            await mongo.transaction(add)

    adding = asyncio.create_task(keep_adding())
    for _ in range(20):
        assert (await at_house.reconciliation.run(repair=False)).found == ()
    is_over.set()
    await adding
    assert await mongo.db["play_events"].count_documents({}) > 10


async def test_a_look_is_shared_and_ends_in_time(right: House, mongo: Mongo) -> None:
    first, second = await asyncio.gather(right.reconciliation.drift(), right.reconciliation.drift())
    assert first is second
    assert (first.is_complete, first.is_repaired, first.buckets) == (True, False, BUCKETS)
    right.reconciliation._look_for = timedelta(0)
    assert not (await right.reconciliation.drift()).is_complete


async def test_a_track_that_is_written_all_the_time_is_given_up(right: House, mongo: Mongo) -> None:
    class Contested(StatsAuditRepository):
        async def settle(self, track_id: str, counter: str) -> TrackDrift | None:
            raise TransientFailure(FailureReason.CONFLICT)

    await mongo.db["tracks"].update_one({"_id": "track-1"}, {"$inc": {"playCount": 7}})
    right.reconciliation._counters = Contested(mongo)
    with pytest.raises(Unavailable):
        await right.reconciliation.run()


async def test_a_rebuild_repairs_as_well(right: House, mongo: Mongo) -> None:
    await mongo.db["daily_stats"].update_many({}, {"$inc": {"totalPlays": 5}})
    await mongo.db["weekly_stats"].update_many({}, {"$inc": {"totalPlays": 5}})
    await mongo.db["platform_stats"].update_many({}, {"$inc": {"totalPlays": 5}})
    await right.rollups.rebuild(Interval(TODAY - 5 * DAY, TODAY))
    await assert_right(mongo)

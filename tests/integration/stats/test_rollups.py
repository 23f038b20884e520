"""Buckets against a recount in plain Python, whatever happens meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from app.errors import Unavailable
from app.models.stats.periods import Interval
from app.models.stats.rollups import Computed
from app.models.stats.tracks import Dirt
from app.repositories.mongo import Mongo
from app.services.stats import rollups
from tests.integration.stats.rollup_house import (
    DAY,
    NOW,
    Clock,
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


@pytest.fixture(autouse=True)
async def _houses_are_closed() -> AsyncIterator[None]:
    yield
    await close_all()


@pytest.fixture
async def tracks(mongo: Mongo) -> Mongo:
    await add_tracks(mongo, "track-1", "track-2", "track-3")
    return mongo


async def fill(mongo: Mongo, at_house: House, seed: int, start: datetime, days: int, count: int = 400) -> Any:
    rows = random_rows(seed, ["track-1", "track-2", "track-3"], start, days, count)
    await insert(mongo, rows)
    await at_house.mark(*places_of(rows))
    return rows


async def day_bucket(mongo: Mongo, track_id: str = "track-1", day: datetime = TODAY) -> dict[str, Any] | None:
    return await mongo.db["daily_stats"].find_one({"trackId": track_id, "date": day})


async def test_nothing_to_do_is_nothing(tracks: Mongo) -> None:
    at_house = house(tracks)
    assert await at_house.rollups.run() == {"marks": 0, "days": 0, "periods": 0, "platform": 0}
    await at_house.backfills.idle()
    assert await at_house.coverage.covered_from() == TODAY


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
async def test_rollups_equal_a_recount_of_random_events(tracks: Mongo, seed: int) -> None:
    """Around the turns of ISO years with 52 and with 53 weeks, and in the middle of one."""
    start = [datetime(2020, 12, 20, tzinfo=UTC), datetime(2025, 12, 22, tzinfo=UTC), TODAY - 20 * DAY][seed % 3]
    at_house = house(tracks)
    await fill(tracks, at_house, seed, start, 25)
    await at_house.rollups.run()
    assert await at_house.is_clean()
    await assert_right(tracks)
    # A second time, with late and erased rows.
    await fill(tracks, at_house, 100 + seed, start, 25, 50)
    gone = await tracks.db["play_events"].find({}).limit(60).to_list(None)
    await tracks.db["play_events"].delete_many({"_id": {"$in": [row["_id"] for row in gone]}})
    await at_house.mark(*((row["trackId"], row["timestamp"]) for row in gone))
    await at_house.rollups.run()
    await assert_right(tracks)


async def test_iso_weeks_months_and_years_around_new_year(tracks: Mongo) -> None:
    at_house = house(tracks)
    days = [datetime(2020, 12, 31, tzinfo=UTC), datetime(2021, 1, 3, tzinfo=UTC), datetime(2021, 1, 4, tzinfo=UTC)]
    await insert(tracks, {"play_events": [play("track-1", day) for day in days]})
    await at_house.mark(*(("track-1", day) for day in days))
    await at_house.rollups.run()
    weeks = await tracks.db["weekly_stats"].find({}).sort("weekStart", 1).to_list(None)
    assert [(row["weekStart"].strftime("%G-W%V"), row["totalPlays"]) for row in weeks] == [
        ("2020-W53", 2),
        ("2021-W01", 1),
    ]
    years = await tracks.db["yearly_stats"].find({}).sort("year", 1).to_list(None)
    assert [(row["year"], row["totalPlays"], row["uniquePlays"]) for row in years] == [(2020, 1, 1), (2021, 2, 1)]


async def test_a_late_event_replaces_yesterday(tracks: Mongo) -> None:
    at_house = house(tracks)
    await insert(tracks, {"play_events": [play("track-1", TODAY - DAY, "ann")]})
    await at_house.mark(("track-1", TODAY - DAY))
    await at_house.rollups.run()
    first = await day_bucket(tracks, day=TODAY - DAY)
    at_house.clock.time += DAY
    await insert(tracks, {"play_events": [play("track-1", TODAY - DAY + timedelta(hours=23, minutes=59), "ben")]})
    await at_house.mark(("track-1", TODAY - DAY))
    await at_house.rollups.run()
    second = await day_bucket(tracks, day=TODAY - DAY)
    assert first is not None
    assert second is not None
    assert (first["totalPlays"], second["totalPlays"], second["uniquePlays"]) == (1, 2, 2)
    assert (second["_id"], second["createdAt"]) == (first["_id"], NOW)
    assert second["updatedAt"] == NOW + DAY
    assert second["asOf"] > first["asOf"]


async def test_erased_rows_leave_zeros(tracks: Mongo) -> None:
    at_house = house(tracks)
    await fill(tracks, at_house, 7, TODAY - 3 * DAY, 3)
    await at_house.rollups.run()
    rows = await tracks.db["play_events"].find({}).to_list(None)
    for name in ("play_events", "like_events", "save_events", "share_events", "download_events"):
        await tracks.db[name].delete_many({})
    await at_house.mark(*((track, TODAY - n * DAY) for track in ("track-1", "track-2", "track-3") for n in (1, 2, 3)))
    await at_house.rollups.run()
    assert rows
    await assert_right(tracks)
    for name in ("daily_stats", "weekly_stats", "monthly_stats", "yearly_stats", "platform_stats"):
        async for bucket in tracks.db[name].find({}):
            assert (bucket["totalPlays"], bucket["uniquePlays"], bucket["sourceBreakdown"]) == (0, 0, {}), name
            assert bucket["avgDuration"] == 0


async def test_two_runs_at_once_do_no_harm(tracks: Mongo) -> None:
    first, second = house(tracks), house(tracks)
    await fill(tracks, first, 8, TODAY - 10 * DAY, 10, 800)
    await asyncio.gather(first.rollups.run(), second.rollups.run())
    assert await first.is_clean()
    await assert_right(tracks)


async def test_events_that_arrive_during_a_run_keep_their_marks(tracks: Mongo) -> None:
    at_house = house(tracks)
    await insert(tracks, {"play_events": [play("track-1", NOW, "ann")]})
    await at_house.mark(("track-1", NOW), ("track-2", NOW))
    replace = at_house.rollups_store.replace

    async def slow_replace(computed: Computed, at: datetime) -> None:
        if await tracks.db["play_events"].count_documents({}) == 1:
            await insert(tracks, {"play_events": [play("track-1", NOW, "ben")]})
            await at_house.mark(("track-1", NOW))
        await replace(computed, at)

    at_house.rollups_store.replace = slow_replace
    await at_house.rollups.run()
    marked = await tracks.db["tracks"].find({"isDirty": True}).to_list(None)
    assert [(row["_id"], list(row["dirty"])) for row in marked] == [("track-1", ["2026-06-10"])]
    await at_house.rollups.run()
    assert await at_house.is_clean()
    await assert_right(tracks)


async def test_a_slow_older_run_never_replaces_a_newer_one(tracks: Mongo) -> None:
    slow, quick = house(tracks), house(tracks)
    await insert(tracks, {"play_events": [play("track-1", NOW, "ann")]})
    await slow.mark(("track-1", NOW))
    replace, was_overtaken = slow.rollups_store.replace, False

    async def overtaken(computed: Computed, at: datetime) -> None:
        nonlocal was_overtaken
        if not was_overtaken:
            was_overtaken = True
            await insert(tracks, {"play_events": [play("track-1", NOW, "ben")]})
            await quick.mark(("track-1", NOW))
            await quick.rollups.run()
            assert await quick.is_clean()
        await replace(computed, at)

    slow.rollups_store.replace = overtaken
    await slow.rollups.run()
    assert was_overtaken
    await assert_right(tracks)


async def test_an_old_bucket_is_not_written_over_a_newer_one(tracks: Mongo) -> None:
    at_house = house(tracks)
    old = await at_house.days.compute({TODAY: ["track-1"]})
    old_month = await at_house.platform.compute(old.buckets[0].period)
    await insert(tracks, {"play_events": [play("track-1", NOW)]})
    await at_house.rollups.rebuild(Interval(TODAY, TODAY + DAY))
    await at_house.rollups_store.replace(old, NOW)
    await at_house.platform.replace(old_month, NOW)
    await assert_right(tracks)


async def test_marks_far_from_today_are_worked_off(tracks: Mongo) -> None:
    """A mark far from today, on a day without anything, is worked off like any other."""
    at_house = house(tracks)
    await at_house.mark(("track-1", datetime(2031, 1, 1, tzinfo=UTC)), ("track-1", datetime(1999, 12, 31, tzinfo=UTC)))
    await at_house.rollups.run()
    assert await at_house.is_clean()
    await assert_right(tracks)


async def test_a_run_that_ends_early_keeps_the_rounds_it_has_made(
    tracks: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much waits, a run that is always cut off after a while still comes to an end of it."""
    monkeypatch.setattr(rollups, "_MARKS_A_ROUND", 20)
    at_house = house(tracks)
    await fill(tracks, at_house, 1, TODAY - 20 * DAY, 20)
    waiting = [sum((await at_house.days.marked()).values())]
    clear = at_house.dirt.clear

    async def clear_and_end(dirt: Sequence[Dirt]) -> None:
        await clear(dirt)
        raise Unavailable("killed after a round")

    at_house.dirt.clear = clear_and_end
    while waiting[-1]:
        with pytest.raises(Unavailable):
            await at_house.rollups.run()
        waiting.append(sum((await at_house.days.marked()).values()))
    assert len(waiting) == 4, waiting
    await assert_right(tracks)


async def test_names_in_breakdowns_may_hold_anything(tracks: Mongo) -> None:
    at_house = house(tracks)
    names = ["a.b", "$where", "$", "", "x" * 200, "ü"]
    await insert(tracks, {"play_events": [play("track-1", NOW, source=name) for name in names]})
    await at_house.mark(("track-1", NOW))
    await at_house.rollups.run()
    bucket = await day_bucket(tracks)
    assert bucket is not None
    assert bucket["sourceBreakdown"] == {name: 1 for name in names if name}
    assert await at_house.is_clean()


async def test_rows_of_other_programs_are_counted_as_far_as_they_go(mongo: Mongo) -> None:
    key = ObjectId("665f1f77bcf86cd799439011")
    await add_tracks(mongo, key, "track-1")
    at_house = house(mongo)
    bare = {"timestamp": NOW}
    odd = {"skipped": "yes", "duration": "long", "completionRate": None, "source": 5, "country": ["NL"], "sessionId": 7}
    rows = [
        {"trackId": key, **bare},
        {"trackId": str(key), **bare, "sessionId": "ann"},
        {"trackId": "track-1", **bare, **odd},
        dict(bare),
        {"trackId": "track-1", "sessionId": "no time"},
        {"trackId": "track-1", "sessionId": "text", "timestamp": "2026-06-10"},
    ]
    await mongo.db["play_events"].insert_many(rows)
    await mongo.db["like_events"].insert_many([{"trackId": key, **bare}, {"trackId": key, **bare, "action": "like"}])
    await mongo.db["share_events"].insert_one({"trackId": key, **bare})
    await at_house.mark((str(key), NOW), ("track-1", NOW))
    await at_house.rollups.run()
    await at_house.backfills.idle()
    assert await at_house.is_clean()
    plays = {row["trackId"]: row["totalPlays"] async for row in mongo.db["daily_stats"].find({})}
    assert plays == {str(key): 2, "track-1": 1, "": 1}
    [everything] = await mongo.db["platform_stats"].find({"granularity": "day"}).to_list(None)
    assert (everything["totalPlays"], everything["totalLikes"], everything["totalShares"]) == (4, 1, 1)
    assert (await at_house.reconciliation.run(repair=False)).found_in_buckets == ()


async def test_listeners_are_estimated_when_they_are_many_and_counted_at_night(tracks: Mongo) -> None:
    at_house = house(tracks)
    start = datetime(2026, 6, 1, tzinfo=UTC)
    rows = [play("track-1", start + timedelta(minutes=n), f"session-{n % 4_000}") for n in range(6_000)]
    await insert(tracks, {"play_events": rows})
    await at_house.mark(*(("track-1", start + n * DAY) for n in range(5)))
    await at_house.rollups.run()
    [month] = await tracks.db["monthly_stats"].find({}).to_list(None)
    assert month["uniquePlaysIsEstimate"]
    assert month["uniquePlays"] == pytest.approx(4_000, rel=0.02)
    async for day in tracks.db["daily_stats"].find({}):
        assert (day["uniquePlaysIsEstimate"], day["uniquePlays"]) == (False, day["totalPlays"])
    await assert_right(tracks, uniques=False)
    await at_house.rollups.close()
    for name in ("weekly_stats", "monthly_stats", "yearly_stats"):
        [bucket] = await tracks.db[name].find({}).to_list(None)
        assert (bucket["uniquePlays"], bucket["uniquePlaysIsEstimate"]) == (4_000, False)
    await assert_right(tracks)


async def test_an_exact_run_counts_all_listeners(tracks: Mongo) -> None:
    at_house = house(tracks)
    rows = [play("track-1", TODAY - n % 2 * DAY, f"session-{n // 2}") for n in range(6_000)]
    await insert(tracks, {"play_events": rows})
    await at_house.mark(("track-1", TODAY), ("track-1", TODAY - DAY))
    await at_house.rollups.run(exact=True)
    await assert_right(tracks)
    [week] = await tracks.db["weekly_stats"].find({}).to_list(None)
    assert (week["uniquePlays"], week["uniquePlaysIsEstimate"]) == (3_000, False)


async def test_the_night_makes_hours_of_past_days(tracks: Mongo) -> None:
    at_house = house(tracks)
    await fill(tracks, at_house, 9, TODAY - 2 * DAY, 3)
    await at_house.rollups.run()
    await at_house.backfills.idle()
    await at_house.rollups.close()
    days = await tracks.db["platform_stats"].find({"granularity": "day"}).sort("start", 1).to_list(None)
    assert [day.get("hoursAsOf") is not None for day in days] == [True, True, False]
    assert all(day["hoursAsOf"] >= day["asOf"] for day in days[:2])
    hours = await tracks.db["platform_stats"].find({"granularity": "hour"}).to_list(None)
    assert len(hours) == 48
    for hour in hours:
        within = {"timestamp": {"$gte": hour["start"], "$lt": hour["start"] + timedelta(hours=1)}, "excluded": None}
        plays = await tracks.db["play_events"].find(within).to_list(None)
        assert (hour["totalPlays"], hour["uniquePlays"]) == (len(plays), len({row["sessionId"] for row in plays}))
    # A late event makes the hours of its day out of date, until the next night.
    await insert(tracks, {"play_events": [play("track-1", TODAY - DAY)]})
    await at_house.mark(("track-1", TODAY - DAY))
    await at_house.rollups.run()
    assert await at_house.platform.days_without_hours(TODAY) == [TODAY - DAY]
    await at_house.rollups.close()
    assert await at_house.platform.days_without_hours(TODAY) == []


async def test_what_the_archive_has_taken_stays_in_the_bucket(tracks: Mongo) -> None:
    at_house = house(tracks, Clock(NOW))
    rows = [play("track-1", TODAY, f"session-{n}", duration=10.0) for n in range(20)]
    await insert(tracks, {"play_events": rows})
    await at_house.mark(("track-1", TODAY))
    await at_house.rollups.run()
    await tracks.db["play_events"].delete_many({"_id": {"$in": [row["_id"] for row in rows[:15]]}})
    archived = {
        "counted": {"totalPlays": 15, "durationSum": 150.0, "durationCount": 15, "sourceBreakdown": {"player": 15}}
    }
    await tracks.db["daily_stats"].update_one({"trackId": "track-1"}, {"$set": {"archived": archived}})
    await insert(tracks, {"play_events": [play("track-1", TODAY, "session-0")]})
    await at_house.mark(("track-1", TODAY))
    await at_house.rollups.run(exact=True)
    await at_house.rollups.close()
    bucket = await day_bucket(tracks)
    assert bucket is not None
    assert (bucket["totalPlays"], bucket["sourceBreakdown"], bucket["durationSum"]) == (21, {"player": 21}, 200)
    assert (bucket["uniquePlays"], bucket["uniquePlaysIsEstimate"], bucket["archived"]) == (20, True, archived)
    for name in ("weekly_stats", "monthly_stats", "yearly_stats"):
        [longer] = await tracks.db[name].find({}).to_list(None)
        assert (longer["totalPlays"], longer["uniquePlays"], longer["uniquePlaysIsEstimate"]) == (21, 20, True)
    assert (await at_house.reconciliation.run()).found_in_buckets == ()

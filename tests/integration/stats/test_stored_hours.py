"""Answers equal a recount where busy days are put together from hours, whatever came between two rollups."""

import random
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from app.models.stats.analytics import Bots, Metric, Scope, Uniques
from app.models.stats.events import EventType, ExclusionKind
from app.models.stats.periods import Granularity, Interval, TimeRange, day_of
from app.models.stats.tracks import Dirt
from app.repositories.mongo import Mongo
from app.services.stats import uniques
from tests.integration.explained import RecordedMongo, plans_of
from tests.integration.stats import test_analytics, test_dashboard, test_timeseries
from tests.integration.stats.recounting import (
    ARTISTS,
    BUSY_FROM,
    DAY,
    NOW,
    TRACKS,
    Row,
    World,
    hours_of,
    random_row,
    recount,
    sessions,
    within,
)
from tests.integration.stats.rollup_house import Clock, House, close_all, house
from tests.integration.stats.test_analytics import SCOPES, analytics, range_before

TODAY = day_of(NOW)
HOUR = timedelta(hours=1)
# At the edges of the ranges, so that parts of these days are asked for.
DAYS_AGO = (0, 0, 0, 1, 7, 14, 30)


class Killed(Exception):
    pass


@pytest.fixture
async def rollups(mongo: Mongo) -> AsyncIterator[House]:
    """Reads no busy day whole that needs not be, and lets all but a few of the present day wait."""
    yield house(mongo, Clock(NOW), BUSY_FROM, read_whole=0, read_again=1)
    await close_all()


@pytest.fixture
def recorded(mongo: Mongo, mongod: str) -> Iterator[RecordedMongo]:
    listened_to = RecordedMongo(mongod, mongo.db.name)
    yield listened_to
    listened_to.close()


def busy_rows(rng: random.Random, count: int, **fields: Any) -> list[Row]:
    """Events on few days, none of them later than now."""
    rows = [random_row(rng) | fields for _ in range(count)]
    for row in rows:
        moment = TODAY - rng.choice(DAYS_AGO) * DAY + timedelta(seconds=rng.randrange(24 * 3600))
        row["timestamp"] = min(moment, NOW - timedelta(minutes=1))
    return rows


async def change(world: World, rng: random.Random) -> None:
    """What may happen between two rollups: events come, are erased, are judged anew."""
    new = busy_rows(rng, 25)
    await world.add(new)
    await world.mark(new)
    await world.erase(rng.sample(world.rows, 8))
    await world.judge(rng.sample(world.rows, 8), rng.choice([None, *ExclusionKind]))


async def assert_all_right(world: World, bots: Bots) -> None:
    for scope, tracks in SCOPES.items():
        for time_range in TimeRange:
            found = await analytics(world.mongo).analyse(scope, time_range, bots)
            test_analytics.assert_equal(found, world, tracks, bots)
        series = test_timeseries.service(world.mongo)
        for time_range, granularity in ((TimeRange.WEEK, Granularity.HOUR), (TimeRange.MONTH, Granularity.DAY)):
            points = await series.series(scope, time_range, granularity, bots)
            test_timeseries.assert_equal(points, world, tracks, bots)
    for artist in ARTISTS:
        shown = await test_dashboard.dashboards(world.mongo).show(f"user-of-{artist}", TimeRange.WEEK)
        test_dashboard.assert_equal(shown, world, artist)


async def busy_days(mongo: Mongo) -> dict[tuple[str, Any], dict[str, Any]]:
    found = await mongo.db["daily_stats"].find({"hours": {"$exists": True}}).to_list(None)
    return {(row["trackId"], row["date"]): row for row in found}


def count_in(stored: dict[str, Any]) -> int:
    parts = [part for hour in stored.values() for part in hour.values()]
    return sum(count for part in parts for name, count in part.items() if name.startswith("total"))


async def cut_off(at_house: House) -> None:
    """A run that is killed when its buckets are there and their marks still are."""
    clear = at_house.dirt.clear

    async def killed(dirt: Any) -> None:
        raise Killed

    at_house.dirt.clear = killed  # type: ignore[method-assign]
    with pytest.raises(Killed):
        await at_house.rollups.run()
    at_house.dirt.clear = clear  # type: ignore[method-assign]


async def overtaken(at_house: House, world: World, rng: random.Random) -> None:
    """A run whose marks are replaced by newer ones before it can remove them."""
    clear = at_house.dirt.clear

    async def late(dirt: list[Dirt]) -> None:
        await change(world, rng)
        await clear(dirt)

    at_house.dirt.clear = late  # type: ignore[method-assign]
    await at_house.rollups.run()
    at_house.dirt.clear = clear  # type: ignore[method-assign]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
async def test_every_number_is_right_at_every_moment(mongo: Mongo, rollups: House, seed: int) -> None:
    rng, world = random.Random(seed), World(mongo)
    await world.add_catalogue()
    rows = busy_rows(rng, 500)
    await world.add(rows)
    await world.mark(rows)
    await rollups.rollups.run()
    await rollups.backfills.idle()
    assert len(await busy_days(mongo)) > len(TRACKS)
    for step in ("", "cut off", "overtaken"):
        await change(world, rng)
        if step == "cut off":
            await cut_off(rollups)
            await change(world, rng)
        if step == "overtaken":
            await overtaken(rollups, world, rng)
            await change(world, rng)
        await assert_all_right(world, rng.choice(list(Bots)))
        await rollups.rollups.advance()
        await assert_all_right(world, rng.choice(list(Bots)))
    await rollups.rollups.run()
    await assert_all_right(world, Bots.INCLUDE)
    assert (await rollups.reconciliation.run(repair=False)).found_in_buckets == ()


def listening(number: int, session: str, hour: int) -> Row:
    of_nobody = random_row(random.Random(number)) | {"trackId": TRACKS[0], "kind": EventType.PLAY, "sessionId": session}
    of_nobody.pop("excluded", None)
    return of_nobody | {"timestamp": TODAY - DAY + hour * HOUR + timedelta(seconds=number)}


async def yesterday(mongo: Mongo) -> dict[str, Any]:
    found = await mongo.db["daily_stats"].find_one({"trackId": TRACKS[0], "date": TODAY - DAY})
    assert found is not None
    return found


async def busy_yesterday(mongo: Mongo, at_house: House) -> World:
    """Two sessions a minute in two hours, rolled up."""
    world = World(mongo)
    await world.add_catalogue()
    rows = [listening(number, f"session-{number // 2}", number % 2) for number in range(2 * BUSY_FROM)]
    await world.add(rows)
    await world.mark(rows)
    await at_house.rollups.run()
    await at_house.backfills.idle()
    return world


async def add_late(world: World) -> None:
    late = [listening(1, "session-0", 5), listening(2, "somebody new", 5)]
    await world.add(late)
    await world.mark(late)


async def test_listeners_of_a_busy_day_are_an_estimate_until_the_night(mongo: Mongo, rollups: House) -> None:
    world = await busy_yesterday(mongo, rollups)
    before = await yesterday(mongo)
    assert (before["uniquePlays"], before["uniquePlaysIsEstimate"]) == (BUSY_FROM, False)
    await add_late(world)
    await rollups.rollups.run()
    estimated = await yesterday(mongo)
    assert (estimated["totalPlays"], estimated["uniquePlaysIsEstimate"]) == (2 * BUSY_FROM + 2, True)
    assert estimated["uniquePlays"] == pytest.approx(BUSY_FROM + 1, rel=0.02)
    await rollups.rollups.close()
    closed = await yesterday(mongo)
    assert (closed["uniquePlays"], closed["uniquePlaysIsEstimate"]) == (BUSY_FROM + 1, False)


async def test_few_busy_days_are_read_whole_and_exact(mongo: Mongo) -> None:
    at_house = house(mongo, Clock(NOW), BUSY_FROM)
    world = await busy_yesterday(mongo, at_house)
    await add_late(world)
    await at_house.rollups.run()
    counted = await yesterday(mongo)
    assert (counted["uniquePlays"], counted["uniquePlaysIsEstimate"]) == (BUSY_FROM + 1, False)
    await close_all()


async def test_who_was_erased_is_no_longer_in_the_sketch(mongo: Mongo, rollups: House) -> None:
    world = await busy_yesterday(mongo, rollups)
    await add_late(world)
    await world.erase([row for row in world.rows if row["sessionId"] == "session-1"])
    await rollups.rollups.run()
    counted = await yesterday(mongo)
    assert (counted["uniquePlays"], counted["uniquePlaysIsEstimate"]) == (BUSY_FROM, False)


async def test_only_the_hours_that_changed_are_read(mongo: Mongo, rollups: House, recorded: RecordedMongo) -> None:
    world = await busy_yesterday(mongo, rollups)
    await add_late(world)
    recording = house(recorded, Clock(NOW), BUSY_FROM, read_whole=0)
    await recording.rollups.run()
    plans = await plans_of(recorded)
    asked = [one for one in plans if one.collection == "play_events" and "pipeline" in one.command]
    within_days = [one["timestamp"] for one in (plan.command["pipeline"][0]["$match"] for plan in asked)]
    stretches = {(one["$gte"], one["$lt"]) for one in within_days if one["$lt"] - one["$gte"] <= DAY}
    assert stretches == {(TODAY - DAY + 5 * HOUR, TODAY - DAY + 6 * HOUR)}


async def test_busy_days_keep_their_hours_and_others_do_not(mongo: Mongo, rollups: House) -> None:
    rng, world = random.Random(5), World(mongo)
    await world.add_catalogue()
    rows = busy_rows(rng, 200)
    await world.add(rows)
    await world.mark(rows)
    await rollups.rollups.run()
    busy = await busy_days(mongo)
    for track in TRACKS:
        for day in {TODAY - number * DAY for number in DAYS_AGO}:
            of_day = within(rows, Interval(day, day + DAY), [track])
            assert ((track, day) in busy) == (len(of_day) >= BUSY_FROM)
            if of_day and (track, day) in busy:
                stored = busy[track, day]["hours"]
                assert {int(hour) for hour in stored} == hours_of(of_day).keys()
                assert count_in(stored) == len(of_day)


async def test_a_day_that_is_no_longer_busy_has_no_hours(mongo: Mongo, rollups: House) -> None:
    world = World(mongo)
    await world.add_catalogue()
    rows = [random_row(random.Random(n), days=1) | {"trackId": TRACKS[0], "timestamp": NOW} for n in range(BUSY_FROM)]
    await world.add(rows)
    await world.mark(rows)
    await rollups.rollups.run()
    assert len(await busy_days(mongo)) == 1
    await world.erase(rows[:1])
    await rollups.rollups.run()
    assert await busy_days(mongo) == {}


async def marked_in_one_hour(mongo: Mongo, at_house: House) -> World:
    """A busy day of one track, rolled up, and then another play in its twelfth hour."""
    rng, world = random.Random(6), World(mongo)
    await world.add_catalogue()
    rows = busy_rows(rng, 300, trackId=TRACKS[0])
    await world.add(rows)
    await world.mark(rows)
    await at_house.rollups.run()
    await at_house.backfills.idle()
    late = busy_rows(rng, 1, trackId=TRACKS[0], kind=EventType.DOWNLOAD)
    late[0]["timestamp"] = TODAY + 11 * HOUR + HOUR / 2
    await world.add(late)
    await world.mark(late)
    return world


def raw_parts(plans: list[Any]) -> list[dict[str, Any]]:
    """The stretches of rows that were added up."""
    asked = [plan.command["pipeline"][0]["$match"] for plan in plans if plan.collection == "download_events"]
    return [one["timestamp"] for match in asked for one in match.get("$or", [match])]


async def test_only_the_hour_that_changed_is_read_raw(mongo: Mongo, recorded: RecordedMongo, rollups: House) -> None:
    await marked_in_one_hour(mongo, rollups)
    for scope in (Scope(track=TRACKS[0]), Scope()):
        recorded.recorder.commands.clear()
        await analytics(recorded, NOW.replace(hour=0, minute=0)).analyse(scope, TimeRange.DAY)
        plans = await plans_of(recorded)
        changed = {"$gte": TODAY + 11 * HOUR, "$lt": TODAY + 12 * HOUR}
        parts = raw_parts(plans)
        assert changed in parts
        assert [one for one in parts if one["$gte"] >= TODAY] == [changed]
        assert not [plan for plan in plans if "COLLSCAN" in plan.stages]


async def test_a_part_of_a_busy_day_is_made_of_hours(mongo: Mongo, recorded: RecordedMongo, rollups: House) -> None:
    """Of the day on which the last thirty begin, only the rest of one hour is read raw."""
    await marked_in_one_hour(mongo, rollups)
    await analytics(recorded).analyse(Scope(track=TRACKS[0]), TimeRange.MONTH)
    edge = NOW - 30 * DAY
    first = [one for one in raw_parts(await plans_of(recorded)) if one["$gte"] < edge + DAY]
    assert first == [{"$gte": edge, "$lt": Granularity.HOUR.after(Granularity.HOUR.start_of(edge))}]


async def test_days_with_hours_are_found_by_an_index(mongo: Mongo, recorded: RecordedMongo, rollups: House) -> None:
    await marked_in_one_hour(mongo, rollups)
    await analytics(recorded).analyse(Scope(artist="artist-1"), TimeRange.MONTH, metric=Metric.PLAYS)
    asked = [plan for plan in await plans_of(recorded) if "hours" in str(plan.command.get("filter"))]
    assert len(asked) == 2
    for plan in asked:
        assert set(plan.indexes) <= {"days_with_hours", "track_period_unique"}, plan
        assert plan.documents_examined <= len(DAYS_AGO), plan


@pytest.mark.parametrize("scope", [Scope(track=TRACKS[0]), Scope()])
async def test_listeners_of_hours_are_estimated_by_the_day(
    mongo: Mongo, rollups: House, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of today by its sketch and the rows of the changed hour, those of a part of a day by its rows."""
    world = await marked_in_one_hour(mongo, rollups)
    plays = [row | {"_id": ObjectId(), "sessionId": f"new-{n}"} for n, row in enumerate(within_hour(world, 40))]
    await world.add(plays)
    await world.mark(plays)
    monkeypatch.setattr(uniques, "RECOUNTED_UP_TO", 0)
    for time_range in (TimeRange.DAY, TimeRange.WEEK, TimeRange.MONTH):
        found = await analytics(mongo).analyse(scope, time_range)
        heard = sessions(within(world.rows, range_before(time_range)))
        assert found.uniques == Uniques(len(heard), is_estimate=True)
        assert found.tally == recount(within(world.rows, range_before(time_range))).counted


def within_hour(world: World, count: int) -> list[Row]:
    row = next(row for row in world.rows if row["kind"] is EventType.PLAY and "excluded" not in row)
    return [row | {"timestamp": TODAY + 11 * HOUR + timedelta(minutes=n)} for n in range(count)]


async def test_an_archived_day_is_not_made_of_hours(mongo: Mongo, rollups: House) -> None:
    world = await marked_in_one_hour(mongo, rollups)
    await world.archive(TRACKS[0], TODAY - 7 * DAY)
    await world.mark(within(world.rows, Interval(TODAY - 7 * DAY, TODAY - 6 * DAY))[:1])
    found = await analytics(mongo).analyse(Scope(track=TRACKS[0]), TimeRange.MONTH)
    assert found.tally == recount(within(world.rows, range_before(TimeRange.MONTH))).counted
    await rollups.rollups.run()
    assert (TRACKS[0], TODAY - 7 * DAY) not in await busy_days(mongo)


async def test_hours_that_were_changed_are_found_and_repaired(mongo: Mongo, rollups: House) -> None:
    world = await marked_in_one_hour(mongo, rollups)
    await rollups.rollups.run()
    await mongo.db["daily_stats"].update_one({"date": TODAY}, {"$inc": {"hours.3.counted.totalPlays": 7}})
    report = await rollups.reconciliation.run()
    assert [(one.track_id, one.field) for one in report.found_in_buckets] == [(TRACKS[0], "hours.3.totalPlays")]
    assert (await rollups.reconciliation.run()).found_in_buckets == ()
    late = world.rows[:1]
    await world.mark([late[0] | {"timestamp": TODAY + 11 * HOUR}])
    found = await analytics(mongo).analyse(Scope(track=TRACKS[0]), TimeRange.DAY)
    assert found.tally == recount(within(world.rows, range_before(TimeRange.DAY))).counted

"""Present days of tracks take turns where reading all their rows again would be too much; nothing else ever waits."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from app.models.stats.events import EventType
from app.models.stats.periods import day_of
from app.repositories.mongo import Mongo
from tests.integration.explained import RecordedMongo
from tests.integration.stats.recounting import BUSY_FROM, DAY, NOW, TRACKS, Row, World, random_row
from tests.integration.stats.rollup_house import Clock, House, add_tracks, assert_right, close_all, house
from tests.integration.stats.test_rollup_queries import assert_indexed

TODAY = day_of(NOW)
QUIET, BUSY = TRACKS[0], TRACKS[1:4]
A_LITTLE = 10


@pytest.fixture
async def world(mongo: Mongo) -> World:
    """Ten plays of a quiet track today, and a busy day of three others, rolled up."""
    made = World(mongo)
    await made.add_catalogue()
    await came(made, QUIET, 10)
    for track in BUSY:
        await came(made, track, BUSY_FROM + 10)
    return made


@pytest.fixture
async def hurried(mongo: Mongo, world: World) -> AsyncIterator[House]:
    """Reads little again in one run."""
    at_house = house(mongo, Clock(NOW), BUSY_FROM, read_whole=0, read_again=A_LITTLE)
    await at_house.rollups.run()
    await at_house.backfills.idle()
    yield at_house
    await close_all()


async def came(world: World, track: str, count: int, moment: Any = NOW) -> list[Row]:
    """Plays, all within an hour."""
    rng = random.Random(count)
    rows = [random_row(rng) | {"trackId": track, "kind": EventType.PLAY} for _ in range(count)]
    for number, row in enumerate(rows):
        row["timestamp"] = moment - timedelta(seconds=number)
    await world.add(rows)
    await world.mark(rows)
    return rows


async def marked(mongo: Mongo) -> dict[str, set[str]]:
    return {row["_id"]: set(row["dirty"]) async for row in mongo.db["tracks"].find({"isDirty": True})}


async def advance(at_house: House) -> None:
    """A run, a moment after the one before."""
    at_house.clock.time += timedelta(seconds=30)
    await at_house.rollups.advance()


async def test_where_little_happens_nobody_waits(mongo: Mongo, world: World) -> None:
    at_house = house(mongo, Clock(NOW), BUSY_FROM, read_whole=0)
    for _ in range(3):
        await advance(at_house)
        assert await marked(mongo) == {}
        await assert_right(mongo, uniques=False)
        for track in (QUIET, *BUSY):
            await came(world, track, 3)
    await close_all()


async def test_the_oldest_bucket_is_next(mongo: Mongo, world: World, hurried: House) -> None:
    waiting = set()
    for track in BUSY:
        await came(world, track, 3)
        waiting.add(track)
    seen = []
    while waiting:
        await advance(hurried)
        [done] = waiting - (await marked(mongo)).keys()
        seen.append(done)
        waiting.remove(done)
        # What is marked again has had its turn.
        await came(world, done, 1)
    assert len(seen) == len(set(seen)) == len(BUSY)
    await advance(hurried)
    assert seen[0] not in await marked(mongo)


async def test_a_day_without_a_bucket_comes_first(mongo: Mongo, world: World, hurried: House) -> None:
    for track in BUSY:
        await came(world, track, 3)
    await came(world, TRACKS[5], 2 * BUSY_FROM)
    await advance(hurried)
    assert (await marked(mongo)).keys() < set(BUSY)


@pytest.mark.parametrize("made_at", [None, "yesterday", 5])
async def test_a_bucket_of_who_knows_when_comes_first(
    mongo: Mongo, world: World, hurried: House, made_at: object
) -> None:
    for track in BUSY:
        await came(world, track, 3)
    await mongo.db["daily_stats"].update_one({"trackId": BUSY[2]}, {"$set": {"updatedAt": made_at}})
    await advance(hurried)
    assert BUSY[2] not in await marked(mongo)


async def test_past_days_and_small_ones_do_not_wait(mongo: Mongo, world: World, hurried: House) -> None:
    for track in BUSY:
        await came(world, track, 3)
        await came(world, track, 3, NOW - DAY)
    await advance(hurried)
    today = TODAY.date().isoformat()
    assert set().union(*(await marked(mongo)).values()) == {today}


async def test_what_was_erased_does_not_wait(mongo: Mongo, world: World, hurried: House) -> None:
    for track in BUSY:
        await world.erase([row for row in world.rows if row["trackId"] == track][:2])
    await advance(hurried)
    assert await marked(mongo) == {}
    await assert_right(mongo)


async def test_nobody_waits_longer_than_ten_minutes(mongo: Mongo, world: World) -> None:
    many = [f"one-of-many-{number}" for number in range(60)]
    await add_tracks(mongo, *many)
    at_house = house(mongo, Clock(NOW), BUSY_FROM, read_again=1)
    for _ in range(2):
        for number, track in enumerate(many):
            await came(world, track, 1 + number % 4)
        await advance(at_house)
    runs = 1
    while await marked(mongo):
        await advance(at_house)
        runs += 1
    assert runs == 20
    await assert_right(mongo)
    assert (await at_house.reconciliation.run(repair=False)).found_in_buckets == ()
    await close_all()


async def test_a_whole_run_waits_for_nothing(mongo: Mongo, world: World, hurried: House) -> None:
    for track in BUSY:
        await came(world, track, 3)
    await hurried.rollups.run()
    assert await marked(mongo) == {}


async def test_turns_are_asked_for_by_index(mongod: str, mongo: Mongo, world: World, hurried: House) -> None:
    for track in BUSY:
        await came(world, track, 3)
    recorded = RecordedMongo(mongod, mongo.db.name)
    await house(recorded, hurried.clock, BUSY_FROM, read_again=A_LITTLE).rollups.advance()
    await assert_indexed(recorded)
    recorded.close()

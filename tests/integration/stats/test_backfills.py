"""Ranges of days, rolled up in the background and by whoever is left."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.errors import Invalid, NotFound, Unavailable
from app.models.stats.backfills import BackfillState
from app.models.stats.periods import Interval, Period
from app.repositories.mongo import Mongo
from tests.integration.stats.rollup_house import (
    DAY,
    NOW,
    House,
    add_tracks,
    assert_right,
    close_all,
    house,
    insert,
    play,
    random_rows,
)

TODAY = NOW.replace(hour=0)
START = TODAY - 40 * DAY


@pytest.fixture(autouse=True)
async def _houses_are_closed() -> AsyncIterator[None]:
    yield
    await close_all()


@pytest.fixture
async def rows(mongo: Mongo) -> Mongo:
    """Rows of forty days that nobody has marked."""
    await add_tracks(mongo, "track-1", "track-2")
    await insert(mongo, random_rows(3, ["track-1", "track-2", "unknown"], START, 40, 500))
    return mongo


def fails_after(at_house: House, days: int, fault: BaseException) -> list[datetime]:
    """Let the making of days fail after so many; returns the days that were made."""
    made: list[datetime] = []
    tracks_on = at_house.days.tracks_on

    async def tracks_on_or_fail(day: datetime) -> list[str]:
        if len(made) == days:
            raise fault
        made.append(day)
        return await tracks_on(day)

    at_house.days.tracks_on = tracks_on_or_fail
    return made


async def test_a_backfill_rolls_up_what_is_there(rows: Mongo) -> None:
    at_house = house(rows)
    job = await at_house.backfills.start(Interval(START, TODAY))
    await at_house.backfills.idle()
    backfill = await at_house.backfills.get(job)
    assert (backfill.state, backfill.days, backfill.days_done, backfill.error) == (BackfillState.DONE, 40, 40, None)
    await assert_right(rows)
    assert await at_house.coverage.covered_from() is None


async def test_parts_of_days_are_whole_days(rows: Mongo) -> None:
    at_house = house(rows)
    one = await at_house.backfills.order(Interval(TODAY - DAY + timedelta(hours=5), TODAY + timedelta(minutes=1)))
    assert one.interval == Interval(TODAY - DAY, TODAY + DAY)


async def test_an_empty_range_and_an_unknown_job_are_refused(mongo: Mongo) -> None:
    at_house = house(mongo)
    with pytest.raises(Invalid):
        await at_house.backfills.start(Interval(TODAY, TODAY))
    with pytest.raises(NotFound):
        await at_house.backfills.get("nonsense")


async def test_the_same_range_is_the_same_job_until_it_is_done(rows: Mongo) -> None:
    at_house = house(rows)
    first, second = [await at_house.backfills.start(Interval(START, TODAY)) for _ in range(2)]
    assert first == second
    await at_house.backfills.idle()
    assert await at_house.backfills.start(Interval(START, TODAY)) != first


async def test_another_process_goes_on_where_one_was_cut_off(rows: Mongo) -> None:
    dying, heir = house(rows), house(rows)
    made = fails_after(dying, 25, asyncio.CancelledError())
    job = await dying.backfills.start(Interval(START, TODAY))
    await dying.backfills.idle()
    backfill = await heir.backfills.get(job)
    assert (backfill.state, backfill.done_from) == (BackfillState.RUNNING, made[-1])
    rest = fails_after(heir, 1_000, AssertionError())
    await heir.rollups.run()
    await heir.backfills.idle()
    assert (await heir.backfills.get(job)).state is BackfillState.DONE
    assert rest[:1] == [made[-1] - DAY]
    await assert_right(rows)


async def test_a_database_that_goes_away_leaves_it_unfinished(rows: Mongo) -> None:
    at_house = house(rows)
    fails_after(at_house, 5, Unavailable("away"))
    job = await at_house.backfills.start(Interval(START, TODAY))
    await at_house.backfills.idle()
    assert (await at_house.backfills.get(job)).state is BackfillState.RUNNING


async def test_a_fault_of_ours_ends_it_and_is_told(rows: Mongo) -> None:
    at_house = house(rows)
    fails_after(at_house, 5, RuntimeError("no such thing"))
    job = await at_house.backfills.start(Interval(START, TODAY))
    await at_house.backfills.idle()
    backfill = await at_house.backfills.get(job)
    assert (backfill.state, backfill.error) == (BackfillState.FAILED, "RuntimeError: no such thing")


async def test_what_another_process_works_on_is_left_to_it(rows: Mongo) -> None:
    at_house = house(rows)
    backfill = await at_house.backfills.order(Interval(START, TODAY))
    leases = rows.db["leases"]
    held = {"_id": f"backfill-{backfill.id}", "owner": "other", "expiresAt": datetime(2999, 1, 1, tzinfo=UTC)}
    await leases.insert_one(held)
    await at_house.rollups.run()
    await at_house.backfills.idle()
    assert (await at_house.backfills.get(backfill.id)).state is BackfillState.WAITING
    await leases.delete_many({})
    await at_house.rollups.run()
    await at_house.backfills.idle()
    assert (await at_house.backfills.get(backfill.id)).state is BackfillState.DONE


async def test_whoever_completes_it_hears_how_far_it_is(rows: Mongo) -> None:
    at_house = house(rows)
    heard: list[int] = []
    ordered = await at_house.backfills.order(Interval(START, TODAY))
    done = await at_house.backfills.complete(ordered.id, lambda backfill: heard.append(backfill.days_done))
    assert done.state is BackfillState.DONE
    assert heard == sorted(heard)
    assert (heard[0], heard[-1]) == (0, 40)
    await assert_right(rows)


async def test_rows_from_before_this_program_become_covered(rows: Mongo) -> None:
    at_house = house(rows)
    await at_house.rollups.run()
    await at_house.backfills.idle()
    assert await at_house.coverage.covered_from() == START
    await assert_right(rows)
    # Older ones are found as well, but not looked for at every run.
    await insert(rows, {"play_events": [play("track-1", START - 1_000 * DAY)]})
    await at_house.rollups.run()
    await at_house.backfills.idle()
    assert await at_house.coverage.covered_from() == START
    at_house.clock.time += timedelta(minutes=11)
    await at_house.rollups.run()
    await at_house.backfills.idle()
    assert await at_house.coverage.covered_from() == START - 1_000 * DAY
    await assert_right(rows)


async def test_covered_is_only_what_is_done(rows: Mongo) -> None:
    at_house = house(rows)
    made = fails_after(at_house, 10, asyncio.CancelledError())
    await at_house.rollups.run()
    await at_house.backfills.idle()
    assert await at_house.coverage.covered_from() == made[-1]


async def test_stale_buckets_without_events_become_zero(mongo: Mongo) -> None:
    at_house = house(mongo)
    computed = await at_house.days.compute({TODAY - DAY: ["track-1"]})
    computed.buckets[0].split.counted.plays = 7
    await at_house.rollups_store.replace(computed, NOW)
    await at_house.rollups.rebuild(Interval(TODAY - 5 * DAY, TODAY))
    await assert_right(mongo)
    assert await mongo.db["daily_stats"].count_documents({"totalPlays": 0}) == 1


async def test_a_long_empty_time_costs_nothing(mongo: Mongo) -> None:
    at_house = house(mongo)
    made: list[Any] = []
    compute = at_house.platform.compute

    async def counted(period: Period) -> Any:
        made.append(period)
        return await compute(period)

    at_house.platform.compute = counted
    await insert(mongo, {"play_events": [play("a", TODAY - 20_000 * DAY), play("a", TODAY)]})
    await at_house.rollups.rebuild(Interval(TODAY - 20_000 * DAY, TODAY + DAY))
    assert len(made) == 8
    await assert_right(mongo)


@pytest.mark.parametrize(("end", "covered"), [(TODAY - 8 * DAY, START), (TODAY - 9 * DAY, TODAY - 8 * DAY)])
async def test_days_that_are_asked_for_are_covered_when_no_gap_is_left(
    rows: Mongo, end: datetime, covered: datetime
) -> None:
    at = house(rows)
    await at.coverage.extend(TODAY - 8 * DAY)
    await at.backfills.start(Interval(START, end))
    await at.backfills.idle()
    assert await at.coverage.covered_from() == covered

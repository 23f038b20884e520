"""The quota ledger: no interleaving of calls lets more of them arrive than any window allows."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.models.licensing.quotas import LONGEST_CALL, CountedWindow, Leaving, Wish
from app.repositories.mongo import Mongo
from app.repositories.provider_quotas import ProviderQuotaRepository
from tests.integration.explained import RecordedMongo, plans_of
from tests.integration.licensing.quota_world import BEGINNING, PROVIDER, QuotaWorld, standard_windows

SECOND = CountedWindow("perSecond", timedelta(seconds=1), 2)
SEARCHES = CountedWindow("searches", timedelta(minutes=1), 2, path="search")

_share = st.sampled_from([0.0, 0.5, 1.0])
# Around the edges of slots, windows and the longest call.
_PASSES = [1, 99, 100, 101, 499, 999, 1_000, 1_100, 14_999, 15_000, 44_600, 45_000, 59_600, 59_999, 60_000, 61_000]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), st.sampled_from(["search", "track"]), st.integers(1, 4), st.booleans()),
        st.tuples(st.just("end"), st.integers(0, 50), _share),
        st.tuples(st.just("kill"), st.integers(0, 50), _share),
        st.tuples(st.just("pass"), st.sampled_from(_PASSES)),
    ),
    max_size=30,
)
WINDOWS = st.builds(
    standard_windows,
    st.integers(1, 3),
    st.sampled_from([None, 4, 9]),
    st.none(),
).flatmap(lambda windows: st.sampled_from([windows, (*windows, SEARCHES), (*windows, SECOND, SEARCHES)]))


async def live(world: QuotaWorld, steps: list[tuple]) -> None:
    for name, *details in steps:
        if name == "reserve":
            kind, count, background = details
            await world.reserve(kind, count, background=background)
        elif name == "pass":
            world.now += timedelta(milliseconds=details[0])
        elif world.under_way and name == "end":
            await world.end(*details)
        elif world.under_way:
            world.kill(*details)


@pytest.mark.slow
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(windows=WINDOWS, steps=STEPS)
async def test_no_window_ever_holds_more_than_its_limit(
    mongo: Mongo, windows: tuple[CountedWindow, ...], steps: list[tuple]
) -> None:
    await mongo.db["provider_quotas"].delete_many({})
    world = QuotaWorld(mongo, windows, BEGINNING + timedelta(milliseconds=470))
    await live(world, steps)
    for call in world.under_way:
        world.arrive(call, 1.0)
    for window in windows:
        if window.limit is not None:
            assert world.most_within(window) <= window.limit, window.name
    # Whatever was left behind has gone when all windows have passed.
    world.now += timedelta(hours=2)
    assert await world.reserve("track", 1) == 1


async def test_people_come_first_and_all_in_one_update(mongo: Mongo) -> None:
    world = QuotaWorld(mongo, standard_windows(10))
    turn = await world.turn(Wish("search", False, 3), Wish("track", False, 2), Wish("walk", True, 9))
    assert turn.granted == (3, 2, 3)
    assert turn.standing.windows[0].usage == 8


async def test_background_calls_see_four_fifths_of_every_limit(mongo: Mongo) -> None:
    world = QuotaWorld(mongo, standard_windows(9))
    assert await world.reserve("walk", 20, background=True) == 7
    assert await world.reserve("search", 20) == 2


async def test_the_smallest_limit_still_has_a_place_for_the_background(mongo: Mongo) -> None:
    world = QuotaWorld(mongo, standard_windows(1))
    assert await world.reserve("walk", 5, background=True) == 1


async def test_a_call_counts_for_a_window_after_its_end_and_no_longer(mongo: Mongo) -> None:
    world = QuotaWorld(mongo, standard_windows(1))
    assert await world.reserve("search", 1) == 1
    world.now += timedelta(seconds=2)
    await world.end(0, 1)
    world.now += timedelta(seconds=60)
    assert await world.reserve("search", 1) == 0
    world.now += timedelta(seconds=1)
    assert await world.reserve("search", 1) == 1


async def test_a_killed_call_counts_for_the_longest_duration_more(mongo: Mongo) -> None:
    world = QuotaWorld(mongo, standard_windows(1))
    assert await world.reserve("search", 1) == 1
    world.now += timedelta(seconds=60) + LONGEST_CALL
    assert await world.reserve("search", 1) == 0
    world.now += timedelta(seconds=1)
    assert await world.reserve("search", 1) == 1


async def test_a_place_is_given_back_once(mongo: Mongo) -> None:
    world = QuotaWorld(mongo, standard_windows(4))
    await world.reserve("search", 2)
    reserved_at = world.under_way[0].reserved_at
    world.now += timedelta(seconds=5)
    turn = await world.turn(leaving=(Leaving("search", reserved_at, 1),))
    assert turn.standing.windows[0].usage == 2
    assert sorted(one.calls for one in turn.standing.windows[0].counted) == [1, 1]
    # One that is long forgotten is not counted anew.
    world.now += timedelta(hours=2)
    turn = await world.turn(leaving=(Leaving("search", reserved_at, 1),))
    assert turn.standing.windows[0].usage == 0


async def test_a_limit_that_is_set_later_holds_for_the_calls_before(mongo: Mongo) -> None:
    world = QuotaWorld(mongo, standard_windows(None, None, None))
    assert await world.reserve("search", 30) == 30
    world.windows = standard_windows(None, 40, None)
    assert await world.reserve("search", 30) == 10


async def test_other_kinds_do_not_count_in_a_window_of_one_kind(mongo: Mongo) -> None:
    world = QuotaWorld(mongo, standard_windows(100, None, None, SEARCHES))
    assert await world.reserve("track", 20) == 20
    assert await world.reserve("search", 20) == 2
    assert await world.reserve("track", 20) == 20


async def test_nobody_gets_a_place_while_the_provider_wants_none(mongo: Mongo) -> None:
    world = QuotaWorld(mongo, standard_windows(10))
    await world.ledger.block(PROVIDER, timedelta(seconds=90))
    # A shorter wish does not end it.
    await world.ledger.block(PROVIDER, timedelta(seconds=1))
    turn = await world.turn(Wish("search", False, 1))
    assert turn.granted == (0,)
    assert turn.standing.free_at("search") == BEGINNING + timedelta(seconds=90)
    world.now += timedelta(seconds=90)
    assert await world.reserve("search", 1) == 1


async def test_the_time_of_the_next_place_is_right_to_the_slot(mongo: Mongo) -> None:
    world = QuotaWorld(mongo, standard_windows(2, 3))
    for _ in range(2):
        await world.reserve("search", 1)
        world.now += timedelta(seconds=1)
        await world.end(0, 1)
    turn = await world.turn(Wish("search", False, 1))
    free_at = turn.standing.free_at("search")
    world.now = free_at - timedelta(milliseconds=1)
    assert await world.reserve("search", 1) == 0
    world.now = free_at
    assert await world.reserve("search", 1) == 1


async def test_the_document_stays_small(mongo: Mongo) -> None:
    world = QuotaWorld(mongo, standard_windows(None, None, None, SECOND))
    for _ in range(400):
        if await world.reserve("search", 1):
            world.now += timedelta(milliseconds=40)
            await world.end(0, 1)
        world.now += timedelta(seconds=7)
    ledger = await mongo.db["provider_quotas"].find_one({"_id": PROVIDER.value})
    assert ledger is not None
    assert {name: len(entries) <= 62 for name, entries in ledger["windows"].items()} == dict.fromkeys(
        ledger["windows"], True
    )


async def test_many_at_once_on_the_servers_own_clock(mongo: Mongo) -> None:
    ledger = ProviderQuotaRepository(mongo)
    windows = standard_windows(50)
    turns = await asyncio.gather(*(ledger.turn(PROVIDER, windows, [Wish("search", False, 3)], []) for _ in range(40)))
    assert sum(turn.granted[0] for turn in turns) == 50


async def test_the_ledger_is_found_by_its_id(mongod: str, mongo: Mongo) -> None:
    recorded = RecordedMongo(mongod, mongo.db.name)
    ledger = ProviderQuotaRepository(recorded)
    try:
        await ledger.turn(PROVIDER, standard_windows(5), [Wish("search", False, 1)], [])
        await ledger.block(PROVIDER, timedelta(0))
        await ledger.standings({PROVIDER: standard_windows(5)})
        plans = await plans_of(recorded)
    finally:
        recorded.close()
    assert len(plans) == 3
    assert all(plan.documents_examined <= 1 for plan in plans)
    assert not any("COLLSCAN" in plan.stages for plan in plans)

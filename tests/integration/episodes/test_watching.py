"""Views are written once, by their own player only, whatever comes twice, at once, or too late."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.errors import Conflict, DomainError, Invalid, NotFound
from app.models.episodes.watching import Beat, Completion, Recorded, Report
from app.repositories.episode_views import EpisodeViewRepository
from app.repositories.mongo import Mongo
from app.services.episodes.watch_clock import follow
from tests.integration.episodes.watching_house import DURATION, START, WatchingHouse, episode


@pytest.fixture
async def house(mongo: Mongo) -> AsyncIterator[WatchingHouse]:
    await mongo.db["episodes"].insert_many([episode(1), episode(2), episode(3), episode(9, "other")])
    house = WatchingHouse(mongo)
    yield house
    await house.wing.drain()


async def test_a_start_keeps_who_watches_what_from_where(house: WatchingHouse) -> None:
    view_id, _ = await house.begin()
    row = await house.view(view_id)
    assert (row["tenant"], row["show"], row["season"], row["episode"]) == ("acme", 1, 1, 1)
    assert (row["user"], row["device_id"], row["ip"], row["user_agent"]) == ("ada", "tv", "192.0.2.0", "A browser")
    assert (row["started_at"], row["day"], row["seen_at"]) == (START, "2026-11-28", START)
    assert (row["duration_seconds"], row["is_open"], row["dirty"], row["revision"]) == (DURATION, True, True, 1)


async def test_one_token_begins_one_view_however_often_it_is_used_at_once(house: WatchingHouse) -> None:
    token = await house.token()
    ids = await asyncio.gather(*(house.start(token) for _ in range(50)))
    assert len({*ids, await house.start(token)}) == 1
    assert await house.mongo.db["episode_views"].count_documents({}) == 1


async def test_audiences_count_each_viewer_once(house: WatchingHouse) -> None:
    for user, number in (("ada", 1), ("ada", 1), ("ada", 2), ("bo", 1), ("bo", 3)):
        await house.begin(user, number)
    expected = {"episode:1": 2, "episode:2": 1, "episode:3": 1, "season:1": 2, "season:2": 1, "show:1": 2}
    assert await house.audiences() == expected == await house.counted_viewers()


@pytest.mark.parametrize("seconds", [3_600, 100_000])
async def test_a_token_that_has_ended_begins_nothing(house: WatchingHouse, seconds: int) -> None:
    token = await house.token()
    house.clock.pass_by(seconds)
    with pytest.raises(Invalid) as refused:
        await house.start(token)
    assert [fault.field for fault in refused.value.errors] == ["playback_token"]


async def test_a_token_begins_only_what_it_was_made_for(house: WatchingHouse) -> None:
    token = await house.token()
    for wrong in (house.start(token, user="bo"), house.start(token, number=2), house.start("a.b.c")):
        with pytest.raises(Invalid):
            await wrong
    for unknown in (house.start(token, number=9), house.start(token, number=77), house.token(number=9)):
        with pytest.raises(NotFound):
            await unknown
    assert await house.mongo.db["episode_views"].count_documents({}) == 0


async def test_beats_and_completion_change_the_view_as_the_clock_allows(house: WatchingHouse) -> None:
    view_id, token = await house.begin()
    for number in (1, 2, 3):
        house.clock.pass_by(15)
        await house.report(view_id, token, Beat(15.0, 15.0 * number))
    await house.report(view_id, token, Completion(50.0, completed=True))
    row = await house.view(view_id)
    assert (row["total_seconds"], row["completed"], row["completed_at"]) == (50.0, True, house.clock.at)
    assert (row["covered"], row["heat"], row["seen_at"]) == ([[0, 6]], {"0": 45.0}, house.clock.at)
    assert row["unique_seconds"] == pytest.approx(43.2)
    assert row["last_heartbeat_at"] == house.clock.at
    assert row["revision"] == 5


async def test_a_thousand_beats_at_once_are_no_more_than_the_clock_allows(house: WatchingHouse) -> None:
    view_id, token = await house.begin()
    house.clock.pass_by(30)
    await asyncio.gather(*(house.report(view_id, token, Beat(120.0, 120.0)) for _ in range(1_000)))
    row = await house.view(view_id)
    assert (row["total_seconds"], row["unique_seconds"]) == (65.0, 65.0)


async def test_nobody_else_changes_a_view(house: WatchingHouse) -> None:
    view_id, token = await house.begin()
    other_view, other_token = await house.begin("bo")
    before = [await house.view(view_id), await house.view(other_view)]
    for content in (Beat(15.0, 15.0), Completion(99.0, completed=True)):
        for wrong in (
            house.report(view_id, other_token, content, "bo"),
            house.report(view_id, other_token, content),
            house.report(other_view, token, content),
            house.report(view_id, token, content, "bo"),
            house.report(view_id + 77_000, token, content),
            house.report(view_id, token[:-2], content),
        ):
            with pytest.raises(NotFound, match="View not found"):
                await wrong
    assert [await house.view(view_id), await house.view(other_view)] == before


async def test_a_view_is_reported_on_for_a_day(house: WatchingHouse) -> None:
    view_id, token = await house.begin()
    house.clock.pass_by(24 * 3_600)
    await house.report(view_id, token, Beat(15.0, 15.0))
    house.clock.pass_by(1)
    with pytest.raises(Conflict, match="call play again"):
        await house.report(view_id, token, Beat(15.0, 30.0))
    assert (await house.view(view_id))["total_seconds"] == 15.0


async def test_a_group_that_is_written_again_counts_nothing_twice(house: WatchingHouse, mongo: Mongo) -> None:
    view_id, token = await house.begin()
    claim = await house.wing.watching.identify("acme", "ada", token)
    at = START + timedelta(seconds=40)
    reports = [Report(f"key-{number}", view_id, claim, at, Beat(3.0, None)) for number in range(5)]
    views = EpisodeViewRepository(mongo)
    for _ in range(2):
        outcomes = await views.record(reports, lambda view, report: follow(view, report.content, report.at))
        assert outcomes == [Recorded(view_id, True, ())] * 5
    row = await house.view(view_id)
    assert (row["total_seconds"], row["revision"]) == (15.0, 2)


async def test_a_report_that_is_refused_costs_its_group_nothing(house: WatchingHouse) -> None:
    view_id, token = await house.begin()
    house.clock.pass_by(15)
    good = [house.report(view_id, token, Beat(1.0, None)) for _ in range(5)]
    bad = [house.report(view_id + 1, token, Beat(1.0, None)) for _ in range(5)]
    outcomes = await asyncio.gather(*good, *bad, return_exceptions=True)
    assert outcomes[:5] == [None] * 5
    assert all(isinstance(outcome, DomainError) for outcome in outcomes[5:])
    assert (await house.view(view_id))["total_seconds"] == 5.0


async def test_silent_views_are_closed_with_what_they_have_and_opened_by_the_next_beat(house: WatchingHouse) -> None:
    silent, token = await house.begin()
    house.clock.pass_by(29 * 60)
    awake, _ = await house.begin("bo")
    assert await house.wing.closing.run() == {"closed": 0}
    house.clock.pass_by(61)
    before = await house.view(silent)
    assert await house.wing.closing.run() == {"closed": 1}
    assert await house.view(silent) == {name: value for name, value in before.items() if name != "is_open"}
    assert (await house.view(awake))["is_open"] is True
    await house.report(silent, token, Beat(15.0, None))
    assert (await house.view(silent))["is_open"] is True
    assert await house.wing.closing.run() == {"closed": 0}
    house.clock.pass_by(30 * 60 + 1)
    assert await house.wing.closing.run() == {"closed": 2}


async def test_a_view_that_is_watched_for_long_is_looked_at_every_half_hour(house: WatchingHouse) -> None:
    view_id, token = await house.begin()
    for _ in range(4):
        house.clock.pass_by(20 * 60)
        await house.report(view_id, token, Beat(15.0, None))
        assert await house.wing.closing.run() == {"closed": 0}
    row = await house.view(view_id)
    assert row["look_at"] == row["started_at"] + timedelta(minutes=110)
    house.clock.pass_by(30 * 60 + 1)
    assert await house.wing.closing.run() == {"closed": 1}


async def test_a_view_that_was_rolled_up_is_dirty_again_with_the_next_report(house: WatchingHouse) -> None:
    view_id, token = await house.begin()
    for content in (Beat(1.0, None), Completion(5.0, completed=True)):
        await house.mongo.db["episode_views"].update_one({"_id": view_id}, {"$unset": {"dirty": ""}})
        before = (await house.view(view_id))["revision"]
        await house.report(view_id, token, content)
        row = await house.view(view_id)
        assert (row["dirty"], row["revision"]) == (True, before + 1)


async def test_erasure_takes_views_and_viewers_lowers_audiences_and_marks_the_days(house: WatchingHouse) -> None:
    for user, number in (("ada", 1), ("ada", 1), ("ada", 3), ("bo", 1)):
        await house.begin(user, number)
    views, viewers = house.wing.personal_data
    assert [row["episode"] async for row in views.export("ada")] == [1, 1, 3]
    assert sum([gone async for gone in views.erase("ada")]) == 3
    assert sum([gone async for gone in viewers.erase("ada")]) == 5
    assert await house.audiences() == {"episode:1": 1, "season:1": 1, "show:1": 1} == await house.counted_viewers()
    marks = await house.mongo.db["episode_dirty_days"].find({}).to_list(None)
    assert {mark["_id"]: mark["revision"] for mark in marks} == {"1:2026-11-28": 1, "3:2026-11-28": 1}
    assert [user["user"] async for user in house.mongo.db["episode_views"].find({})] == ["bo"]


async def test_two_processes_that_write_the_same_view_lose_nothing(house: WatchingHouse, mongo: Mongo) -> None:
    view_id, token = await house.begin()
    other = WatchingHouse(mongo)
    house.clock.pass_by(300)
    other.clock.pass_by(300)
    await asyncio.gather(
        *(which.report(view_id, token, Beat(1.0, 10.0 * at)) for at in range(1, 21) for which in (house, other))
    )
    await other.wing.drain()
    row = await house.view(view_id)
    assert row["total_seconds"] == 40.0

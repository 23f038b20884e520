"""The cache over the real store: one call for all who ask, older answers when it fails, and nothing left behind."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import NotFound, QuotaExceeded, Unavailable
from app.models.licensing.cache import AnswerKey, Looked, Shelf
from app.models.licensing.providers import CacheKind, CacheTtl, Capabilities, ProviderName
from app.models.licensing.search import Source
from app.repositories.mongo import Mongo
from app.services.licensing.answers.flights import CacheTiming
from app.services.licensing.errors import NotConfigured, ProviderFailed
from tests.licensing.cache_house import UNHURRIED, CacheHouse, FakeSetups, HeldProvider, SetClock, provider
from tests.licensing.fake_provider import setup
from tests.waiting import eventually

NAME = ProviderName.SOUNDSTRIPE
TRACKS = Shelf(NAME, CacheKind.TRACK)


class Two:
    """Two processes with one provider, whose calls are counted together."""

    def __init__(self, mongo: Mongo, one: HeldProvider | None = None) -> None:
        self.clock = SetClock()
        self.mongo = mongo
        self.provider = one or provider()
        self.setups = FakeSetups({NAME: setup(self.provider.policy)})
        self._houses: list[CacheHouse] = []
        self.first, self.second = self.house(), self.house()

    def house(self, timing: CacheTiming = UNHURRIED) -> CacheHouse:
        self._houses.append(CacheHouse(self.mongo, self.clock, {NAME: self.provider}, self.setups, timing))
        return self._houses[-1]

    @property
    def calls(self) -> int:
        return len(self.provider.calls)

    async def close(self) -> None:
        self.provider.let_go()
        for house in self._houses:
            await house.cache.close()


@pytest.fixture
async def two(mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Two]:
    # What was emptied elsewhere is known late when the database takes longer, as it may here.
    monkeypatch.setattr("app.services.licensing.answers.generations._WAITED_SECONDS", 30)
    made = Two(mongo)
    yield made
    await made.close()


async def look(house: CacheHouse, track_id: str = "1") -> Looked:
    return await house.tracks.track(NAME, track_id)


async def under_way(two: Two, calls: int = 1) -> None:
    await eventually(lambda: two.calls >= calls)


async def shared(two: Two) -> None:
    """Come back when one process calls, and the other one has seen that and waits for it."""
    # Who calls has looked once; who waits looks again and again.
    await eventually(lambda: two.calls == 1 and max(two.first.store.looks, two.second.store.looks) > 1)


async def test_an_answer_is_kept_for_its_time_in_all_processes(two: Two) -> None:
    first = await look(two.first)
    assert (first.source, first.observed_at) == (Source.MISS, two.clock.at)
    two.clock.move(minutes=119)
    again = await look(two.first), await look(two.second), await look(two.second)
    assert {one.source for one in again} == {Source.HIT}
    assert {one.observed_at for one in again} == {first.observed_at}
    assert all(one.track == first.track for one in again)
    assert two.calls == 1
    two.clock.move(minutes=2)
    assert (await look(two.second)).source is Source.MISS
    assert two.calls == 2


async def test_kinds_have_times_of_their_own(two: Two) -> None:
    assert (await two.first.tracks.license(NAME, "1")).source is Source.MISS
    assert (await look(two.first)).source is Source.MISS
    two.clock.move(hours=23)
    assert (await two.second.tracks.license(NAME, "1")).source is Source.HIT
    assert (await look(two.second)).source is Source.MISS
    two.setups.change(NAME, cache_ttl=CacheTtl(license=timedelta(seconds=5)))
    two.clock.move(hours=2)
    assert (await two.first.tracks.license(NAME, "1")).source is Source.MISS
    two.clock.move(seconds=6)
    assert (await two.first.tracks.license(NAME, "1")).source is Source.MISS


async def test_a_hundred_equal_questions_make_one_call(two: Two) -> None:
    two.provider.hold()
    asking = [asyncio.create_task(look(house)) for house in (two.first, two.second) for _ in range(50)]
    await shared(two)
    two.provider.let_go()
    found = await asyncio.gather(*asking)
    assert two.calls == 1
    assert {one.source for one in found} == {Source.MISS}
    await two.first.counters.flush()
    totals = (await two.second.cache.report()).tally
    assert (totals.hits, totals.misses, totals.coalesced, totals.stale) == (0, 100, 99, 0)


async def test_answers_that_are_never_fresh_are_shared_too(two: Two) -> None:
    two.setups.change(NAME, cache_ttl=CacheTtl(track=timedelta(0)))
    two.provider.hold()
    asking = [asyncio.create_task(look(house)) for house in (two.first, two.second) for _ in range(3)]
    await shared(two)
    two.provider.let_go()
    await asyncio.gather(*asking)
    assert two.calls == 1
    await look(two.first)
    assert two.calls == 2


async def test_a_failure_is_shared_with_those_who_wait_for_it(two: Two) -> None:
    two.provider.hold()
    two.provider.error = ProviderFailed(NAME, "It does not answer", status=503, retry_after=timedelta(seconds=3))
    asking = [asyncio.create_task(look(house)) for house in (two.first, two.second) for _ in range(3)]
    await shared(two)
    two.provider.let_go()
    errors = await asyncio.gather(*asking, return_exceptions=True)
    assert two.calls == 1
    for error in errors:
        assert isinstance(error, ProviderFailed)
        assert (error.message, error.status, error.retry_after) == ("It does not answer", 503, timedelta(seconds=3))
    two.provider.error = None
    assert (await look(two.second)).source is Source.MISS


async def test_who_leaves_takes_nobody_along(two: Two) -> None:
    two.provider.hold()
    leaving, staying = asyncio.create_task(look(two.first)), asyncio.create_task(look(two.first))
    elsewhere = asyncio.create_task(look(two.second))
    await under_way(two)
    leaving.cancel()
    await asyncio.wait([leaving])
    two.provider.let_go()
    assert (await staying).track == (await elsewhere).track
    assert two.calls == 1


async def test_a_call_that_everybody_left_is_kept_for_the_next(two: Two) -> None:
    two.provider.hold()
    leaving = asyncio.create_task(look(two.first))
    await under_way(two)
    leaving.cancel()
    await asyncio.wait([leaving])
    two.provider.let_go()
    found = await look(two.second)
    assert found.source in {Source.HIT, Source.MISS}
    assert two.calls == 1


async def test_a_process_that_stops_hands_the_call_over(two: Two) -> None:
    two.provider.hold()
    here, there = asyncio.create_task(look(two.first)), None
    await under_way(two)
    there = asyncio.create_task(look(two.second))
    await eventually(lambda: two.second.store.looks > 1)
    await two.first.cache.close()
    with pytest.raises(Unavailable):
        await here
    await under_way(two, 2)
    two.provider.let_go()
    assert (await there).source is Source.MISS


async def test_the_claim_of_a_killed_process_ends_by_itself(two: Two) -> None:
    key = await _key_of_stored(two)
    two.clock.move(days=1)
    began = asyncio.get_running_loop().time()
    claim = await two.first.store.claim(key, "killed", timedelta(milliseconds=300), two.clock.at, 0)
    assert claim.claimed_by == "killed"
    assert (await look(two.second)).source is Source.MISS
    assert asyncio.get_running_loop().time() - began >= 0.25
    assert two.calls == 2


async def test_a_claim_outlives_its_lifetime_while_the_call_goes_on(two: Two) -> None:
    two.provider.hold()
    first = asyncio.create_task(look(two.house(replace(UNHURRIED, claim=timedelta(seconds=4)))))
    await under_way(two)
    second = asyncio.create_task(look(two.second))
    await eventually(lambda: two.second.store.looks > 1)
    ends = await _claim_ends(two)

    async def is_renewed() -> bool:
        return await _claim_ends(two) > ends

    await eventually(is_renewed)
    assert two.calls == 1
    two.provider.let_go()
    await asyncio.gather(first, second)
    assert two.calls == 1


async def test_an_older_answer_stands_in_while_the_provider_fails(two: Two) -> None:
    fresh = await look(two.first)
    two.clock.move(hours=3)
    two.provider.error = ProviderFailed(NAME, "It does not answer")
    for house in (two.first, two.second):
        stale = await look(house)
        assert (stale.source, stale.observed_at, stale.track) == (Source.STALE, fresh.observed_at, fresh.track)
    assert two.calls == 3
    two.provider.error = None
    assert (await look(two.second)).source is Source.MISS
    assert (await look(two.second)).source is Source.HIT


async def test_an_open_breaker_is_answered_from_memory_and_recovers_by_itself(two: Two) -> None:
    await look(two.first)
    two.clock.move(hours=3)
    two.provider.open_breaker()
    assert (await look(two.first)).source is Source.STALE
    calls, looks = two.calls, two.first.store.looks
    for _ in range(100):
        assert (await look(two.first)).source is Source.STALE
    assert (two.calls, two.first.store.looks) == (calls, looks)
    with pytest.raises(ProviderFailed):
        await look(two.first, "2")
    two.provider.error = None
    two.clock.move(seconds=1.1)
    assert (await look(two.first)).source is Source.MISS


async def test_a_spent_quota_is_not_tried_again_until_it_says_so(two: Two) -> None:
    await look(two.first)
    two.clock.move(hours=3)
    two.provider.spend_quota(5)
    assert (await look(two.first)).source is Source.STALE
    two.clock.move(seconds=4)
    assert (await look(two.first)).source is Source.STALE
    assert two.calls == 2
    with pytest.raises(QuotaExceeded) as refusal:
        await look(two.first, "2")
    assert refusal.value.retry_after == timedelta(seconds=5)
    two.setups.change(NAME)
    assert (await look(two.first)).source is Source.STALE
    assert two.calls == 4


async def test_a_slow_provider_does_not_keep_an_older_answer_back(two: Two) -> None:
    await look(two.first)
    two.clock.move(hours=3)
    two.provider.hold()
    house = two.house(replace(UNHURRIED, patience=timedelta(milliseconds=200)))
    asking = asyncio.create_task(look(house))
    await under_way(two, 2)  # by then the older answer is found, however long that takes
    began = asyncio.get_running_loop().time()
    assert (await asyncio.wait_for(look(house), 30)).source is Source.STALE
    assert asyncio.get_running_loop().time() - began > 0.15
    two.provider.let_go()
    await asking
    await eventually(lambda: _is_fresh(two))
    assert two.calls == 2


async def test_after_a_week_there_is_nothing_to_stand_in_however_often_it_is_asked_for(two: Two) -> None:
    # Near the server's own time, by which claims and the removal of rows go.
    two.clock.at = datetime.now(UTC) - timedelta(days=7, hours=2)
    await look(two.first)
    two.provider.error = ProviderFailed(NAME, "It does not answer")
    two.clock.move(days=7, hours=2, seconds=-1)
    for _ in range(3):
        two.setups.change(NAME)
        assert (await look(two.first)).source is Source.STALE
    two.clock.move(seconds=2)
    for house in (two.first, two.second):
        with pytest.raises(ProviderFailed):
            await look(house)


async def test_absence_is_believed_for_a_minute(two: Two) -> None:
    for house in (two.first, two.second, two.second):
        with pytest.raises(NotFound, match="Track not found"):
            await look(house, "none")
    assert two.calls == 1
    two.clock.move(seconds=61)
    two.provider.error = ProviderFailed(NAME, "It does not answer")
    with pytest.raises(ProviderFailed):
        await look(two.first, "none")


async def test_a_track_that_vanished_replaces_what_was_kept(two: Two) -> None:
    await look(two.first)
    two.clock.move(hours=3)
    two.provider.tracks.clear()
    with pytest.raises(NotFound):
        await look(two.first)
    two.clock.move(minutes=2)
    two.provider.error = ProviderFailed(NAME, "It does not answer")
    with pytest.raises(ProviderFailed):
        await look(two.first)


async def test_what_may_not_be_kept_is_not(mongo: Mongo) -> None:
    two = Two(mongo, provider(capabilities=Capabilities(may_cache_metadata=False)))
    two.provider.hold()
    asking = [asyncio.create_task(look(two.first)) for _ in range(20)]
    await under_way(two)
    two.provider.let_go()
    assert {one.source for one in await asyncio.gather(*asking)} == {Source.MISS}
    assert two.calls == 1
    await look(two.first)
    await look(two.second)
    assert two.calls == 3
    two.provider.error = ProviderFailed(NAME, "It does not answer")
    with pytest.raises(ProviderFailed):
        await look(two.first)
    assert await mongo.db["licensing_cache"].count_documents({}) == 0
    assert two.first.cache._memory.size == 0
    await two.close()


async def test_a_provider_that_is_not_set_up_is_not_asked(two: Two) -> None:
    await look(two.first)
    two.setups.change(NAME, enabled=False)
    with pytest.raises(NotConfigured, match="soundstripe is switched off"):
        await look(two.first)


async def test_another_address_is_another_provider(two: Two) -> None:
    await look(two.first)
    two.setups.change(NAME, base_url="http://127.0.0.1:2")
    assert (await look(two.first)).source is Source.MISS


async def test_a_stored_answer_of_another_shape_is_fetched_again(two: Two) -> None:
    await look(two.first)
    answers = two.mongo.db["licensing_cache"]
    for change in ({"shape": 0}, {"body": b"nonsense"}, {"body": 7}, {"freshUntil": "later"}, {"generation": None}):
        await answers.update_many({}, {"$set": change})
        house = two.house()
        assert (await look(house)).source is Source.MISS
        assert (await look(house)).source is Source.HIT
    assert two.calls == 6


async def test_invalidation_holds_here_at_once_and_elsewhere_within_a_second(two: Two) -> None:
    for house in (two.first, two.second):
        await look(house)
        await house.tracks.license(NAME, "1")
    assert await two.first.cache.invalidate(NAME, CacheKind.TRACK) == 1
    assert (await two.first.tracks.license(NAME, "1")).source is Source.HIT
    two.clock.move(seconds=1)
    assert (await look(two.second)).source is Source.MISS
    assert (await two.second.tracks.license(NAME, "1")).source is Source.HIT
    assert (await look(two.first)).source is Source.HIT
    assert two.calls == 3
    assert await two.second.cache.invalidate() == 2
    assert await two.second.cache.invalidate(ProviderName.JAMENDO) == 0
    assert (await look(two.second)).source is Source.MISS


async def test_a_call_that_was_on_its_way_when_the_cache_was_emptied_leaves_nothing(two: Two) -> None:
    two.provider.hold()
    before = [asyncio.create_task(look(house)) for house in (two.first, two.second)]
    await under_way(two)
    await two.first.cache.invalidate(NAME)
    after = asyncio.create_task(look(two.first))
    await under_way(two, 2)
    two.provider.let_go()
    await asyncio.gather(*before, after)
    assert (await look(two.first)).source is Source.HIT
    two.clock.move(seconds=1)
    found = await look(two.second)
    assert found.source is Source.HIT
    stored = [row async for row in two.mongo.db["licensing_cache"].find()]
    assert len(stored) == 1
    assert stored[0]["generation"] > 0


async def test_reports_and_counts_by_day(two: Two) -> None:
    await look(two.first)
    await look(two.second)
    await look(two.second)
    await two.first.counters.flush()
    report = await two.second.cache.report()
    (shelf,) = report.shelves
    assert shelf.shelf == TRACKS
    assert (shelf.tally.hits, shelf.tally.misses, round(shelf.tally.hit_rate)) == (2, 1, 67)
    assert shelf.holding.entries == 1
    assert 50 < shelf.holding.size < 1_000
    two.clock.move(days=29)
    assert (await two.first.cache.report()).tally.hits == 2
    two.clock.move(days=1)
    assert (await two.first.cache.report()).tally.hits == 0


async def _key_of_stored(two: Two) -> AnswerKey:
    await look(two.first)
    (stored,) = await two.mongo.db["licensing_cache"].find().to_list(None)
    return AnswerKey(stored["_id"], TRACKS)


async def _is_fresh(two: Two) -> bool:
    return (await look(two.second)).source is not Source.STALE


async def _claim_ends(two: Two) -> datetime:
    (claimed,) = await two.mongo.db["licensing_cache"].find().to_list(None)
    ends: datetime = claimed["fetching"]["until"]
    return ends

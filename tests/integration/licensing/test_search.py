"""Searches over several providers as if they were one, over the real store."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from app.errors import QuotaExceeded, UpstreamFailed
from app.models.licensing.providers import CacheKind, ProviderName
from app.models.licensing.search import ProviderState, SearchFilter, Source
from app.models.licensing.search_pages import Found, SearchRequest
from app.repositories.mongo import Mongo
from app.services.licensing.errors import NotSupported, ProviderFailed
from tests.licensing.cache_house import UNHURRIED, CacheHouse, HeldProvider, SetClock, provider
from tests.waiting import eventually

A, B, C = ProviderName.SOUNDSTRIPE, ProviderName.ARTLIST, ProviderName.JAMENDO
ANY = SearchFilter()


class Searching(CacheHouse):
    """Three providers with lists of different lengths."""

    def __init__(self, mongo: Mongo) -> None:
        self.clock = SetClock()
        self.providers: dict[ProviderName, HeldProvider] = {
            A: provider(A, 30, search_page_size=7),
            B: provider(B, 11, search_page_size=20),
            C: provider(C, 0),
        }
        super().__init__(mongo, self.clock, self.providers, patience=UNHURRIED.patience)

    async def page(self, page: int = 1, limit: int = 10, **changes: object) -> Found:
        return await self.search.search(SearchRequest(ANY, page=page, limit=limit, **changes))

    @property
    def calls(self) -> int:
        return sum(len(one.calls) for one in self.providers.values())


@pytest.fixture
async def house(mongo: Mongo) -> AsyncIterator[Searching]:
    made = Searching(mongo)
    yield made
    for one in made.providers.values():
        one.let_go()
    await made.cache.close()


@contextmanager
def hurried(house: Searching, name: ProviderName) -> Iterator[None]:
    """Searches wait a moment only for this provider, and for the others as long as it takes."""
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(house.search._parts[name], "_patience", timedelta(seconds=0.2))
        yield


def ids(found: Found) -> list[tuple[ProviderName, str]]:
    return [(track.provider, track.id) for track in found.answer.tracks]


async def test_tracks_are_dealt_in_turn(house: Searching) -> None:
    found = await house.page(limit=7)
    assert ids(found) == [(A, "0"), (B, "0"), (A, "1"), (B, "1"), (A, "2")]
    assert (found.answer.total, found.answer.source, found.page, found.limit) == (41, Source.MISS, 1, 7)
    assert found.answer.providers == {A: ProviderState.OK, B: ProviderState.OK, C: ProviderState.OK}


@pytest.mark.parametrize("says_total", [True, False])
@pytest.mark.parametrize("limit", [1, 2, 10, 100])
async def test_every_track_is_shown_once(house: Searching, limit: int, says_total: bool) -> None:
    for one in house.providers.values():
        one.says_total = says_total
    first = await house.page(limit=limit)
    pages = [first]
    while len(pages) <= pages[-1].pages:
        pages.append(await house.page(len(pages) + 1, limit))
    shown = [one for found in pages for one in ids(found)]
    assert sorted(shown) == sorted([(A, str(n)) for n in range(30)] + [(B, str(n)) for n in range(11)])
    assert all(len(found.answer.tracks) <= limit for found in pages)
    assert not pages[-1].answer.tracks
    assert len(set(house.providers[A].calls)) == len(house.providers[A].calls)
    assert len(house.providers[B].calls) == 1


async def test_only_pages_that_exist_are_asked_for(house: Searching) -> None:
    await house.page(limit=100, provider=A)
    assert sorted(house.providers[A].calls) == [f"search None {page}" for page in range(1, 6)]
    await house.page(limit=100, provider=B)
    assert house.providers[B].calls == ["search None 1"]


async def test_states_and_sources(house: Searching) -> None:
    await house.page()
    assert (await house.page()).answer.source is Source.HIT
    assert set((await house.page()).answer.providers.values()) == {ProviderState.CACHED}
    house.clock.move(hours=2)
    house.providers[A].error = ProviderFailed(A, "It does not answer")
    found = await house.page()
    assert found.answer.source is Source.STALE
    assert found.answer.providers == {A: ProviderState.STALE, B: ProviderState.OK, C: ProviderState.OK}
    house.providers[A].error = None
    found = await house.page()
    assert found.answer.providers == {A: ProviderState.OK, B: ProviderState.CACHED, C: ProviderState.CACHED}
    assert found.answer.source is Source.MISS


async def test_a_provider_that_fails_costs_its_own_part_only(house: Searching) -> None:
    house.providers[A].error = ProviderFailed(A, "It does not answer")
    found = await house.page()
    assert {name for name, _ in ids(found)} == {B}
    assert found.answer.providers == {A: ProviderState.ERROR, B: ProviderState.OK, C: ProviderState.OK}
    assert found.answer.total == 11


async def test_when_all_fail_it_is_an_error(house: Searching) -> None:
    house.providers[A].spend_quota(9)
    house.providers[B].spend_quota(4)
    house.providers[C].error = ProviderFailed(C, "It does not answer")
    with pytest.raises(UpstreamFailed, match="None of the providers"):
        await house.page()
    with pytest.raises(UpstreamFailed, match="It does not answer"):
        await house.page(provider=C)
    house.providers[C].spend_quota(7)
    with pytest.raises(QuotaExceeded) as refusal:
        await house.page()
    assert refusal.value.retry_after == timedelta(seconds=4)
    house.providers[C].error = NotSupported("It has no search")
    with pytest.raises(NotSupported):
        await house.page(provider=C)


async def test_what_is_not_set_up_is_named_and_not_asked(house: Searching) -> None:
    house.setups.change(A, enabled=False)
    found = await house.page()
    assert found.answer.providers == {
        A: ProviderState.NOT_CONFIGURED, B: ProviderState.OK, C: ProviderState.OK,
    }  # fmt: skip
    found = await house.page(provider=A)
    assert (found.answer.tracks, found.answer.total, found.pages) == ((), 0, 0)
    assert found.answer.providers == {A: ProviderState.NOT_CONFIGURED}
    assert not house.providers[A].calls


async def test_equal_questions_are_kept_under_one_key(house: Searching) -> None:
    for wanted in (SearchFilter(query="track", bpm_min=60), SearchFilter(bpm_min=60, query="track")):
        await house.search.search(SearchRequest(wanted, A, limit=5))
    assert house.calls == 1
    await house.search.search(SearchRequest(SearchFilter(query="track", bpm_max=60), A, limit=5))
    assert house.calls == 2


async def test_a_hundred_equal_searches_make_one_call_each(house: Searching) -> None:
    for one in house.providers.values():
        one.hold()
    asking = [asyncio.create_task(house.page(limit=5)) for _ in range(100)]
    await eventually(lambda: house.calls == 3)
    for one in house.providers.values():
        one.let_go()
    await asyncio.gather(*asking)
    assert house.calls == 3


async def test_a_page_that_is_ready_is_counted_and_forgotten_like_its_parts(house: Searching) -> None:
    bodies = [await house.search.search_json(SearchRequest(ANY, limit=10)) for _ in range(5)]
    assert [json.loads(body)["cache"] for body in bodies] == ["miss", "hit", "hit", "hit", "hit"]
    await house.counters.flush()
    report = await house.cache.report()
    assert {shelf.shelf.provider: (shelf.tally.hits, shelf.tally.misses) for shelf in report.shelves} == {
        A: (4, 1), B: (4, 1), C: (4, 1),
    }  # fmt: skip
    await house.cache.invalidate(B, CacheKind.SEARCH)
    states = json.loads(await house.search.search_json(SearchRequest(ANY, limit=10)))["providers"]
    assert states == {"soundstripe": "cached", "artlist": "ok", "jamendo": "cached"}
    await house.search.search_json(SearchRequest(ANY, limit=10))
    house.clock.move(hours=1, seconds=1)
    assert json.loads(await house.search.search_json(SearchRequest(ANY, limit=10)))["cache"] == "miss"
    house.setups.change(A, enabled=False)
    states = json.loads(await house.search.search_json(SearchRequest(ANY, limit=10)))["providers"]
    assert states["soundstripe"] == "not_configured"


async def test_a_ready_page_costs_little(house: Searching) -> None:
    request = SearchRequest(SearchFilter(query="track"), limit=20)
    for _ in range(2):
        await house.search.search_json(request)
    began = time.process_time()
    for _ in range(500):
        await house.search.search_json(request)
    assert (time.process_time() - began) / 500 < 0.000_5


async def test_a_mix_of_popular_words_saves_four_calls_of_five(house: Searching) -> None:
    rng = random.Random(7)
    words = [f"word {number}" for number in range(50)]
    weights = [1 / (rank + 1) for rank in range(50)]
    for query in rng.choices(words, weights, k=1_000):
        await house.search.search(SearchRequest(SearchFilter(query=query), A))
    assert house.calls <= 200
    assert house.calls == len(set(house.providers[A].calls))


async def test_a_provider_that_takes_long_costs_only_its_own_part(house: Searching) -> None:
    house.providers[A].hold()
    await house.cache.recent_epoch()  # nothing else comes before the call is begun
    with hurried(house, A):
        found = await asyncio.wait_for(house.page(), timeout=30)
    assert found.answer.providers == {A: ProviderState.ERROR, B: ProviderState.OK, C: ProviderState.OK}
    assert {name for name, _ in ids(found)} == {B}
    await eventually(lambda: len(house.providers[A].calls) > 0)
    house.providers[A].let_go()
    calls = len(house.providers[A].calls)
    later = await house.page(limit=2)
    assert later.answer.providers[A] in {ProviderState.OK, ProviderState.CACHED}
    assert len(house.providers[A].calls) == calls, "what was asked for is kept, and not asked for again"


async def test_the_only_provider_that_takes_long_is_an_error(house: Searching) -> None:
    house.providers[A].hold()
    with hurried(house, A), pytest.raises(ProviderFailed, match="takes long"):
        await asyncio.wait_for(house.page(provider=A), timeout=30)

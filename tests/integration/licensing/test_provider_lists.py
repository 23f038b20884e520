"""What providers call similar: asked once, and missed without harm."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from app.errors import NotFound
from app.models.licensing.providers import ProviderName, ProviderSetup
from app.models.licensing.tracks import ProviderTrack
from app.repositories.mongo import Mongo
from app.services.licensing.errors import NotSupported
from app.services.licensing.library.similar import ProviderLists
from tests.licensing.cache_house import CacheHouse, HeldProvider, SetClock
from tests.licensing.fake_provider import policy, track

OPENVERSE = ProviderName.OPENVERSE


@dataclass
class Listing(HeldProvider):
    """Calls all its tracks similar to any."""

    async def similar(self, setup: ProviderSetup, track_id: str) -> tuple[ProviderTrack, ...]:
        self._called(f"similar {track_id}")
        await self._answers()
        return tuple(self.tracks)


@pytest.fixture
async def house(mongo: Mongo) -> AsyncIterator[tuple[CacheHouse, Listing]]:
    provider = Listing(policy(OPENVERSE), [track(number, OPENVERSE) for number in range(3)])
    made = CacheHouse(mongo, SetClock(), {OPENVERSE: provider})
    yield made, provider
    await made.cache.close()


async def test_equal_questions_make_one_call(house: tuple[CacheHouse, Listing]) -> None:
    made, provider = house
    lists = ProviderLists({OPENVERSE: provider}, made.setups, made.cache)
    answers = await asyncio.gather(*(lists.of(OPENVERSE, "7") for _ in range(20)))
    assert {answer == tuple(provider.tracks) for answer in answers} == {True}
    assert provider.calls == ["similar 7"]
    await lists.of(OPENVERSE, "8")
    assert provider.calls == ["similar 7", "similar 8"]


@pytest.mark.parametrize("error", [NotSupported("no such list"), NotFound("Track not found")], ids=repr)
async def test_no_list_is_an_empty_one(house: tuple[CacheHouse, Listing], error: Exception) -> None:
    made, provider = house
    provider.error = error
    assert await ProviderLists({OPENVERSE: provider}, made.setups, made.cache).of(OPENVERSE, "7") == ()


async def test_a_provider_that_cannot_be_asked_is_an_empty_one(house: tuple[CacheHouse, Listing]) -> None:
    made, provider = house
    lists = ProviderLists({OPENVERSE: provider}, made.setups, made.cache)
    for spoil in (provider.open_breaker, provider.spend_quota):
        spoil()
        assert await lists.of(OPENVERSE, "7") == ()
    provider.error = None
    made.setups.change(OPENVERSE, enabled=False)
    assert await lists.of(OPENVERSE, "7") == ()
    made.setups.change(OPENVERSE, enabled=True)
    assert await lists.of(OPENVERSE, "7") != ()

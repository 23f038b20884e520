"""What a process knows of emptied shelves is a second old at most, or the best there is."""

import asyncio
from collections.abc import Collection, Mapping

import pytest

from app.errors import Unavailable
from app.models.licensing.cache import Shelf
from app.models.licensing.providers import CacheKind, ProviderName
from app.services.licensing.answers.generations import Generations
from tests.licensing.cache_house import SetClock

SHELF = Shelf(ProviderName.JAMENDO, CacheKind.TRACK)


class FakeStore:
    """Counts how often it is read; away when told so."""

    def __init__(self) -> None:
        self.numbers: dict[Shelf, int] = {}
        self.reads = 0
        self.is_away = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def all(self) -> Mapping[Shelf, int]:
        self.reads += 1
        await self.gate.wait()
        if self.is_away:
            raise Unavailable("away")
        return dict(self.numbers)

    async def advance(self, shelves: Collection[Shelf]) -> Mapping[Shelf, int]:
        self.numbers |= {shelf: self.numbers.get(shelf, 0) + 1 for shelf in shelves}
        return dict(self.numbers)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def generations(store: FakeStore, clock: SetClock) -> Generations:
    return Generations(store, clock)


async def test_a_read_serves_all_for_half_a_second(generations: Generations, store: FakeStore, clock: SetClock) -> None:
    await asyncio.gather(*(generations.of(SHELF) for _ in range(10)))
    clock.move(milliseconds=499)
    assert await generations.of(SHELF) == 0
    assert store.reads == 1


async def test_nobody_waits_while_there_are_many(generations: Generations, store: FakeStore, clock: SetClock) -> None:
    await generations.of(SHELF)
    store.numbers[SHELF] = 3
    clock.move(milliseconds=600)
    assert await generations.of(SHELF) == 0
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await generations.of(SHELF) == 3
    assert store.reads == 2


@pytest.mark.parametrize("seconds", [1, -5])
async def test_after_a_second_it_is_read_first(
    generations: Generations, store: FakeStore, clock: SetClock, seconds: float
) -> None:
    await generations.of(SHELF)
    epoch = generations.epoch
    store.numbers[SHELF] = 3
    clock.move(seconds=seconds)
    assert await generations.of(SHELF) == 3
    assert generations.epoch > epoch


async def test_a_change_of_ours_is_known_at_once(generations: Generations, store: FakeStore, clock: SetClock) -> None:
    await generations.of(SHELF)
    clock.move(milliseconds=600)
    store.gate.clear()
    late = asyncio.create_task(generations.of(SHELF))
    await asyncio.sleep(0)
    await generations.advance([SHELF])
    assert await generations.of(SHELF) == 1
    store.numbers.clear()
    store.gate.set()
    await late
    await generations.close()
    assert await generations.of(SHELF) == 1


async def test_what_is_known_serves_while_the_database_is_away(
    generations: Generations, store: FakeStore, clock: SetClock
) -> None:
    store.is_away = True
    with pytest.raises(Unavailable):
        await generations.of(SHELF)
    store.is_away = False
    store.numbers[SHELF] = 2
    assert await generations.of(SHELF) == 2
    store.is_away = True
    clock.move(seconds=2)
    assert await generations.of(SHELF) == 2
    assert await generations.of(SHELF) == 2
    assert store.reads == 3
    clock.move(seconds=2)
    store.gate.clear()
    assert await asyncio.wait_for(generations.of(SHELF), 30) == 2
    await generations.close()

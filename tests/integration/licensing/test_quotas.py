"""Places for calls: gathered, waited for, kept over processes and restarts."""

import asyncio
import multiprocessing
import time
from bisect import bisect_right
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.errors import QuotaExceeded, Unavailable
from app.models.licensing.providers import ProviderName, ProviderSetup
from app.models.licensing.quotas import CountedWindow, Leaving, QuotaStanding, Turn, Wish
from app.repositories.mongo import Mongo
from app.repositories.provider_quotas import ProviderQuotaRepository
from app.services.licensing.access.quotas import QuotaService, QuotaSpent
from app.services.licensing.errors import ProviderFailed
from tests.integration.licensing.quota_hammer import PER_SECOND, FixedSetups, hammer, limited_setup
from tests.waiting import eventually

NAME = ProviderName.SOUNDSTRIPE
MINUTE = timedelta(minutes=1)
SOON = timedelta(milliseconds=200)


class CountingLedger:
    """The real ledger, and every update that was made in it."""

    def __init__(self, mongo: Mongo) -> None:
        self._ledger = ProviderQuotaRepository(mongo)
        self.turns: list[tuple[Sequence[Wish], Sequence[Leaving]]] = []
        self.fails: Exception | None = None

    async def turn(
        self,
        provider: ProviderName,
        windows: Sequence[CountedWindow],
        wishes: Sequence[Wish],
        leaving: Sequence[Leaving],
    ) -> Turn:
        self.turns.append((wishes, leaving))
        if self.fails:
            raise self.fails
        return await self._ledger.turn(provider, windows, wishes, leaving)

    async def block(self, provider: ProviderName, wait: timedelta) -> None:
        await self._ledger.block(provider, wait)

    async def standings(
        self, windows: Mapping[ProviderName, Sequence[CountedWindow]]
    ) -> Mapping[ProviderName, QuotaStanding]:
        return await self._ledger.standings(windows)


@pytest.fixture
def ledger(mongo: Mongo) -> CountingLedger:
    return CountingLedger(mongo)


@pytest.fixture
async def quotas(ledger: CountingLedger) -> AsyncIterator[QuotaService]:
    made = QuotaService(ledger, FixedSetups(limited_setup()))
    yield made
    await made.close()


def limited(minute: int) -> ProviderSetup:
    return replace(limited_setup(minute=minute), policy=replace(limited_setup().policy, extra_windows=()))


async def test_all_who_wait_are_served_by_one_update(quotas: QuotaService, ledger: CountingLedger) -> None:
    places = await asyncio.gather(*(quotas.reserve(limited(100), "search") for _ in range(30)))
    assert len(places) == 30
    assert [[wish.count for wish in wishes] for wishes, _ in ledger.turns] == [[30]]
    for place in places:
        quotas.leave(place)
    await quotas.close()
    assert [[one.count for one in leaving] for _, leaving in ledger.turns[1:]] == [[30]]


async def test_a_quota_that_is_spent_is_refused_at_once_with_the_time_of_the_next_call(ledger: CountingLedger) -> None:
    # Who waits for a place at all would wait for most of a minute.
    quotas = QuotaService(ledger, FixedSetups(limited(3)), patience=timedelta(seconds=50))
    for _ in range(3):
        quotas.leave(await quotas.reserve(limited(3), "search"))
    await quotas.close()
    began = time.monotonic()
    with pytest.raises(QuotaSpent) as refused:
        await quotas.reserve(limited(3), "search")
    assert time.monotonic() - began < 25
    assert timedelta(seconds=55) < refused.value.retry_after <= timedelta(seconds=61)
    assert refused.value.allowance is not None
    assert (refused.value.allowance.limit, refused.value.allowance.remaining) == (3, 0)
    assert refused.value.allowance.window == MINUTE
    assert "next call is free at" in refused.value.message


async def test_people_wait_for_a_place_that_comes_soon(ledger: CountingLedger) -> None:
    setup = limited_setup()
    quotas = QuotaService(ledger, FixedSetups(setup), patience=MINUTE)
    places = await asyncio.gather(*(quotas.reserve(setup, "search") for _ in range(PER_SECOND)))
    for place in places:
        quotas.leave(place)
    began = time.monotonic()
    await quotas.reserve(setup, "search")
    assert time.monotonic() - began > 0.8
    await quotas.close()


async def test_background_calls_wait_as_long_as_it_takes_and_see_new_limits(ledger: CountingLedger) -> None:
    setups = FixedSetups(limited(5))
    quotas = QuotaService(ledger, setups, longest_pause=SOON)
    for _ in range(4):
        quotas.leave(await quotas.reserve(limited(5), "walk", background=True))
    waiting = asyncio.create_task(quotas.reserve(limited(5), "walk", background=True))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting), 0.3)
    # The last fifth is for people.
    assert await quotas.reserve(limited(5), "search")
    setups.setups[NAME] = limited(50)
    assert await asyncio.wait_for(waiting, 30)


async def test_a_background_call_of_a_provider_that_is_switched_off_ends(ledger: CountingLedger) -> None:
    quotas = QuotaService(ledger, FixedSetups(replace(limited(1), enabled=False)), longest_pause=SOON)
    await quotas.reserve(limited(1), "walk", background=True)
    with pytest.raises(ProviderFailed, match="switched off"):
        await asyncio.wait_for(quotas.reserve(limited(1), "walk", background=True), 30)


async def test_who_goes_away_gives_the_place_back(quotas: QuotaService, ledger: CountingLedger) -> None:
    waiting = asyncio.create_task(quotas.reserve(limited(1), "search"))
    while not ledger.turns:
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await quotas.close()
    assert [one.count for _, leaving in ledger.turns for one in leaving] == [1]


async def test_a_waiting_background_call_can_be_cancelled(quotas: QuotaService) -> None:
    await quotas.reserve(limited(1), "walk", background=True)
    waiting = asyncio.create_task(quotas.reserve(limited(1), "walk", background=True))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_without_the_database_no_call_is_made(quotas: QuotaService, ledger: CountingLedger) -> None:
    ledger.fails = Unavailable("The database is away")
    with pytest.raises(Unavailable):
        await quotas.reserve(limited(1), "search")
    ledger.fails = None
    assert await quotas.reserve(limited(1), "search")


async def test_quotas_survive_a_restart(mongo: Mongo, quotas: QuotaService) -> None:
    await quotas.reserve(limited(1), "search")
    restarted = QuotaService(ProviderQuotaRepository(mongo), FixedSetups(limited(1)))
    with pytest.raises(QuotaExceeded):
        await restarted.reserve(limited(1), "search")


async def test_a_provider_that_says_later_is_left_alone_by_all(mongo: Mongo, quotas: QuotaService) -> None:
    other = QuotaService(ProviderQuotaRepository(mongo), FixedSetups(limited(9)))
    await quotas.block(NAME, timedelta(seconds=30))
    with pytest.raises(QuotaExceeded, match="left alone until") as refused:
        await other.reserve(limited(9), "search")
    assert timedelta(seconds=25) < refused.value.retry_after <= timedelta(seconds=30)


async def test_no_provider_is_left_alone_for_longer_than_a_day(quotas: QuotaService, mongo: Mongo) -> None:
    await quotas.block(NAME, timedelta(days=4_000))
    ledger = await mongo.db["provider_quotas"].find_one({"_id": NAME.value})
    assert ledger is not None
    assert ledger["blockedUntil"] <= datetime.now(UTC) + timedelta(days=1)


async def test_the_standing_is_that_of_all_processes(mongo: Mongo, quotas: QuotaService) -> None:
    setup = limited_setup(minute=10, day=None)
    reader = QuotaService(ProviderQuotaRepository(mongo), FixedSetups(setup))
    (before,) = await reader.standings()
    assert [one.usage for one in before.standing.windows] == [0, 0, 0, 0]
    assert before.standing.free_at() == before.standing.as_of
    for _ in range(4):
        quotas.leave(await quotas.reserve(setup, "search"))
    (after,) = await reader.standings()
    assert [one.usage for one in after.standing.windows] == [4, 4, 4, 4]
    assert [one.remaining for one in after.standing.windows] == [6, None, None, PER_SECOND - 4]


def arrived(files: Sequence[Path]) -> list[float]:
    """When calls have arrived so far, of whichever process."""
    return sorted(float(line) for file in files if file.exists() for line in file.read_text().splitlines())


def busiest_second(times: Sequence[float]) -> int:
    """The most calls in any second."""
    return max((bisect_right(times, start + 1) - at for at, start in enumerate(times)), default=0)


async def test_four_processes_never_exceed_the_quota_together(mongod: str, mongo: Mongo, tmp_path: Path) -> None:
    files, end = [tmp_path / f"arrivals-{number}" for number in range(4)], tmp_path / "end"
    spawning = multiprocessing.get_context("spawn")
    all_ready = spawning.Barrier(len(files) + 1)
    processes = [spawning.Process(target=hammer, args=(mongod, mongo.db.name, file, end, all_ready)) for file in files]
    for process in processes:
        process.start()

    def are_busy() -> bool:
        times = arrived(files)
        return len(times) >= PER_SECOND * 2 and busiest_second(times) >= PER_SECOND * 0.6

    try:
        await asyncio.to_thread(all_ready.wait, 60)
        # It is not by being slow that they keep it.
        await eventually(are_busy)
        processes[0].kill()
        before = len(arrived(files))
        await eventually(lambda: len(arrived(files)) >= before + PER_SECOND)
    finally:
        end.touch()
        for process in processes:
            await asyncio.to_thread(process.join, 30)
    assert [process.exitcode for process in processes[1:]] == [0, 0, 0]
    assert busiest_second(arrived(files)) <= PER_SECOND

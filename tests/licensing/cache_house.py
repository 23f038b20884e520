"""The cache over the real store, with providers that are not real."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from app.errors import QuotaExceeded
from app.models.licensing.cache import AnswerKey, Slot
from app.models.licensing.providers import ProviderName, ProviderSetup
from app.models.licensing.search import SearchFilter, SearchPage
from app.models.licensing.tracks import ProviderTrack
from app.repositories.licensing_cache import LicensingCacheRepository
from app.repositories.licensing_cache_counts import CacheCountRepository
from app.repositories.licensing_cache_generations import CacheGenerationRepository
from app.repositories.mongo import Mongo
from app.services.licensing.answers.cache import AnswerCache
from app.services.licensing.answers.counters import CacheCounters
from app.services.licensing.answers.flights import CacheTiming
from app.services.licensing.answers.generations import Generations
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.finding.search import SearchService
from app.services.licensing.finding.search_parts import PATIENCE
from app.services.licensing.finding.track_lookup import TrackLookup
from tests.licensing.fake_provider import FakeProvider, policy, setup, track

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
UNHURRIED = CacheTiming(claim=timedelta(seconds=30), patience=timedelta(seconds=60))
"""No answer of a slow machine is taken for one that does not come."""


class SetClock:
    """Stands still until it is moved."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class FakeSetups:
    """What an admin has set up."""

    setups: dict[ProviderName, ProviderSetup] = field(default_factory=dict)

    async def get(self, name: ProviderName) -> ProviderSetup:
        return self.setups[name]

    async def all(self) -> Sequence[ProviderSetup]:
        return [self.setups[name] for name in ProviderName if name in self.setups]

    def change(self, name: ProviderName, **changes: object) -> None:
        before = self.setups[name]
        self.setups[name] = replace(before, **{"version": before.version + 1, **changes})


@dataclass
class HeldProvider(FakeProvider):
    """Answers when it is let go; `error` is raised instead of an answer; not all say a total."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    error: Exception | None = None
    says_total: bool = True

    def __post_init__(self) -> None:
        self.gate.set()

    def hold(self) -> None:
        self.gate = asyncio.Event()

    def let_go(self) -> None:
        self.gate.set()

    def open_breaker(self) -> None:
        self.error = ProviderFailed(self.policy.name, "It rests", is_open=True)

    def spend_quota(self, seconds: float = 30) -> None:
        self.error = QuotaExceeded("No call is left", timedelta(seconds=seconds))

    async def _answers(self) -> None:
        await self.gate.wait()
        if self.error is not None:
            raise self.error

    async def search(self, setup: ProviderSetup, wanted: SearchFilter, page: int) -> SearchPage:
        found = await super().search(setup, wanted, page)
        await self._answers()
        return found if self.says_total else replace(found, total=None)

    async def track(self, setup: ProviderSetup, track_id: str, *, background: bool = False) -> ProviderTrack:
        self._called(f"track {track_id}")
        await self._answers()
        self.calls.pop()
        return await super().track(setup, track_id, background=background)


def provider(name: ProviderName = ProviderName.SOUNDSTRIPE, tracks: int = 50, **changes: object) -> HeldProvider:
    return HeldProvider(policy(name, **changes), [track(number, name) for number in range(tracks)])


class CountingStore(LicensingCacheRepository):
    """The real store, and how often it was looked into."""

    looks = 0

    async def find(self, key: AnswerKey) -> Slot:
        self.looks += 1
        return await super().find(key)


class CacheHouse:
    """One process, or as good as one: a cache of its own over the shared store."""

    def __init__(
        self,
        mongo: Mongo,
        clock: SetClock,
        providers: Mapping[ProviderName, FakeProvider],
        setups: FakeSetups | None = None,
        timing: CacheTiming = UNHURRIED,
        patience: timedelta = PATIENCE,
    ) -> None:
        self.setups = setups or FakeSetups({name: setup(one.policy) for name, one in providers.items()})
        self.store = CountingStore(mongo)
        self.counters = CacheCounters(CacheCountRepository(mongo), clock)
        generations = Generations(CacheGenerationRepository(mongo), clock)
        self.cache = AnswerCache(self.store, generations, self.counters, clock, timing)
        self.search = SearchService(providers, self.setups, self.cache, clock, patience)
        self.tracks = TrackLookup(providers, self.setups, self.cache)

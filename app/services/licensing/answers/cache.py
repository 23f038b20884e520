"""Answers of providers, kept: fresh ones from memory or from the shared store, older ones while a provider fails."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.clock import Clock
from app.errors import NotFound, QuotaExceeded, Unavailable
from app.models.licensing.cache import CacheReport, Kept, Shelf
from app.models.licensing.providers import CacheKind, ProviderName, ProviderSetup
from app.models.licensing.search import Source
from app.services.licensing.answers.codec import Answer
from app.services.licensing.answers.counters import CacheCounters
from app.services.licensing.answers.flights import Asked, CacheTiming, Flight, How, Landed
from app.services.licensing.answers.generations import Generations
from app.services.licensing.answers.memory import AnswerMemory
from app.services.licensing.answers.ports import Answers
from app.services.licensing.answers.provider_rests import ProviderRests
from app.services.licensing.answers.questions import Question
from app.services.licensing.errors import ProviderFailed

T = TypeVar("T")

# Also bounds for how long memory shows what another process has replaced by something newer.
_REMEMBERED_SECONDS = 30.0
_REMEMBERED_BYTES = 32 * 1024 * 1024

_SOURCES = {How.FOUND: Source.HIT, How.CALLED: Source.MISS, How.SHARED: Source.MISS, How.OLD: Source.STALE}
_TIMING = CacheTiming()


@dataclass(frozen=True)  # without slots, as Page
class _InFlight(Generic[T]):
    flight: Flight[T]
    task: asyncio.Task[Landed[T]]


class AnswerCache:
    """Gives each of any number of equal questions, in any number of processes, the answer of one call.

    A caller that goes away leaves the call to the others, and to the store. Of a provider that forbids copies nothing
    is kept, though equal questions at the same moment in one process still share a call.
    """

    def __init__(
        self,
        store: Answers,
        generations: Generations,
        counters: CacheCounters,
        clock: Clock,
        timing: CacheTiming = _TIMING,
    ) -> None:
        self._store = store
        self._generations = generations
        self._counters = counters
        self._clock = clock
        self._timing = timing
        self._memory = AnswerMemory(_REMEMBERED_BYTES, _REMEMBERED_SECONDS)
        self._rests = ProviderRests(clock)
        self._in_flight: dict[tuple[str, int], _InFlight[Any]] = {}

    async def get(self, question: Question[T], setup: ProviderSetup, fetch: Callable[[], Awaitable[T]]) -> Kept[T]:
        """The answer, by `fetch` if it has to be.

        Raises:
            NotFound: the provider has no such thing.
            ProviderFailed, QuotaExceeded: the call failed, and nothing that is kept can stand in.
            Unavailable: the database is away.
            Exception: whatever else `fetch` raises.
        """
        key = question.key(setup)
        generation = await self._generations.of(key.shelf)
        remembered: Answer[T] | None = self._memory.find(key.id, generation)
        if remembered is not None:
            if remembered.fresh_until > self._clock.now():
                self._counters.of(key.shelf).hits += 1
                return _kept(question, remembered, Source.HIT)
            if self._rests.now(setup, question.kind) and self._is_usable(remembered):
                self._counters.of(key.shelf).stale += 1
                return _kept(question, remembered, Source.STALE)
        asked = Asked(
            key,
            question.codec,
            fetch,
            ttl=setup.cache_ttl.of(question.kind),
            generation=generation,
            may_keep=setup.policy.capabilities.may_cache_metadata,
            is_resting=self._rests.now(setup, question.kind),
        )
        return await self._look(question, setup, asked)

    async def recent_epoch(self) -> int:
        """A number that changes when anything was invalidated anywhere, known within a second.

        Raises:
            Unavailable: the database is away, and was since we began.
        """
        await self._generations.be_recent()
        return self._generations.epoch

    def count_hits(self, shelf: Shelf, hits: int) -> None:
        """Count answers that the caller had kept by itself."""
        self._counters.of(shelf).hits += hits

    async def invalidate(self, provider: ProviderName | None = None, kind: CacheKind | None = None) -> int:
        """Forget answers of one provider, of one kind, or all: here at once, in other processes within a second.

        Calls that are on their way leave nothing behind. Returns how many answers the store held.

        Raises:
            Unavailable: the database is away.
        """
        providers = list(ProviderName) if provider is None else [provider]
        kinds = list(CacheKind) if kind is None else [kind]
        shelves = {Shelf(one, other) for one in providers for other in kinds}
        await self._generations.advance(shelves)
        self._memory.drop(shelves)
        return await self._store.remove(providers, kinds)

    async def report(self) -> CacheReport:
        """What is kept, and what that has saved in 30 days.

        Raises:
            Unavailable: the database is away.
        """
        return await self._counters.report(self._store)

    async def close(self) -> None:
        """Stop the calls that are on their way, and add up what was counted."""
        tasks = [one.task for one in self._in_flight.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._generations.close()
        await self._counters.close()

    async def _look(self, question: Question[T], setup: ProviderSetup, asked: Asked[T]) -> Kept[T]:
        shelf, place = asked.key.shelf, (asked.key.id, asked.generation)
        joined: _InFlight[T] | None = self._in_flight.get(place)
        looking = joined or self._start(place, setup, asked)
        try:
            landed = await self._landed(looking)
        except (ProviderFailed, QuotaExceeded):
            if looking.flight.older is None:
                self._counters.count(shelf, How.CALLED, is_shared=joined is not None)
                raise
            landed = Landed(looking.flight.older, How.OLD)
        self._counters.count(shelf, landed.how, is_shared=joined is not None)
        return _kept(question, landed.answer, _SOURCES[landed.how])

    def _start(self, place: tuple[str, int], setup: ProviderSetup, asked: Asked[T]) -> _InFlight[T]:
        flight = Flight(asked, self._store, self._clock, self._timing)
        # A task of its own, so that no caller who goes away takes it along.
        task = asyncio.create_task(self._fly(flight, asked, setup), name="cache-flight")
        task.add_done_callback(lambda done: self._end(place, done))
        self._in_flight[place] = _InFlight(flight, task)
        return self._in_flight[place]

    async def _fly(self, flight: Flight[T], asked: Asked[T], setup: ProviderSetup) -> Landed[T]:
        try:
            landed = await flight.land()
        except (ProviderFailed, QuotaExceeded) as error:
            self._rests.note(setup, asked.key.shelf.kind, error)
            if flight.older is not None:
                self._memory.put(asked.key.id, asked.key.shelf, flight.older)
            raise
        if asked.may_keep:
            self._memory.put(asked.key.id, asked.key.shelf, landed.answer)
        return landed

    def _end(self, place: tuple[str, int], task: asyncio.Task[Landed[Any]]) -> None:
        del self._in_flight[place]
        if not task.cancelled():
            # Those who waited may all have gone; an error that nobody looks at would be reported as a fault.
            task.exception()

    async def _landed(self, looking: _InFlight[T]) -> Landed[T]:
        # Unlike `await`, `wait` leaves the task alone when a caller is cancelled.
        await asyncio.wait([looking.task], timeout=self._timing.patience.total_seconds())
        if not looking.task.done():
            if looking.flight.older is not None:
                return Landed(looking.flight.older, How.OLD)
            await asyncio.wait([looking.task])
        if looking.task.cancelled():
            raise Unavailable("The service is stopping, please try again")
        return looking.task.result()

    def _is_usable(self, answer: Answer[T]) -> bool:
        """Whether it can stand in for a fresh one."""
        return answer.value is not None and answer.expires_at > self._clock.now()


def _kept(question: Question[T], answer: Answer[T], source: Source) -> Kept[T]:
    if answer.value is None:
        raise NotFound(question.absent)
    return Kept(answer.value, source, answer.observed_at, answer.fresh_until)

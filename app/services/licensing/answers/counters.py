"""What became of requests for kept answers: counted in memory, added to the store every few seconds."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

from app.clock import Clock
from app.errors import Unavailable
from app.metrics import LICENSING_CACHE
from app.models.licensing.cache import CacheReport, Holding, Shelf, ShelfReport, Tally
from app.models.licensing.providers import CacheKind, ProviderName
from app.services.licensing.answers.flights import How
from app.services.licensing.answers.ports import Answers, StoredCounts

_FLUSHED_AFTER_SECONDS = 5.0
REPORTED = timedelta(days=29)
"""A report is about today and this much before."""


class CacheCounters:
    """The tallies of this process, and the report over those of all.

    A process that is killed takes a few seconds of counting with it.
    """

    def __init__(self, store: StoredCounts, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._tallies: dict[Shelf, Tally] = {}
        self._flushing: asyncio.Task[None] | None = None
        self._is_over = asyncio.Event()

    def of(self, shelf: Shelf) -> Tally:
        """The tally to count in; not to be kept."""
        tally = self._tallies.get(shelf)
        if tally is None:
            tally = self._tallies[shelf] = Tally()
            self._flush_soon()
        return tally

    def count(self, shelf: Shelf, how: How, *, is_shared: bool) -> None:
        """Count one request by how its answer was come by; `is_shared` when another's was waited for."""
        tally = self.of(shelf)
        if how is How.FOUND:
            tally.hits += 1
        elif how is How.OLD:
            tally.stale += 1
        else:
            tally.misses += 1
            tally.coalesced += is_shared or how is How.SHARED

    async def flush(self) -> None:
        """Add to the store what was counted since the last time; what it does not take is kept for the next time.

        Raises:
            Unavailable: the database is away.
        """
        counted, self._tallies = self._tallies, {}
        try:
            await self._store.add(_day_of(self._clock), counted)
        except BaseException:
            for shelf, tally in counted.items():
                self.of(shelf).add(tally)
            raise
        _measure(counted)

    async def report(self, answers: Answers) -> CacheReport:
        """What all processes have counted in 30 days (the others but for the last seconds), and what is kept now.

        Raises:
            Unavailable: the database is away.
        """
        await self.flush()
        since = _day_of(self._clock) - REPORTED
        tallies, holdings = await self._store.since(since), await answers.holdings()
        shelves = tuple(
            ShelfReport(shelf, tallies.get(shelf, Tally()), holdings.get(shelf, Holding()))
            for shelf in (Shelf(provider, kind) for provider in ProviderName for kind in CacheKind)
            if shelf in tallies or shelf in holdings
        )
        return CacheReport(since, shelves, *_sums(shelves))

    async def close(self) -> None:
        """Add what is left."""
        # Not cancelled: what it is just adding would be counted twice.
        self._is_over.set()
        if self._flushing is not None:
            await self._flushing
        with suppress(Unavailable):
            await self.flush()

    def _flush_soon(self) -> None:
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush_later(), name="cache-counts")

    async def _flush_later(self) -> None:
        while self._tallies and not self._is_over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_over.wait(), _FLUSHED_AFTER_SECONDS)
            with suppress(Unavailable):
                await self.flush()


def _sums(shelves: tuple[ShelfReport, ...]) -> tuple[Tally, Holding]:
    tally = Tally()
    for shelf in shelves:
        tally.add(shelf.tally)
    entries, size = sum(one.holding.entries for one in shelves), sum(one.holding.size for one in shelves)
    return tally, Holding(entries, size)


def _measure(counted: dict[Shelf, Tally]) -> None:
    for shelf, tally in counted.items():
        for outcome in ("hits", "misses", "stale", "coalesced"):
            LICENSING_CACHE.labels(shelf.provider.value, shelf.kind.value, outcome).inc(getattr(tally, outcome))


def _day_of(clock: Clock) -> datetime:
    return clock.now().replace(hour=0, minute=0, second=0, microsecond=0)

"""How calls to providers went: counted in memory, and added to the store every few seconds."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from app.clock import Clock
from app.errors import Invalid, Unavailable
from app.metrics import PROVIDER_CALL_SECONDS, PROVIDER_CALLS
from app.models.licensing.provider_calls import CallCounts, CallFault, CallHour, ProviderReport
from app.models.licensing.providers import ProviderName

log = structlog.get_logger(__name__)

FLUSH_EVERY = timedelta(seconds=5)
DEFAULT_RANGE = timedelta(days=7)
LONGEST_RANGE = timedelta(days=400)
"""As long as counts are kept."""

_HOUR = timedelta(hours=1)


class CallStore(Protocol):
    """What was counted, in all processes."""

    async def add(self, counts: Mapping[CallHour, CallCounts]) -> None:
        """Add what was counted."""
        ...

    async def sums(self, start: datetime, end: datetime) -> Mapping[tuple[ProviderName, str], CallCounts]:
        """Counts by provider and kind over the hours that begin in this stretch."""
        ...


class CallStatistics:
    """Counts the calls of this process, and reports on those of all.

    A killed process takes its last few seconds with it; these are statistics, quotas are kept elsewhere.
    """

    def __init__(self, store: CallStore, clock: Clock, flush_every: timedelta = FLUSH_EVERY) -> None:
        self._store = store
        self._clock = clock
        self._flush_every = flush_every
        self._counts: dict[CallHour, CallCounts] = defaultdict(CallCounts)
        self._flusher: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def note(self, provider: ProviderName, kind: str, fault: CallFault | None, took: timedelta) -> None:
        """Count a call that was made."""
        now = self._clock.now()
        PROVIDER_CALLS.labels(provider.value, fault.value if fault else "ok").inc()
        PROVIDER_CALL_SECONDS.labels(provider.value).observe(took.total_seconds())
        self._counts[CallHour(provider, kind, _hour_of(now))].note(fault, took, now)
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush_until_empty(), name="provider-calls")

    async def report(self, start: datetime | None = None, end: datetime | None = None) -> list[ProviderReport]:
        """How the calls went, by provider; whole hours, from that of `start` to that of `end`, the last week if unset.

        Raises:
            Invalid: the stretch is empty, or longer than counts are kept.
            Unavailable: the database is away.
        """
        hours = _stretch(start, end or _hour_of(self._clock.now()) + _HOUR)
        await self.flush()
        sums = await self._store.sums(*hours)
        return [_report(name, sums) for name in ProviderName]

    async def flush(self) -> None:
        """Add what was counted to the store.

        Raises:
            Unavailable: the database is away; it is kept, and some of it may be counted twice.
        """
        counts, self._counts = self._counts, defaultdict(CallCounts)
        if not counts:
            return
        try:
            await self._store.add(counts)
        except Exception:
            for of, counted in counts.items():
                self._counts[of].add(counted)
            raise

    async def close(self) -> None:
        """Add what is left."""
        self._closing.set()
        if self._flusher is not None:
            await self._flusher
        with suppress(Unavailable):
            await self.flush()

    async def _flush_until_empty(self) -> None:
        while self._counts and not self._closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._flush_every.total_seconds())
            try:
                await self.flush()
            except Unavailable:
                log.warning("provider_calls_not_stored")


def _stretch(start: datetime | None, end: datetime) -> tuple[datetime, datetime]:
    try:
        start, end = _hour_of(start or end - DEFAULT_RANGE), end.astimezone(UTC)
    except OverflowError:
        raise _bad_range() from None
    if not start < end or end - start > LONGEST_RANGE + _HOUR:
        raise _bad_range()
    return start, end


def _bad_range() -> Invalid:
    return Invalid(f"The range must end after it begins, within {LONGEST_RANGE.days} days")


def _hour_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _report(name: ProviderName, sums: Mapping[tuple[ProviderName, str], CallCounts]) -> ProviderReport:
    kinds = {kind: counts for (provider, kind), counts in sorted(sums.items()) if provider is name}
    total = CallCounts()
    for counts in kinds.values():
        total.add(counts)
    return ProviderReport(name, total, kinds)

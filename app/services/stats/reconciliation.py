"""Compares counters and buckets with the events that they were made from, publishes the drift, and repairs it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic

import structlog

from app.clock import Clock
from app.errors import TransientFailure, Unavailable
from app.metrics import STATS_DRIFT
from app.models.stats.drift import BucketDrift, Compared, StatsDriftReport, TrackDrift
from app.models.stats.periods import Granularity, Interval, Period
from app.models.stats.rollups import DAY, EVER, longer_periods
from app.services.group_commit import Backoff
from app.services.stats.found_drift import Audit
from app.services.stats.reconciliation_ports import BucketAudit, CounterAudit, DaysOfTracks, Repairs, TracksOfPeriods
from app.services.stats.rollup_ports import Coverage

log = structlog.get_logger(__name__)

COUNTERS = ("playCount", "likeCount", "shareCount", "downloadCount")
BUCKETS = "buckets"
_ATTEMPTS = 20
_BUCKETS_AT_ONCE = 1_000
_LOOK_FOR = timedelta(seconds=20)
_LOGGED = 100


class StatsReconciliationService:
    """Zero drift is the promise; this is how it is checked."""

    def __init__(
        self,
        counters: CounterAudit,
        buckets: BucketAudit,
        days: DaysOfTracks,
        periods: TracksOfPeriods,
        coverage: Coverage,
        rollups: Repairs,
        clock: Clock,
        look_for: timedelta = _LOOK_FOR,
    ) -> None:
        self._counters = counters
        self._buckets = buckets
        self._days = days
        self._periods = periods
        self._coverage = coverage
        self._rollups = rollups
        self._clock = clock
        self._look_for = look_for
        self._backoff = Backoff()
        self._look: asyncio.Task[StatsDriftReport] | None = None

    async def run(self, *, repair: bool = True, progress: Callable[[int], object] = int) -> StatsDriftReport:
        """Compare everything; `progress` hears how many tracks and buckets are done.

        Raises:
            Unavailable: the database is away, or a track is written too often to be judged.
        """
        audit = Audit(self._clock.now(), progress)
        for batch in await self._counters.batches():
            audit.take_counters(len(batch), await self._settled(batch, repair=repair))
        async for compared in self._compared_buckets():
            audit.take_buckets(compared)
        report = audit.report(is_repaired=repair)
        _publish(report)
        if repair and report.found_in_buckets:
            await self._repair(report.found_in_buckets)
        return report

    async def drift(self) -> StatsDriftReport:
        """A fresh look that repairs nothing and takes a bounded time, the latest days first; callers share one.

        Raises:
            Unavailable: the database is away.
        """
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._look_around(), name="stats-drift")
        return await asyncio.shield(self._look)

    async def _look_around(self) -> StatsDriftReport:
        until = monotonic() + self._look_for.total_seconds()
        audit = Audit(self._clock.now())
        for batch in await self._counters.batches():
            audit.take_counters(len(batch), await self._settled(batch, repair=False))
            if monotonic() > until:
                return audit.report(is_repaired=False, is_complete=False)
        async for compared in self._compared_buckets():
            audit.take_buckets(compared)
            if monotonic() > until:
                return audit.report(is_repaired=False, is_complete=False)
        return audit.report(is_repaired=False)

    async def _settled(self, track_ids: Sequence[str], *, repair: bool) -> list[TrackDrift]:
        suspects = await self._counters.suspects(track_ids)
        if not repair:
            return suspects
        judged = [await self._judge(one) for one in suspects]
        return [one for one in judged if one is not None]

    async def _judge(self, suspect: TrackDrift) -> TrackDrift | None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._counters.settle(suspect.track_id, suspect.counter)
            except TransientFailure as failure:
                await asyncio.sleep(self._backoff.pause(attempt, failure.reason))
        raise Unavailable("A track is written too often to be recounted, please try again")

    async def _compared_buckets(self) -> AsyncIterator[Compared]:
        """All that is trusted, in pieces; the latest days first, and longer periods after the first of their days."""
        covered = await self._coverage.covered_from()
        day = await self._coverage.last_day(Interval(covered, EVER.end)) if covered else None
        while covered and day:
            async for compared in self._compared(Period(day, Granularity.DAY), await self._days.tracks_on(day)):
                yield compared
            earlier = await self._coverage.last_day(Interval(covered, day))
            for period in longer_periods(day):
                if covered <= period.start and (earlier is None or earlier < period.start):
                    async for compared in self._compared(period, await self._periods.tracks_in(period)):
                        yield compared
            day = earlier

    async def _compared(self, period: Period, track_ids: list[str]) -> AsyncIterator[Compared]:
        for at in range(0, len(track_ids), _BUCKETS_AT_ONCE):
            yield await self._buckets.compare(period, track_ids[at : at + _BUCKETS_AT_ONCE])
        yield await self._buckets.compare_platform(period)

    async def _repair(self, found: Sequence[BucketDrift]) -> None:
        """Days are marked first, so that no reader believes them any more, and then made anew."""
        of_days = {(one.track_id, one.period) for one in found if one.is_of_a_day}
        await self._mark([(track_id, period.start) for track_id, period in of_days])
        await self._rollups.run()
        rest = {one.period for one in found if not one.is_of_a_day}
        for track_id, period in of_days:
            # No mark holds on a track that has no document.
            if (await self._buckets.compare(period, [track_id])).found:
                rest.add(period)
        for period in rest:
            await self._remake(period)

    async def _remake(self, period: Period) -> None:
        """A day with events takes all periods that it lies in along."""
        day = await self._coverage.last_day(period.interval)
        if day is not None:
            await self._rollups.rebuild(Interval(day, day + DAY))

    async def _mark(self, places: Sequence[tuple[str, datetime]]) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._buckets.mark(places)
            except TransientFailure as failure:
                await asyncio.sleep(self._backoff.pause(attempt, failure.reason))
        raise Unavailable("A track is written too often to be marked, please try again")


def _publish(report: StatsDriftReport) -> None:
    for counter in COUNTERS:
        STATS_DRIFT.labels(counter).set(report.drift_by_counter.get(counter, 0))
    STATS_DRIFT.labels(BUCKETS).set(report.drifting_buckets)
    for one in report.found[:_LOGGED]:
        log.error("stats_drift", track_id=one.track_id, counter=one.counter, stored=one.stored, counted=one.counted)
    for found in report.found_in_buckets[:_LOGGED]:
        log.error("stats_bucket_drift", track_id=found.track_id, start=found.period.start, field=found.field)

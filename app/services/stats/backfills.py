"""Rolls up ranges of days in the background, day after day; whoever dies is followed by another process."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog

from app.clock import Clock
from app.errors import Invalid, Unavailable
from app.models.stats.backfills import Backfill
from app.models.stats.periods import Interval, day_of
from app.models.stats.rollups import DAY, EVER, whole_days
from app.services.stats.rebuilds import Rebuilder
from app.services.stats.rollup_ports import Backfills, Coverage, Leases

log = structlog.get_logger(__name__)

LEASE_LIFETIME = timedelta(seconds=30)
_LOOK_FOR_OLD_ROWS_EVERY = timedelta(minutes=10)
_POLL_SECONDS = 1.0


class BackfillService:
    """One backfill at a time in a process; a lease gives each to one process of all."""

    def __init__(
        self, store: Backfills, coverage: Coverage, rebuilder: Rebuilder, leases: Leases, clock: Clock
    ) -> None:
        self._store = store
        self._coverage = coverage
        self._rebuilder = rebuilder
        self._leases = leases
        self._clock = clock
        self._worker: asyncio.Task[None] | None = None
        self._looked_at: datetime | None = None

    async def start(self, interval: Interval) -> str:
        """Have the days that the interval touches rolled up in the background; returns the id of the job.

        Raises:
            Invalid: there is nothing in the interval.
            Unavailable: the database is away.
        """
        backfill = await self.order(interval)
        self._work_on()
        return backfill.id

    async def order(self, interval: Interval) -> Backfill:
        """The unfinished backfill of these days, or a new one, for `complete`.

        Raises:
            Invalid: there is nothing in the interval.
            Unavailable: the database is away.
        """
        days = whole_days(interval)
        if interval.is_empty:
            raise Invalid("The range must end after it begins")
        for one in await self._store.unfinished():
            if one.interval == days:
                return one
        return await self._store.add(days, self._clock.now())

    async def get(self, backfill_id: str) -> Backfill:
        """How far it has come.

        Raises:
            NotFound: there is none of this id.
            Unavailable: the database is away.
        """
        return await self._store.get(backfill_id)

    async def complete(self, backfill_id: str, progress: Callable[[Backfill], object]) -> Backfill:
        """Work on it here and now, or, while another process does, watch; `progress` hears how far it has come.

        Raises:
            NotFound: there is none of this id.
            Unavailable: the database is away; it can be gone on with.
        """
        while not (backfill := await self._store.get(backfill_id)).is_over:
            progress(backfill)
            if not await self._take(backfill, progress):
                await asyncio.sleep(_POLL_SECONDS)
        progress(backfill)
        return backfill

    async def advance(self) -> None:
        """Go on, in the background, with what is unfinished, also with what a process left that is gone.

        Days from before the first rollup, and rows that others have put there since, become a backfill themselves.

        Raises:
            Unavailable: the database is away.
        """
        unfinished = await self._store.unfinished()
        if not any(one.extends_coverage for one in unfinished):
            unfinished += await self._uncovered()
        if unfinished:
            self._work_on()

    async def idle(self) -> None:
        """Wait until nothing is worked on here."""
        if self._worker is not None:
            await asyncio.gather(self._worker, return_exceptions=True)

    async def close(self) -> None:
        """Stop; what was done is noted, and another process goes on with the rest."""
        if self._worker is not None:
            self._worker.cancel()
        await self.idle()

    async def _uncovered(self) -> list[Backfill]:
        now = self._clock.now()
        if self._looked_at is not None and now - self._looked_at < _LOOK_FOR_OLD_ROWS_EVERY:
            return []
        today, covered = day_of(now), await self._coverage.covered_from()
        first = min(await self._coverage.first_day() or today, today)
        end = covered or await self._end_of_all(today)
        added = [await self._store.add(Interval(first, end), now, extends_coverage=True)] if first < end else []
        self._looked_at = now
        return added

    async def _end_of_all(self, today: datetime) -> datetime:
        """The end of today, or of the last day on which somebody has put rows."""
        last = await self._coverage.last_day(Interval(today, EVER.end))
        return (last or today) + DAY

    def _work_on(self) -> None:
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work_off(), name="backfills")

    async def _work_off(self) -> None:
        try:
            while await self._take_any():
                pass
        except Unavailable:
            log.warning("backfill_interrupted")

    async def _take_any(self) -> bool:
        for one in await self._store.unfinished():
            if await self._take(one):
                return True
        return False

    async def _take(self, backfill: Backfill, progress: Callable[[Backfill], object] = id) -> bool:
        """Do it to its end; false when another process does."""
        owner = uuid.uuid4().hex
        if not await self._leases.acquire(_lease(backfill), owner, LEASE_LIFETIME):
            return False
        async with self._kept(_lease(backfill), owner):
            # What was noted since: whoever had the lease before may have done much.
            latest = await self._store.get(backfill.id)
            if not latest.is_over:
                await self._work(latest, progress)
        return True

    async def _work(self, backfill: Backfill, progress: Callable[[Backfill], object]) -> None:
        async def reached(done_from: datetime) -> None:
            if backfill.extends_coverage or await self._joins_coverage(backfill):
                await self._coverage.extend(done_from)
            await self._store.reach(backfill.id, done_from, self._clock.now())
            progress(await self._store.get(backfill.id))

        try:
            await self._rebuilder.rebuild(backfill.rest, reached)
        except Unavailable:
            raise
        except Exception as error:
            log.exception("backfill_failed", backfill=backfill.id)
            await self._store.finish(backfill.id, self._clock.now(), f"{type(error).__name__}: {error}")
        else:
            await self._store.finish(backfill.id, self._clock.now())

    async def _joins_coverage(self, backfill: Backfill) -> bool:
        """Whether no day that is not covered lies after it, so that what it has done is covered as well."""
        covered = await self._coverage.covered_from()
        if covered is None:
            covered = await self._end_of_all(day_of(self._clock.now()))
        return backfill.interval.end >= covered

    @asynccontextmanager
    async def _kept(self, name: str, owner: str) -> AsyncIterator[None]:
        renewal = asyncio.create_task(self._renew(name, owner), name="backfill-lease")
        try:
            yield
        finally:
            renewal.cancel()
            await asyncio.gather(renewal, return_exceptions=True)
            with suppress(Unavailable):
                await self._leases.release(name, owner)

    async def _renew(self, name: str, owner: str) -> None:
        while True:
            await asyncio.sleep(LEASE_LIFETIME.total_seconds() / 3)
            with suppress(Unavailable):
                await self._leases.acquire(name, owner, LEASE_LIFETIME)


def _lease(backfill: Backfill) -> str:
    return f"backfill-{backfill.id}"

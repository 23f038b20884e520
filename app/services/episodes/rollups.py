"""Keeps buckets of views up to date: replaces those whose views have changed, and only those."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from time import monotonic

from app.clock import Clock
from app.models.episodes.rollups import EpisodeDay, RollupReport
from app.models.jobs import Summary
from app.services.episodes.rollup_ports import DirtyDays, Rollups, WatchedDays

# What a run that is killed has to do again, and the length of a snapshot.
_DAYS_AT_ONCE = 200
_VIEWS_AT_ONCE = 40_000
_DAYS_A_RUN = 10_000
# So often what is cleared at once; what is left then is left to the next run.
_PASSES = 100
# Rolling up today takes a hundredth of the time: answers are read from views until then, and only curves wait. A view
# costs about 0.1 ms each time, so that with 100,000 of them today it is done every quarter of an hour, and with 1,000
# every time.
_REST = 100
# Two beats may be lost; a view that is watched is dirty again with its next beat, which would have to write that, too.
_WATCHED_WITHIN = timedelta(minutes=1)
_MADE_ANEW = timedelta(days=7)


class EpisodeRollupService:
    """What was dirty is cleared last, and only where nothing has changed since, so this may end at any line."""

    def __init__(
        self,
        dirty: DirtyDays,
        rollups: Rollups,
        watched: WatchedDays,
        clock: Clock,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self._dirty = dirty
        self._rollups = rollups
        self._watched = watched
        self._clock = clock
        self._seconds = seconds
        self._today_not_before = 0.0
        self._running = asyncio.Lock()

    async def advance(self) -> Summary:
        """Roll up past days that are out of date, and today's too unless that has just cost much.

        While an episode is watched its day is made from all views of the day, and stays out of date.

        Raises:
            Unavailable: the database is away; what is not done stays out of date.
        """
        async with self._running:
            days, now = await self._dirty.days(_DAYS_A_RUN), self._clock.now()
            report, today = RollupReport(), now.date()
            await self._make([one for one in days if one.day < today], report)
            began = self._seconds()
            if began >= self._today_not_before:
                await self._make([one for one in days if one.day >= today], report, now - _WATCHED_WITHIN)
                ended = self._seconds()
                self._today_not_before = ended + _REST * (ended - began)
            return report.summary

    async def run(self) -> Summary:
        """Roll up all that is out of date.

        Raises:
            Unavailable: the database is away; what is not done stays out of date.
        """
        async with self._running:
            return (await self._make(await self._dirty.days(_DAYS_A_RUN), RollupReport())).summary

    async def remake(self) -> Summary:
        """Once a night: roll up what is out of date, and make all buckets of the last days anew.

        Raises:
            Unavailable: the database is away; the next night does it.
        """
        await self.run()
        async with self._running:
            days = await self._watched.since(self._clock.now().date() - _MADE_ANEW)
            return (await self._make(days, RollupReport())).summary

    async def _make(
        self, days: Sequence[EpisodeDay], report: RollupReport, silent_since: datetime | None = None
    ) -> RollupReport:
        for piece in pieces_of(days):
            for _ in range(_PASSES):
                if await self._make_piece(piece, report, silent_since):
                    break
            report.days += len(piece)
        return report

    async def _make_piece(
        self, piece: Sequence[EpisodeDay], report: RollupReport, silent_since: datetime | None
    ) -> bool:
        computed = await self._rollups.compute(piece, silent_since)
        await self._rollups.replace(computed, self._clock.now())
        await self._rollups.clear(computed)
        report.buckets += len(computed.buckets)
        report.views += computed.dirt.size
        return computed.dirt.is_all


def pieces_of(days: Sequence[EpisodeDay]) -> Iterator[Sequence[EpisodeDay]]:
    """The same days in order, so many at once that neither they nor their views are too many."""
    start = views = 0
    for at, one in enumerate(days):
        views += one.changed
        if at > start and (at - start >= _DAYS_AT_ONCE or views > _VIEWS_AT_ONCE):
            yield days[start:at]
            start, views = at, one.changed
    if start < len(days):
        yield days[start:]

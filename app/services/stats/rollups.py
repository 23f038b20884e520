"""Keeps buckets up to date: replaces those whose events have changed, and only those."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from app.clock import Clock
from app.models.jobs import Summary
from app.models.stats.periods import Granularity, Interval, Period, day_of
from app.models.stats.rollups import WEEK_AND_MONTH, RollupReport
from app.models.stats.tracks import Dirt
from app.services.stats.bucket_making import BucketMaker, periods_of
from app.services.stats.rebuilds import Reached, Rebuilder, nobody
from app.services.stats.rollup_ports import Days, Marks, Platform, Rollups

# What a run that is killed has to do again. A round takes some twenty seconds where the database is busy, so that marks
# become fewer even if the service is killed every minute.
_MARKS_A_ROUND = 5_000
# What it knows beforehand of what waits.
_MARKS_READ_AT_ONCE = 20_000

T = TypeVar("T")
MarksOf = Callable[[Sequence[str]], Awaitable[list[Dirt]]]


class Advancing(Protocol):
    """Work on ranges of days that goes on in the background."""

    async def advance(self) -> None:
        """See to it that somebody works on what is unfinished."""
        ...


class RollupService:
    """Marks are removed last, and only if nobody has put newer ones, so this may end at any line."""

    def __init__(
        self,
        days: Days,
        rollups: Rollups,
        platform: Platform,
        marks: Marks,
        maker: BucketMaker,
        rebuilder: Rebuilder,
        backfills: Advancing,
        clock: Clock,
    ) -> None:
        self._days = days
        self._rollups = rollups
        self._platform = platform
        self._marks = marks
        self._maker = maker
        self._rebuilder = rebuilder
        self._backfills = backfills
        self._clock = clock
        self._running = asyncio.Lock()

    async def advance(self) -> Summary:
        """Roll up what is marked, but where much happens, the present days of tracks take turns.

        They wait ten minutes at most. Past days, and those of which something was removed, never do.

        Raises:
            Unavailable: the database is away; what is not done stays marked.
        """
        return await self._all(lambda track_ids: self._days.due_marks(track_ids, self._clock.now()))

    async def run(self, *, exact: bool = False) -> Summary:
        """Roll up all that is marked; distinct sessions of busy days and of large periods are counted only if `exact`.

        Raises:
            Unavailable: the database is away; what is not done stays marked.
        """
        return await self._all(self._days.marks, exact=exact)

    async def _all(self, marks_of: MarksOf, *, exact: bool = False) -> Summary:
        """Also sees to it that unfinished backfills go on, in the background."""
        report = RollupReport()
        async with self._running:
            await self._backfills.advance()
            marked = await self._days.marked()
            for track_ids in groups(marked, lambda one: max(1, marked[one]), _MARKS_READ_AT_ONCE):
                for dirt in groups(await marks_of(track_ids), lambda one: len(one.days), _MARKS_A_ROUND):
                    await self._round(dirt, report, exact)
        return report.summary

    async def rebuild(self, interval: Interval, reached: Reached = nobody) -> Summary:
        """Make all buckets of the days that an interval touches anew; see `Rebuilder.rebuild`.

        Raises:
            Unavailable: the database is away.
        """
        return (await self._rebuilder.rebuild(interval, reached)).summary

    async def close(self) -> Summary:
        """Once a night: count the distinct sessions that were only estimated, and make the hours of past days.

        Raises:
            Unavailable: the database is away; the rest is done in the next night.
        """
        report = RollupReport()
        today = day_of(self._clock.now())
        for period, track_ids in await self._rollups.estimates(Granularity.DAY):
            if period.start < today:
                await self._maker.make_days({period.start: track_ids}, report)
        for granularity in (*WEEK_AND_MONTH, Granularity.YEAR):
            for period, track_ids in await self._rollups.estimates(granularity):
                await self._maker.make_periods({period: track_ids}, report, is_exact=True)
        for day in await self._platform.days_without_hours(before=today):
            await self._maker.make_hours(day, report)
        return report.summary

    async def _round(self, dirt: Sequence[Dirt], report: RollupReport, exact: bool) -> None:
        wanted = _by_day(dirt)
        seen = await self._maker.make_days(wanted, report, is_exact=exact)
        longer = periods_of(wanted)
        await self._maker.make_periods(longer, report, is_exact=exact)
        await self._maker.make_platform([*(Period(day, Granularity.DAY) for day in wanted), *longer], report)
        await self._marks.clear(_by_track(seen))
        report.marks += sum(len(one.days) for one in seen)


def groups(items: Iterable[T], size_of: Callable[[T], int], most: int) -> Iterator[list[T]]:
    """The same in this order, in groups of at most so much together; what is larger is a group of its own."""
    group: list[T] = []
    size = 0
    for item in items:
        size += size_of(item)
        if group and size > most:
            yield group
            group, size = [], size_of(item)
        group.append(item)
    if group:
        yield group


def _by_day(dirt: Sequence[Dirt]) -> dict[datetime, list[str]]:
    found: defaultdict[datetime, list[str]] = defaultdict(list)
    for one in dirt:
        for day in one.days:
            found[day].append(one.track_id)
    return found


def _by_track(dirt: Sequence[Dirt]) -> list[Dirt]:
    """One for each track; no day of a track is twice among them."""
    days: defaultdict[str, dict[datetime, object]] = defaultdict(dict)
    for one in dirt:
        days[one.track_id].update(one.days)
    return [Dirt(track_id, of_track) for track_id, of_track in days.items()]

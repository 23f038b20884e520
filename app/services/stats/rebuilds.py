"""Makes the buckets of a range of days anew, whether they are marked or not."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from app.models.stats.periods import Granularity, Interval, Period
from app.models.stats.rollups import DAY, RollupReport, longer_periods, whole_days
from app.services.stats.bucket_making import BucketMaker
from app.services.stats.rollup_ports import Coverage, Days, Periods

Reached = Callable[[datetime], Awaitable[None]]
"""Hears that everything at or after this day is done."""


async def nobody(_done_from: datetime) -> None:
    """Does not care how far it has come."""


class Rebuilder:
    """Goes from the last day to the first, so that what is looked at most is done first."""

    def __init__(self, days: Days, periods: Periods, coverage: Coverage, maker: BucketMaker) -> None:
        self._days = days
        self._periods = periods
        self._coverage = coverage
        self._maker = maker

    async def rebuild(self, interval: Interval, reached: Reached = nobody) -> RollupReport:
        """All tracks that have events or buckets in the days that the interval touches, and exactly.

        Whoever was told a day may stop there and later go on with what lies before it.

        Raises:
            Unavailable: the database is away.
        """
        report = RollupReport()
        days = whole_days(interval)
        day = await self._coverage.last_day(days)
        while day is not None:
            earlier = await self._coverage.last_day(Interval(days.start, day)) if day > days.start else None
            await self._day(day, report)
            finished = [one for one in longer_periods(day) if earlier is None or one.start > earlier]
            await self._longer(finished, report)
            await reached(days.start if earlier is None else earlier + DAY)
            day = earlier
        await reached(days.start)
        return report

    async def _day(self, day: datetime, report: RollupReport) -> None:
        await self._maker.make_days({day: await self._days.tracks_on(day)}, report)
        await self._maker.make_platform([Period(day, Granularity.DAY)], report)

    async def _longer(self, periods: list[Period], report: RollupReport) -> None:
        for period in periods:
            wanted = {period: await self._periods.tracks_in(period)}
            await self._maker.make_periods(wanted, report, is_exact=True)
        await self._maker.make_platform(periods, report)

"""Answers what was used, how often, and of which kinds."""

from datetime import datetime, timedelta
from typing import Protocol

from app.clock import Clock
from app.errors import FieldError, Invalid
from app.models.licensing.usage import Period
from app.models.licensing.usage_analytics import GroupBy, UsageAnalytics

TOP_TRACKS = 10

_DEFAULT = timedelta(days=30)


class UsageSums(Protocol):
    """Adds up recorded uses."""

    async def add_up(self, stretch: Period, by: GroupBy, top: int) -> UsageAnalytics:
        """All of it, of one moment; both ends of the stretch belong to it."""
        ...


class UsageAnalyticsService:
    """Reads recorded uses."""

    def __init__(self, sums: UsageSums, clock: Clock) -> None:
        self._sums = sums
        self._clock = clock

    async def analyse(self, start: Period | None, end: Period | None, by: GroupBy) -> UsageAnalytics:
        """What was used from the beginning of `start` to the end of `end`, both included.

        Without `end` up to now, without `start` the 30 days before the end. Nothing was used in the future.

        Raises:
            Invalid: both are given, and it ends before it begins.
            Unavailable: the database is away.
        """
        return await self._sums.add_up(_stretch(start, end, self._clock.now()), by, TOP_TRACKS)


def _stretch(start: Period | None, end: Period | None, now: datetime) -> Period:
    if start is not None and end is not None and end.last < start.first:
        raise Invalid("The request is not valid", [FieldError("endDate", "must not be before startDate")])
    last = end.last if end is not None else now
    first = start.first if start is not None else _before(last)
    return Period(first, max(first, last))


def _before(last: datetime) -> datetime:
    try:
        return last - _DEFAULT
    except OverflowError:
        return last

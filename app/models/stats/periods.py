"""Stretches of time: periods of the calendar (UTC, ISO weeks), and half-open intervals."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Granularity(StrEnum):
    """How long a period is."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"

    def start_of(self, moment: datetime) -> datetime:
        """The start of the period that the moment lies in; weeks begin on Monday."""
        if self is Granularity.HOUR:
            return moment.replace(minute=0, second=0, microsecond=0)
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        if self is Granularity.WEEK:
            return day - timedelta(days=day.weekday())
        if self is Granularity.MONTH:
            return day.replace(day=1)
        if self is Granularity.YEAR:
            return day.replace(month=1, day=1)
        return day

    def after(self, start: datetime) -> datetime:
        """The start of the next period."""
        if self is Granularity.MONTH:
            return (start + timedelta(days=32)).replace(day=1)
        if self is Granularity.YEAR:
            return start.replace(year=start.year + 1)
        return start + _LENGTHS[self]


_LENGTHS = {
    Granularity.HOUR: timedelta(hours=1),
    Granularity.DAY: timedelta(days=1),
    Granularity.WEEK: timedelta(days=7),
}


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """From `start` up to, and without, `end`; aware, UTC."""

    start: datetime
    end: datetime

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies in it."""
        return self.start >= self.end


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One bucket of the calendar."""

    start: datetime
    granularity: Granularity

    @property
    def end(self) -> datetime:
        """Where the next one begins."""
        return self.granularity.after(self.start)

    @property
    def interval(self) -> Interval:
        """The stretch of time that it covers."""
        return Interval(self.start, self.end)


def day_of(moment: datetime) -> datetime:
    """Midnight (UTC) of the day that the moment lies in."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


class TimeRange(StrEnum):
    """How far back an answer looks from now."""

    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"
    YEAR = "1y"
    ALL = "all"

    @property
    def length(self) -> timedelta | None:
        """How long it is; `None` for everything."""
        days = {"24h": 1, "7d": 7, "30d": 30, "90d": 90, "1y": 365}.get(self.value)
        return None if days is None else timedelta(days=days)

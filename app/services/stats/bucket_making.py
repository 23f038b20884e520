"""Makes buckets anew and puts them in the place of older ones, in pieces that fit into memory."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from app.clock import Clock
from app.models.stats.periods import Granularity, Period
from app.models.stats.rollups import RollupReport, TrackDays, longer_periods
from app.models.stats.tracks import Dirt
from app.repositories.stats_periods import RECOUNTED_AT_ONCE
from app.services.stats.rollup_ports import Days, Periods, Platform, Rollups

# A bucket and its sketches have a few kilobytes, those of a popular track some tens.
_DAYS_AT_ONCE = 250
_TRACKS_AT_ONCE = 200


class BucketMaker:
    """Everything here may be done twice, by two processes at once, or be cut off: a later moment always wins."""

    def __init__(self, days: Days, periods: Periods, platform: Platform, rollups: Rollups, clock: Clock) -> None:
        self._days = days
        self._periods = periods
        self._platform = platform
        self._rollups = rollups
        self._clock = clock

    async def make_days(self, wanted: TrackDays, report: RollupReport, *, is_exact: bool = True) -> list[Dirt]:
        """Days of tracks; returns the marks that these buckets have taken in.

        Unless they are to be exact, busy days are only brought up to date, with an estimate of their listeners.

        Raises:
            Unavailable: the database is away.
        """
        seen: list[Dirt] = []
        for piece in pieces(wanted, _DAYS_AT_ONCE):
            computed = await self._days.compute(piece, is_exact=is_exact)
            await self._rollups.replace(computed, self._clock.now())
            seen += computed.dirt
            report.days += len(computed.buckets)
        return seen

    async def make_periods(
        self, wanted: Mapping[Period, Iterable[str]], report: RollupReport, *, is_exact: bool
    ) -> None:
        """Weeks and months of tracks, and then years, which are made of months.

        Unless they are to be exact, few plays of all together are recounted; other distinct sessions are an estimate.

        Raises:
            Unavailable: the database is away.
        """
        tasks = [(period, piece) for period in _years_last(wanted) for piece in _at_once(wanted[period])]
        left = RECOUNTED_AT_ONCE
        for number, (period, piece) in enumerate(tasks):
            share = None if is_exact else left // (len(tasks) - number)
            computed = await self._periods.compute(period, piece, recounted=share)
            await self._rollups.replace(computed, self._clock.now())
            left -= computed.recounted
            report.periods += len(computed.buckets)

    async def make_platform(self, periods: Iterable[Period], report: RollupReport) -> None:
        """Everything together: days, then weeks and months, then years.

        Raises:
            Unavailable: the database is away.
        """
        wanted = set(periods)
        days = sorted(one for one in wanted if one.granularity is Granularity.DAY)
        for period in [*days, *_years_last(wanted.difference(days))]:
            await self._platform.replace(await self._platform.compute(period), self._clock.now())
            report.platform += 1

    async def make_hours(self, day: datetime, report: RollupReport) -> None:
        """The hours of a day, of everything together.

        Raises:
            Unavailable: the database is away.
        """
        computed = await self._platform.compute_hours(day)
        await self._platform.replace_hours(day, computed, self._clock.now())
        report.platform += len(computed.buckets)


def periods_of(wanted: TrackDays) -> dict[Period, set[str]]:
    """The weeks, months and years that these days of tracks lie in."""
    found: defaultdict[Period, set[str]] = defaultdict(set)
    for day, ids in wanted.items():
        for period in longer_periods(day):
            found[period].update(ids)
    return found


def pieces(wanted: TrackDays, size: int) -> Iterator[dict[datetime, Sequence[str]]]:
    """The same, day after day, in pieces of at most `size` tracks and days."""
    piece: dict[datetime, Sequence[str]] = {}
    room = size
    for day in sorted(wanted):
        ids = list(wanted[day])
        while ids:
            piece[day], ids = ids[:room], ids[room:]
            room -= len(piece[day])
            if not room:
                yield piece
                piece, room = {}, size
    if piece:
        yield piece


def _at_once(track_ids: Iterable[str]) -> Iterator[Sequence[str]]:
    ids = sorted(track_ids)
    return (ids[at : at + _TRACKS_AT_ONCE] for at in range(0, len(ids), _TRACKS_AT_ONCE))


def _years_last(periods: Iterable[Period]) -> list[Period]:
    return sorted(periods, key=lambda one: (one.granularity is Granularity.YEAR, one.granularity, one.start))

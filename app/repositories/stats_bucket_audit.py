"""Stored buckets against a recount of what they are made from."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from math import isclose

from app.models.stats.buckets import Bucket, Split
from app.models.stats.drift import BucketDrift, Compared
from app.models.stats.listeners import Listeners
from app.models.stats.periods import Granularity, Period
from app.models.stats.tallies import BREAKDOWNS, Tally
from app.repositories.mongo import Mongo, Session
from app.repositories.stats_days import StatsDayRepository
from app.repositories.stats_dirt import StatsDirtRepository
from app.repositories.stats_periods import StatsPeriodRepository
from app.repositories.stats_platform import StatsPlatformRepository
from app.repositories.stats_rollup_documents import BREAKDOWN_FIELDS, SUM_FIELDS
from app.repositories.stats_rollups import StatsRollupRepository

# Sums of fractions depend on their order in the last digits.
_TOLERANCE = 1e-9


class StatsBucketAuditRepository:
    """Compares buckets, all of one moment; what is marked is known to be out of date and left out."""

    def __init__(
        self,
        mongo: Mongo,
        days: StatsDayRepository,
        periods: StatsPeriodRepository,
        platform: StatsPlatformRepository,
        rollups: StatsRollupRepository,
        dirt: StatsDirtRepository,
    ) -> None:
        self._mongo = mongo
        self._days = days
        self._periods = periods
        self._platform = platform
        self._rollups = rollups
        self._dirt = dirt

    async def compare(self, period: Period, track_ids: list[str]) -> Compared:
        """The buckets of these tracks: of a day with its events, of a longer period with what it is made from.

        Raises:
            Unavailable: the database is away.
        """

        def read(session: Session) -> Compared:
            marked = self._marked(session, period, track_ids)
            ids = [one for one in track_ids if one not in marked]
            counted = self._counted(session, period, ids)
            stored = self._rollups.read(session, period.granularity, period.interval, ids, with_hours=True)
            by_track = {one.track_id: one for one in stored}
            pairs = ((by_track.get(one.track_id) or nothing(one.track_id, one.period), one) for one in counted)
            return Compared(len(counted), tuple(found for pair in pairs for found in differences(*pair)))

        with self._mongo.patiently():
            return await self._mongo.snapshot(read)

    async def compare_platform(self, period: Period) -> Compared:
        """The bucket of everything with what it is made from.

        Raises:
            Unavailable: the database is away.
        """

        def read(session: Session) -> Compared:
            if self._marked(session, period, None):
                return Compared(0, ())
            counted = self._platform.bucket(session, period)
            stored = self._platform.stored(session, period) or nothing(counted.track_id, period)
            return Compared(1, tuple(differences(stored, counted, is_of_everything=True)))

        with self._mongo.patiently():
            return await self._mongo.snapshot(read)

    def _counted(self, session: Session, period: Period, track_ids: list[str]) -> list[Bucket]:
        if period.granularity is Granularity.DAY:
            return self._days.buckets(session, {period.start: track_ids})
        return self._periods.buckets(session, period, track_ids)

    def _marked(self, session: Session, period: Period, track_ids: list[str] | None) -> set[str]:
        dirt = self._dirt.read(session, track_ids)
        return {one.track_id for one in dirt if any(period.start <= day < period.end for day in one.days)}

    async def mark(self, places: Iterable[tuple[str, datetime]]) -> None:
        """Mark days of tracks as out of date.

        Raises:
            TransientFailure: run it again.
        """
        days: dict[str, list[datetime]] = {}
        for track_id, day in places:
            days.setdefault(track_id, []).append(day)
        await self._mongo.transaction(lambda session: self._dirt.put(session, days))


def nothing(track_id: str, period: Period) -> Bucket:
    """What a bucket that is not there holds."""
    return Bucket(track_id, period, Split(), 0, is_estimate=False, listeners=Listeners(), bot_listeners=Listeners())


def differences(stored: Bucket, counted: Bucket, *, is_of_everything: bool = False) -> Iterator[BucketDrift]:
    """Every number of the bucket that is not what was counted."""
    for name, is_value, should in _numbers(stored, counted):
        if not isclose(is_value, should, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE):
            yield BucketDrift(counted.track_id, counted.period, is_of_everything, name, is_value, should)


def _numbers(stored: Bucket, counted: Bucket) -> Iterator[tuple[str, float, float]]:
    """Pairs of numbers that must be equal; hours where both have them, as what is busy may be judged otherwise now."""
    if not (stored.is_estimate or counted.is_estimate):
        yield "uniquePlays", stored.unique_plays, counted.unique_plays
    yield from _of_split(stored.split, counted.split)
    if stored.hours is not None and counted.hours is not None:
        for hour in stored.hours.keys() | counted.hours:
            one, other = stored.hours.get(hour, Split()), counted.hours.get(hour, Split())
            yield from ((f"hours.{hour}.{name}", is_value, should) for name, is_value, should in _of_split(one, other))


def _of_split(stored: Split, counted: Split) -> Iterator[tuple[str, float, float]]:
    for part in ("counted", "bots", "own"):
        prefix = "" if part == "counted" else f"{part}."
        pairs = _of_tally(getattr(stored, part), getattr(counted, part))
        yield from ((prefix + name, is_value, should) for name, is_value, should in pairs)


def _of_tally(stored: Tally, counted: Tally) -> Iterator[tuple[str, float, float]]:
    for name, field in SUM_FIELDS.items():
        yield field, getattr(stored, name), getattr(counted, name)
    for name in BREAKDOWNS:
        one, other = getattr(stored, name), getattr(counted, name)
        for key in one.keys() | other.keys():
            yield f"{BREAKDOWN_FIELDS[name]}.{key}", one.get(key, 0), other.get(key, 0)

"""The collection `platform_stats`: what the events of all tracks together add up to."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from app.models.stats.buckets import Bucket, Split
from app.models.stats.periods import Granularity, Interval, Period
from app.models.stats.rollups import DAY, Computed
from app.repositories.mongo import Document, Mongo, Session, driver_errors, snapshot_time
from app.repositories.stats_bucket_sums import BucketSum
from app.repositories.stats_days import Sessions
from app.repositories.stats_periods import PARTS
from app.repositories.stats_rollup_documents import bucket_fields, to_bucket
from app.repositories.stats_rollups import StatsRollupRepository, replacement, write_all
from app.repositories.stats_tallies import By, Slice, StatsTallyRepository

EVERYTHING = ""
"""The `track_id` of these buckets."""

_HOURS = 24
_BY_HOUR = By(granularity=Granularity.HOUR)
_KEPT: Document = {"hoursAsOf": "$hoursAsOf"}


class StatsPlatformRepository:
    """Makes and replaces buckets of everything."""

    def __init__(self, mongo: Mongo, tallies: StatsTallyRepository, rollups: StatsRollupRepository) -> None:
        self._mongo = mongo
        self._stats = mongo.in_thread["platform_stats"]
        self._tallies = tallies
        self._rollups = rollups

    async def compute(self, period: Period) -> Computed:
        """A day is the sum of its tracks' buckets; a week or month that of its days, a year that of its months.

        Raises:
            Unavailable: the database is away.
        """

        def read(session: Session) -> Computed:
            return Computed([self.bucket(session, period)], snapshot_time(session))

        with self._mongo.patiently():
            return await self._mongo.snapshot(read)

    def bucket(self, session: Session, period: Period) -> Bucket:
        """As `compute`, in the thread of a snapshot."""
        total = BucketSum(EVERYTHING, period)
        for part in self._parts(session, period):
            total.add(part)
        return total.bucket()

    def stored(self, session: Session, period: Period) -> Bucket | None:
        """The bucket as it is kept; for the thread of a snapshot."""
        found = self._stats.find_one(_key(period), session=session)
        return to_bucket(found, period) if found else None

    def _parts(self, session: Session, period: Period) -> Iterator[Bucket]:
        if period.granularity is Granularity.DAY:
            yield from self._rollups.read(session, Granularity.DAY, period.interval)
            return
        granularity = PARTS[period.granularity]
        which = {"granularity": granularity.value, "start": {"$gte": period.start, "$lt": period.end}}
        for stored in self._stats.find(which, session=session):
            yield to_bucket(stored, Period(stored["start"], granularity))

    async def compute_hours(self, day: datetime) -> Computed:
        """The hours of a day, from raw events; none when some have left the database.

        Raises:
            Unavailable: the database is away.
        """

        def read(session: Session) -> Computed:
            archived = {"date": day, "archived": {"$exists": True}}
            if self._mongo.in_thread["daily_stats"].find_one(archived, {"_id": 1}, session=session):
                return Computed([], snapshot_time(session))
            return Computed(self._hours(session, day), snapshot_time(session))

        with self._mongo.patiently():
            return await self._mongo.snapshot(read)

    def _hours(self, session: Session, day: datetime) -> list[Bucket]:
        slices = [Slice(Interval(day, day + DAY))]
        splits = {key.start: split for key, split in self._tallies.tallies(session, slices, _BY_HOUR).items()}
        heard: defaultdict[datetime | None, Sessions] = defaultdict(Sessions)
        for key, verdict, name in self._tallies.sessions(session, slices, _BY_HOUR):
            heard[key.start].add(verdict, name)
        starts = [day + DAY / _HOURS * number for number in range(_HOURS)]
        return [_hour(start, splits.get(start) or Split(), heard[start]) for start in starts]

    async def replace(self, computed: Computed, at: datetime) -> None:
        """Put these buckets in the place of those that are there, except of newer ones.

        Raises:
            Unavailable: the database is away; some may have been replaced.
        """
        updates = [
            replacement(_key(one.period), bucket_fields(one), computed.as_of, at, _KEPT) for one in computed.buckets
        ]
        if updates:
            with driver_errors(), self._mongo.patiently():
                await asyncio.to_thread(write_all, self._stats, updates)

    async def replace_hours(self, day: datetime, computed: Computed, at: datetime) -> None:
        """As `replace`; the day then knows of which moment its hours are.

        Raises:
            Unavailable: the database is away; the hours are made again.
        """
        if not computed.buckets:
            return
        await self.replace(computed, at)
        with driver_errors():
            await self._mongo.db["platform_stats"].update_one(
                _key(Period(day, Granularity.DAY)), {"$max": {"hoursAsOf": computed.as_of}}
            )

    async def days_without_hours(self, before: datetime) -> list[datetime]:
        """Days with events, of which hours are missing or were made before the day.

        Raises:
            Unavailable: the database is away.
        """
        days = {"granularity": Granularity.DAY.value, "start": {"$lt": before}}
        outdated = {"$lt": [{"$ifNull": ["$hoursAsOf", None]}, "$asOf"]}
        with driver_errors(), self._mongo.patiently():
            found = self._mongo.db["platform_stats"].find(days | {"$expr": outdated}, {"start": 1}).sort("start", 1)
            return [row["start"] async for row in found]


def _key(period: Period) -> Document:
    return {"granularity": period.granularity.value, "start": period.start}


def _hour(start: datetime, split: Split, sessions: Sessions) -> Bucket:
    return Bucket(
        track_id=EVERYTHING,
        period=Period(start, Granularity.HOUR),
        split=split,
        unique_plays=sessions.count,
        is_estimate=False,
        listeners=sessions.listeners,
        bot_listeners=sessions.bots,
    )

"""Buckets of weeks and months, made from days, and of years, made from months."""

from collections.abc import Mapping, Sequence

from app.models.stats.buckets import Bucket
from app.models.stats.events import ExclusionKind
from app.models.stats.periods import Granularity, Period
from app.models.stats.rollups import Computed
from app.repositories.mongo import Document, Mongo, Session, driver_errors, snapshot_time
from app.repositories.stats_bucket_sums import BucketSum
from app.repositories.stats_day_splits import raw_keys
from app.repositories.stats_rollups import StatsRollupRepository

PARTS: Mapping[Granularity, Granularity] = {
    Granularity.WEEK: Granularity.DAY,
    Granularity.MONTH: Granularity.DAY,
    Granularity.YEAR: Granularity.MONTH,
}
"""What the buckets of a period are added up from."""

RECOUNTED_UP_TO = 5_000
"""So many plays of a bucket are recounted for its distinct sessions, whatever else is asked for."""

# A run every half minute must not read the year's rows of a thousand tracks each time. What it leaves an estimate is
# recounted every night.
_RECOUNTED_AT_ONCE = 20_000


class StatsPeriodRepository:
    """Adds up what is stored; only distinct sessions are counted in raw events."""

    def __init__(self, mongo: Mongo, rollups: StatsRollupRepository) -> None:
        self._mongo = mongo
        self._rollups = rollups

    async def compute(self, period: Period, track_ids: Sequence[str], *, is_exact: bool = False) -> Computed:
        """The buckets of these tracks in this period; uniques of large ones are counted only if it is to be exact.

        Raises:
            Unavailable: the database is away.
        """

        def read(session: Session) -> Computed:
            return Computed(self.buckets(session, period, track_ids, is_exact=is_exact), snapshot_time(session))

        with self._mongo.patiently():
            return await self._mongo.snapshot(read)

    def buckets(
        self, session: Session, period: Period, track_ids: Sequence[str], *, is_exact: bool = False
    ) -> list[Bucket]:
        """As `compute`, in the thread of a snapshot."""
        sums = self._sums(session, period, track_ids)
        wanted = [one for one in sums if sums[one].needs_uniques and sums[one].can_be_recounted]
        uniques = self._uniques(session, period, wanted if is_exact else _few_plays(sums, wanted))
        return [sums[one].bucket(uniques.get(one)) for one in sums]

    async def tracks_in(self, period: Period) -> list[str]:
        """The tracks that have a bucket of the period, or something to make it from.

        Raises:
            Unavailable: the database is away.
        """
        granularities = (period.granularity, PARTS[period.granularity])

        def read(session: Session) -> set[str]:
            return set().union(*(self._rollups.tracks_in(session, one, period.interval) for one in granularities))

        with driver_errors(), self._mongo.patiently():
            return sorted(await self._mongo.snapshot(read))

    def _sums(self, session: Session, period: Period, track_ids: Sequence[str]) -> dict[str, BucketSum]:
        sums = {one: BucketSum(one, period) for one in track_ids}
        for part in self._rollups.read(session, PARTS[period.granularity], period.interval, track_ids):
            sums[part.track_id].add(part)
        return sums

    def _uniques(self, session: Session, period: Period, track_ids: Sequence[str]) -> dict[str, int]:
        """Distinct sessions of counted plays, by track."""
        if not track_ids:
            return {}
        which: Document = {"trackId": {"$in": list(raw_keys(track_ids))}, "timestamp": _within(period)}
        which["excluded.kind"] = {"$nin": [kind.value for kind in ExclusionKind]}
        pipeline: list[Document] = [
            {"$match": which},
            {"$group": {"_id": {"t": _text("$trackId"), "s": _text("$sessionId")}}},
            {"$group": {"_id": "$_id.t", "n": {"$sum": 1}}},
        ]
        plays = self._mongo.in_thread["play_events"].aggregate(pipeline, session=session, allowDiskUse=True)
        return dict.fromkeys(track_ids, 0) | {row["_id"]: row["n"] for row in plays}


def _few_plays(sums: Mapping[str, BucketSum], wanted: Sequence[str]) -> list[str]:
    """As many of the smaller ones as can be recounted at once."""
    left = _RECOUNTED_AT_ONCE
    found: list[str] = []
    for one in sorted(wanted, key=lambda track_id: sums[track_id].plays):
        left -= sums[one].plays
        if left < 0 or sums[one].plays > RECOUNTED_UP_TO:
            break
        found.append(one)
    return found


def _within(period: Period) -> Document:
    return {"$gte": period.start, "$lt": period.end}


def _text(field: str) -> Document:
    return {"$convert": {"input": field, "to": "string", "onError": "", "onNull": ""}}

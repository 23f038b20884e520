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

RECOUNTED_AT_ONCE = 20_000
"""So many plays are recounted together, unless all are wanted: a run every half minute must not read the year's rows of
a thousand tracks each time. What it leaves an estimate is recounted every night."""


class StatsPeriodRepository:
    """Adds up what is stored; only distinct sessions are counted in raw events."""

    def __init__(self, mongo: Mongo, rollups: StatsRollupRepository) -> None:
        self._mongo = mongo
        self._rollups = rollups

    async def compute(
        self, period: Period, track_ids: Sequence[str], *, recounted: int | None = RECOUNTED_AT_ONCE
    ) -> Computed:
        """The buckets of these tracks in this period; for distinct sessions so many plays may be read, or all (`None`).

        Raises:
            Unavailable: the database is away.
        """

        with self._mongo.patiently():
            return await self._mongo.snapshot(lambda session: self._computed(session, period, track_ids, recounted))

    def buckets(self, session: Session, period: Period, track_ids: Sequence[str]) -> list[Bucket]:
        """As `compute`, in the thread of a snapshot."""
        return self._computed(session, period, track_ids, RECOUNTED_AT_ONCE).buckets

    def _computed(self, session: Session, period: Period, track_ids: Sequence[str], most: int | None) -> Computed:
        sums = self._sums(session, period, track_ids)
        recounted = _recounted(sums, most)
        uniques = self._uniques(session, period, recounted)
        buckets = [sums[one].bucket(uniques.get(one)) for one in sums]
        return Computed(buckets, snapshot_time(session), recounted=sum(sums[one].plays for one in recounted))

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


def _recounted(sums: Mapping[str, BucketSum], most: int | None) -> list[str]:
    """Whose distinct sessions are recounted: all that need it, or as many of the smaller ones as can be at once."""
    wanted = [one for one in sums if sums[one].needs_uniques and sums[one].can_be_recounted]
    if most is None:
        return wanted
    found: list[str] = []
    for one in sorted(wanted, key=lambda track_id: sums[track_id].plays):
        most -= sums[one].plays
        if most < 0 or sums[one].plays > RECOUNTED_UP_TO:
            break
        found.append(one)
    return found


def _within(period: Period) -> Document:
    return {"$gte": period.start, "$lt": period.end}


def _text(field: str) -> Document:
    return {"$convert": {"input": field, "to": "string", "onError": "", "onNull": ""}}
